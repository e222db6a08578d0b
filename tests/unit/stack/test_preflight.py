import errno
import shutil
import socket
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import psutil
import pytest
from programs import SUITES, programs

from ai_monitoring.stack import preflight, runtime, thresholds
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.part import Part
from ai_monitoring.stack.settings import Settings, load

MakeProgram = Callable[[Path, str], Path]

# What the checkers of Debian 12 said of files broken on purpose; {file} is the path that they were given.
PROMTOOL_OK = """\
echo "Checking $3"; echo "  SUCCESS: 1 rule files found"; echo " SUCCESS: $3 is valid prometheus config file syntax"
"""
TARGETS_ARE_FINE = 'case "$3" in */staged/targets.yml) exit 0 ;; esac\n'
PROMTOOL_FIELD = f"""{TARGETS_ARE_FINE}
echo "Checking $3"; echo
echo "  FAILED: parsing YAML file $3: yaml: unmarshal errors:" >&2
echo "  line 9: field scrape_intervall not found in type config.plain" >&2; exit 1"""
PROMTOOL_RULE = f"""{TARGETS_ARE_FINE}
folder=$(dirname "$3")
echo "Checking $3"; echo "  SUCCESS: 9 rule files found"
echo " SUCCESS: $3 is valid prometheus config file syntax"; echo
for name in a b c d e f g h service; do
  echo "Checking $folder/rules/$name.yml"; [ $name = service ] || echo "  SUCCESS: 2 rules found"; echo
done
echo "  FAILED:" >&2
complaint='10:15: group "service", rule 1, "service:up": could not parse expression: 1:16: parse error: unclosed left'
echo "     $folder/rules/service.yml: $complaint parenthesis" >&2
echo "     $folder/rules/service.yml: $complaint parenthesis" >&2; exit 1"""
PROMTOOL_TARGETS = """\
case "$3" in *targets.yml)
  if grep -q broken.yml "$3"; then
    echo "Checking $3"; echo; echo '  FAILED: instance 0 in group : "http://a:1" is not a valid hostname' >&2; exit 1
  fi
esac"""
AMTOOL_FAILED = """\
echo "Checking '$2'  FAILED: undefined receiver \\"incident\\" used in route"; echo
echo "amtool: error: failed to validate 1 file(s)" >&2; echo >&2; exit 1"""
AMTOOL_RENDER_FAILED = r"""
[ "$1" = check-config ] && exit 0
problem='executing "x" at <.Nosuch>: can'"'"'t evaluate field Nosuch'
echo "amtool: error: template: slack.tmpl:3:3: $problem" >&2; echo >&2; exit 1"""
BLACKBOX_FAILED = r"""
echo 'ts=2026-11-20T18:12:28.321Z caller=main.go:78 level=info msg="Starting blackbox_exporter" version="(0.23.0)"' >&2
echo 'ts=2026-11-20T18:12:28.321Z caller=main.go:79 level=info build_context="(go=go1.19.8, platform=linux/amd64)"' >&2
printf '%s\n' 'ts=2026-11-20T18:12:28.321Z caller=main.go:82 level=error msg="Error loading config" '\
'err="error parsing config file: yaml: unmarshal errors:\n  line 8: field timeoot not found in type config.plain"' >&2
exit 1"""
BLACKBOX_OK = """echo 'level=info msg="Config file is ok exiting..."' >&2"""


@pytest.fixture
def checked(project: Path, make_program: MakeProgram, tmp_path: Path) -> Callable[..., None]:
    """Checks the project's files with programs that behave so."""
    settings = load(project, {})

    def check(**scripts: str) -> None:
        fine = {"promtool": PROMTOOL_OK, "amtool": "", "blackbox": BLACKBOX_OK}
        found = {name: make_program(tmp_path / "bin" / name, script) for name, script in (fine | scripts).items()}
        preflight.check_files(settings, found, runtime.stage(settings))

    return check


@pytest.fixture
def listener() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def part(port: int) -> Part:
    return Part(name="prometheus", title="Prometheus", command=(), port=port)


def test_port_in_use_names_the_program_and_the_setting(listener: int) -> None:
    with pytest.raises(StackError) as caught:
        preflight.check_ports([part(listener)])
    me = psutil.Process()
    assert caught.value.problem == (
        f"Port {listener}, which Prometheus needs, is in use by {me.name()} (process {me.pid})."
    )
    assert caught.value.remedy == "Stop what holds it, or set another port in .env: PROMETHEUS_PORT."


def test_all_ports_in_use_are_told_at_once(listener: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(StackError) as caught:
        preflight.check_ports([part(listener), part(other.getsockname()[1])])
    assert len(caught.value.problem.splitlines()) == 2


def test_port_in_use_on_all_addresses_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("0.0.0.0", 0)) as server, pytest.raises(StackError, match="is in use"):  # noqa: S104
        preflight.check_ports([part(server.getsockname()[1])])


def test_port_held_by_another_user(listener: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "net_connections", lambda kind: [])
    with pytest.raises(StackError, match=r"is in use by another user's program\. Stop"):
        preflight.check_ports([part(listener)])


def test_port_whose_holder_the_system_hides(listener: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(kind: str) -> None:
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil, "net_connections", denied)
    with pytest.raises(StackError, match=r"needs, is in use\. Stop"):
        preflight.check_ports([part(listener)])


