import re
import time

import httpx2
from stub_watch import HOSTILE, Watch, alert, text_of


def spell(name: str, ago: float, points: int, severity: str = "warning", **labels: str) -> dict[str, object]:
    """An alert that fired `ago` seconds before now, for as many steps of 15 s."""
    first = time.time() - ago
    metric = {"__name__": "ALERTS", "alertname": name, "alertstate": "firing", "severity": severity, **labels}
    return {"metric": metric, "values": [[first + 15 * step, "1"] for step in range(points)]}


async def test_nothing_fires(client: httpx2.AsyncClient) -> None:
    text = text_of((await client.get("/alerts")).text)
    assert "No alert fires." in text
    assert "No alert fired from" in text


async def test_alert_that_fires_is_told_with_its_runbook(client: httpx2.AsyncClient, watch: Watch) -> None:
    told = alert("ServiceDown", "critical", 185, service="streamlit", instance="127.0.0.1:8501")
    told["annotations"]["runbook"] = "docs/runbooks/service/ServiceDown.md"
    told["annotations"]["first_step"] = "Run status"
    watch.alerts.append(told)
    html = (await client.get("/alerts")).text
    text = text_of(html)
    for part in ("ServiceDown", "critical", "3 min", "streamlit has ServiceDown", "What is the case.", "Run status"):
        assert part in text
    assert 'href="/runbooks/service/ServiceDown"' in html
    assert "instance=127.0.0.1:8501" in html


async def test_silenced_and_inhibited_are_told_apart(client: httpx2.AsyncClient, watch: Watch) -> None:
    silenced, inhibited = alert("A", "warning", 10), alert("B", "warning", 20)
    silenced["status"]["silencedBy"] = ["id"]
    inhibited["status"]["inhibitedBy"] = ["id"]
    watch.alerts += [silenced, inhibited]
    text = text_of((await client.get("/alerts")).text)
    assert re.search(r"A silenced: nobody is told .* B held back by a worse alert", text)


async def test_worst_and_newest_comes_first(client: httpx2.AsyncClient, watch: Watch) -> None:
    watch.alerts += [alert("Old", "warning", 900), alert("New", "warning", 9), alert("Bad", "critical", 9000)]
    text = text_of((await client.get("/alerts")).text)
    assert text.index(" Bad ") < text.index(" New ") < text.index(" Old ")


async def test_filters(client: httpx2.AsyncClient, watch: Watch) -> None:
    watch.alerts += [alert("One", "warning", service="django"), alert("Two", "critical", service="fastapi")]
    for query in ("severity=warning", "service=django", "alert=One"):
        text = text_of((await client.get(f"/alerts?{query}")).text)
        assert "django has One" in text
        assert "has Two" not in text
    assert "No alert fires that fits the filters." in text_of((await client.get("/alerts?alert=Three")).text)
    assert "It has Watchdog" in text_of((await client.get("/alerts?severity=none")).text)


async def test_past_alert_says_when_and_for_how_long(client: httpx2.AsyncClient, watch: Watch) -> None:
    twice = spell("DjangoSlow", 20_000, 80, service="django")
    twice["values"] += spell("", 9000, 1)["values"]  # type: ignore[operator]
    watch.fired = [twice, spell("ServiceDown", 180, 13, "critical")]
    html = (await client.get("/alerts")).text
    text = text_of(html)
    assert re.search(r"UTC 3 min[ \ds]*, still firing critical ServiceDown", text)
    assert re.search(r"UTC under 15 s warning DjangoSlow : runbook django", text)
    assert re.search(r"UTC 19 min 45 s warning DjangoSlow", text)
    assert html.count('href="/runbooks/django/DjangoSlow"') == 2


async def test_range_is_what_was_asked(client: httpx2.AsyncClient, watch: Watch) -> None:
    html = (await client.get("/alerts?from=now-7d&to=now&service=django")).text
    [asked] = watch.asked
    assert float(asked["end"]) - float(asked["start"]) == 604_800
    assert 604_800 / float(asked["step"]) <= 11_000
    assert 'href="/alerts?service=django&amp;from=now-1h&amp;to=now"' in html
    assert "“x” is no time" in (await client.get("/alerts?from=x")).text


async def test_hostile_labels_stay_text(client: httpx2.AsyncClient, watch: Watch) -> None:
    told = alert(HOSTILE, "critical", service=HOSTILE, more=HOSTILE)
    told["annotations"] = {"summary": HOSTILE, "description": HOSTILE, "runbook_url": "javascript:alert(1)"}
    watch.alerts.append(told)
    watch.fired = [spell(HOSTILE, 60, 2, HOSTILE, service=HOSTILE)]
    for path in ("/alerts", "/"):
        html = (await client.get(path)).text
        assert "<script>alert" not in html
        assert "<img" not in html
        assert 'href="javascript' not in html