def test_port_for_the_superuser(monkeypatch: pytest.MonkeyPatch) -> None:
    def bind(self: socket.socket, address: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", bind)
    with pytest.raises(StackError, match=r"^Port 80 is for the superuser alone\. Choose a port above 1023"):
        preflight.check_ports([part(80)])


def test_free_ports_and_parts_without_one_pass(listener: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        free = server.getsockname()[1]
    preflight.check_ports([part(free), part(0)])


def test_full_disk(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(0, 0, 12_345_678))
    with pytest.raises(StackError) as caught:
        preflight.check_disk(settings)
    assert caught.value.problem == f"The disk of {settings.root} has 12 MB free; the stack needs 1000 MB."
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(0, 0, preflight.NEEDED_BYTES))
    preflight.check_disk(settings)


def test_good_files_pass(checked: Callable[..., None]) -> None:
    checked()


@pytest.mark.parametrize(
    ("scripts", "file", "complaint"),
    [
        (
            {"promtool": PROMTOOL_FIELD},
            "prometheus/prometheus.yml",
            "  FAILED: parsing YAML file prometheus/prometheus.yml: yaml: unmarshal errors:\n"
            "  line 9: field scrape_intervall not found in type config.plain",
        ),
        (
            {"promtool": PROMTOOL_RULE},
            "prometheus/prometheus.yml",
            '  prometheus/rules/service.yml: 10:15: group "service", rule 1, "service:up": '
            "could not parse expression: 1:16: parse error: unclosed left parenthesis",
        ),
        (
            {"amtool": AMTOOL_FAILED},
            "alertmanager/alertmanager.yml",
            "  Checking 'alertmanager/alertmanager.yml'  FAILED: undefined receiver \"incident\" used in route\n"
            "  amtool: error: failed to validate 1 file(s)",
        ),
        (
            {"amtool": AMTOOL_RENDER_FAILED},
            "alertmanager/templates",
            '  amtool: error: template: slack.tmpl:3:3: executing "x" at <.Nosuch>: can\'t evaluate field Nosuch',
        ),
        (
            {"blackbox": BLACKBOX_FAILED},
            "blackbox/blackbox.yml",
            '  ts=2026-11-20T18:12:28.321Z caller=main.go:82 level=error msg="Error loading config" '
            'err="error parsing config file: yaml: unmarshal errors:\\n'
            '  line 8: field timeoot not found in type config.plain"',
        ),
    ],
    ids=["prometheus", "rule", "alertmanager", "message", "blackbox"],
)
def test_complaint_names_the_projects_own_file(
    checked: Callable[..., None], tmp_path: Path, scripts: Mapping[str, str], file: str, complaint: str
) -> None:
    with pytest.raises(StackError) as caught:
        checked(**scripts)
    assert caught.value.problem == f"{file}, or a file that it reads, is not valid:\n{complaint}"
    assert caught.value.remedy == "Correct the file; nothing was changed."
    assert str(tmp_path) not in caught.value.problem


def test_undefined_receiver_is_told_with_its_line(checked: Callable[..., None], project: Path, tmp_path: Path) -> None:
    """By the real amtool, which tells no line."""
    file = project / "alertmanager" / "alertmanager.yml"
    lines = file.read_text(encoding="utf-8").replace("receiver: critical", "receiver: criticul").splitlines()
    file.write_text("\n".join(lines), encoding="utf-8")
    line = next(number for number, text in enumerate(lines, 1) if "criticul" in text)
    for suite in SUITES:
        with pytest.raises(StackError, match=f"undefined receiver(?s:.*)It is named on line {line}\\."):
            checked(amtool=f'exec {programs(suite) / "amtool"!s} "$@"')


def test_threshold_that_is_no_number_is_refused(checked: Callable[..., None], project: Path) -> None:
    file = project / thresholds.FILE
    file.write_text(file.read_text(encoding="utf-8").replace("expr: 0.5\n", "expr: zero\n", 1), encoding="utf-8")
    with pytest.raises(StackError, match=r"thresholds\.yml line \d+: zero is no number"):
        checked()


def test_complaint_is_found_in_a_project_whose_path_says_error(
    project: Path, tmp_path: Path, make_program: MakeProgram
) -> None:
    settings = load(project.rename(tmp_path / "FAILED-errors"), {})
    found = {name: make_program(tmp_path / name, PROMTOOL_OK) for name in ("amtool", "blackbox")}
    found["promtool"] = make_program(tmp_path / "promtool", PROMTOOL_RULE)
    with pytest.raises(StackError, match="could not parse expression"):
        preflight.check_files(settings, found, runtime.stage(settings))


def test_broken_targets_file_is_the_one_named(checked: Callable[..., None], project: Path) -> None:
    (project / "prometheus" / "targets" / "broken.yml").write_text("- targets: ['http://a:1']\n", encoding="utf-8")
    with pytest.raises(StackError) as caught:
        checked(promtool=PROMTOOL_TARGETS)
    assert caught.value.problem == (
        "prometheus/targets/broken.yml is not valid:\n"
        '  FAILED: instance 0 in group : "http://a:1" is not a valid hostname'
    )
    assert not (project / ".runtime" / "staged" / "targets.yml").exists()
