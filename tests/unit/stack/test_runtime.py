import json
import re
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from ai_monitoring.stack import runtime
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.settings import Settings, load

PROMETHEUS_YML = Path("prometheus", "prometheus.yml")
ALERTMANAGER_YML = Path("alertmanager", "alertmanager.yml")

Configured = Callable[[str], Settings]


@pytest.fixture
def placed(project: Path, configured: Configured) -> Callable[[str], Path]:
    """Stages the files and puts them in place, with this .env; returns the runtime folder."""

    def place(env: str = "") -> Path:
        settings = configured(env)
        runtime.prepare(settings)
        runtime.put_in_place(settings, runtime.stage(settings), demo=False)
        return settings.runtime

    return place


def test_folder_and_secrets_are_their_owners_alone(settings: Settings) -> None:
    runtime.prepare(settings)
    assert stat.S_IMODE(settings.runtime.stat().st_mode) == 0o700
    password = settings.admin_password
    assert stat.S_IMODE(password.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(password.stat().st_mode) == 0o600
    assert len(password.read_text(encoding="utf-8")) >= 32


def test_password_is_random_and_stays(settings: Settings, tmp_path: Path) -> None:
    runtime.prepare(settings)
    first = settings.admin_password.read_text(encoding="utf-8")
    runtime.prepare(settings)
    assert settings.admin_password.read_text(encoding="utf-8") == first
    runtime.purge(settings)
    assert not settings.runtime.exists()
    runtime.prepare(settings)
    assert settings.admin_password.read_text(encoding="utf-8") != first


def test_folder_that_others_could_read_is_closed(settings: Settings) -> None:
    settings.runtime.mkdir(mode=0o755)
    runtime.prepare(settings)
    assert stat.S_IMODE(settings.runtime.stat().st_mode) == 0o700


def test_staged_copies_are_the_files_on_loopback(project: Path, settings: Settings) -> None:
    staged = runtime.stage(settings)
    copies = [path for path in staged.rglob("*.yml") if "targets" not in path.parts]
    assert {"prometheus.yml", "alertmanager.yml", "service.yml", "datasources.yml"} <= {path.name for path in copies}
    for copy in copies:
        text, original = (
            copy.read_text(encoding="utf-8"),
            (project / copy.relative_to(staged)).read_text(encoding="utf-8"),
        )
        if "rules" in copy.parts:
            assert text == original
        assert not re.search(r"(prometheus|alertmanager|incidents|node-exporter|blackbox-exporter|loki):\d", text)
    assert "127.0.0.1:9093" in (staged / "prometheus" / "prometheus.yml").read_text(encoding="utf-8")


def test_dashboards_are_where_they_are_without_compose(project: Path, settings: Settings) -> None:
    staged = runtime.stage(settings)
    provider = (staged / "grafana" / "provisioning" / "dashboards" / "dashboards.yml").read_text(encoding="utf-8")
    assert f"path: {project}/grafana/dashboards #" in provider


def test_moved_port_is_moved_everywhere(project: Path, configured: Configured) -> None:
    staged = runtime.stage(configured("INCIDENTS_PORT=19095\nPROMETHEUS_PORT=19090\n"))
    text = "".join((staged / name).read_text(encoding="utf-8") for name in (PROMETHEUS_YML, ALERTMANAGER_YML))
    assert "127.0.0.1:9090" not in text
    assert "127.0.0.1:9095" not in text
    assert text.count("127.0.0.1:19090") == 1
    assert text.count("127.0.0.1:19095") == 2


def test_ports_may_be_exchanged(project: Path, configured: Configured) -> None:
    (project / "prometheus" / "prometheus.yml").write_text("prometheus:9090 127.0.0.1:9093\n", encoding="utf-8")
    staged = runtime.stage(configured("PROMETHEUS_PORT=9093\nALERTMANAGER_PORT=9090\n"))
    text = (staged / "prometheus" / "prometheus.yml").read_text(encoding="utf-8")
    assert text == "127.0.0.1:9093 127.0.0.1:9090\n"


def test_what_only_docker_needs_is_left_out(project: Path, settings: Settings) -> None:
    text = "a: 1\n  # Docker only: how.\n  b: 2\n  # End of Docker only.\nc: 3\n"
    (project / PROMETHEUS_YML).write_text(text, encoding="utf-8")
    staged = runtime.stage(settings)
    assert (staged / PROMETHEUS_YML).read_text(encoding="utf-8") == "a: 1\nc: 3\n"


def test_channels_and_their_secrets_are_rendered(project: Path, configured: Configured) -> None:
    settings = configured("SLACK_WEBHOOK_URL=https://hooks.slack.com/services/s3cret\n")
    staged = runtime.stage(settings)
    text = (staged / ALERTMANAGER_YML).read_text(encoding="utf-8")
    assert f'api_url_file: "{settings.runtime}/alertmanager/slack_webhook_url_critical"' in text
    assert "s3cret" not in text
    secret = staged / "alertmanager" / "slack_webhook_url_critical"
    assert secret.read_text(encoding="utf-8") == "https://hooks.slack.com/services/s3cret"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600


def test_only_the_contracts_addresses_move(project: Path, configured: Configured) -> None:
    others = "127.0.0.1:30005 10.0.0.1:3000 localhost:3000 127.0.0.1:13000 1127.0.0.1:3000 my-loki:3100 loki:1\n"
    (project / "prometheus" / "prometheus.yml").write_text(others + "127.0.0.1:3000", encoding="utf-8")
    staged = runtime.stage(configured("GRAFANA_PORT=4000\n"))
    assert (staged / "prometheus" / "prometheus.yml").read_text(encoding="utf-8") == others + "127.0.0.1:4000"


def test_file_in_another_encoding_is_named(project: Path, settings: Settings) -> None:
    (project / "alertmanager" / "alertmanager.yml").write_text("# réveil\n", encoding="latin-1")
    with pytest.raises(StackError, match=r"^alertmanager/alertmanager\.yml is not UTF-8 text: .* Save it as UTF-8"):
        runtime.stage(settings)


def test_targets_are_the_users_own_files(project: Path, placed: Callable[[str], Path]) -> None:
    targets = placed("FASTAPI_PORT=18000\n") / "prometheus" / "targets"
    (project / "prometheus" / "targets" / "mine.yml").write_text("- targets: [127.0.0.1:8000]\n", encoding="utf-8")
    assert (targets / "mine.yml").read_text(encoding="utf-8") == "- targets: [127.0.0.1:8000]\n"


def test_put_in_place_twice_leaves_the_second(project: Path, placed: Callable[[str], Path]) -> None:
    folder = placed("")
    (project / "prometheus" / "rules" / "django.yml").unlink()
    (project / "prometheus" / "rules" / "mine.yml").write_text("groups: []\n", encoding="utf-8")
    placed("")
    rules = {path.name for path in (folder / "prometheus" / "rules").iterdir()}
    assert "mine.yml" in rules
    assert "django.yml" not in rules
    assert not (folder / "staged").exists()


def test_staging_changes_nothing_that_is_in_place(
    project: Path, settings: Settings, placed: Callable[[str], Path]
) -> None:
    folder = placed("")
    before = (folder / "prometheus" / "prometheus.yml").read_text(encoding="utf-8")
    (project / "prometheus" / "prometheus.yml").write_text("broken: [", encoding="utf-8")
    runtime.stage(settings)
    runtime.stage(settings)
    assert (folder / "prometheus" / "prometheus.yml").read_text(encoding="utf-8") == before


def test_demo_targets_are_declared_at_moved_ports(project: Path, configured: Configured) -> None:
    settings = configured("DJANGO_PORT=18002\n")
    runtime.prepare(settings)
    runtime.put_in_place(settings, runtime.stage(settings), demo=True)
    text = (project / "prometheus" / "targets" / "demo.yml").read_text(encoding="utf-8")
    assert text == "- targets: [127.0.0.1:18002]\n- targets: [127.0.0.1:8000]\n- targets: [127.0.0.1:8501]\n"
    assert runtime.demo_targets(settings) == project / "prometheus" / "targets" / "demo.yml"


def test_without_demo_nothing_is_declared(project: Path, placed: Callable[[str], Path]) -> None:
    placed("")
    assert not (project / "prometheus" / "targets" / "demo.yml").exists()


@pytest.mark.parametrize(
    ("file", "part"),
    [
        ("prometheus/prometheus.yml", "prometheus"),
        ("prometheus/rules/thresholds.yml", "prometheus"),
        ("alertmanager/alertmanager.yml", "alertmanager"),
        ("alertmanager/templates/slack.tmpl", "alertmanager"),
        ("blackbox/blackbox.yml", "blackbox-exporter"),
    ],
)
def test_digest_changes_with_its_files_alone(
    project: Path, settings: Settings, placed: Callable[[str], Path], file: str, part: str
) -> None:
    placed("")
    before = runtime.digests(settings)
    placed("")
    assert runtime.digests(settings) == before
    with (project / file).open("a", encoding="utf-8") as stream:
        stream.write("# changed\n")
    placed("")
    after = runtime.digests(settings)
    assert [name for name in before if after[name] != before[name]] == [part]


@pytest.mark.parametrize("change", ["add", "remove", "rename"])
def test_digest_changes_with_the_set_of_rule_files(
    project: Path, settings: Settings, placed: Callable[[str], Path], change: str
) -> None:
    rules = project / "prometheus" / "rules"
    placed("")
    before = runtime.digests(settings)
    if change == "add":
        (rules / "mine.yml").write_text("groups: []\n", encoding="utf-8")
    elif change == "remove":
        (rules / "django.yml").unlink()
    else:
        (rules / "django.yml").rename(rules / "mine.yml")
    placed("")
    after = runtime.digests(settings)
    assert after["prometheus"] != before["prometheus"]


def test_digest_leaves_targets_out(project: Path, settings: Settings, placed: Callable[[str], Path]) -> None:
    placed("")
    before = runtime.digests(settings)
    (project / "prometheus" / "targets" / "mine.yml").write_text("- targets: [a:1]\n", encoding="utf-8")
    assert runtime.digests(settings) == before


def test_digest_counts_wherever_the_project_is(tmp_path: Path, project: Path) -> None:
    settings = load(project.rename(tmp_path / "targets"), {})
    runtime.put_in_place(settings, runtime.stage(settings), demo=False)
    before = runtime.digests(settings)
    (settings.runtime / "prometheus" / "prometheus.yml").write_text("changed", encoding="utf-8")
    assert runtime.digests(settings)["prometheus"] != before["prometheus"]


def test_incident_service_alone_reads_what_it_needs_of_the_settings(
    project: Path, configured: Callable[[str], Settings]
) -> None:
    env = "SLACK_WEBHOOK_URL=https://x/s3cret\nSMTP_HOST=h\nSMTP_FROM=a@b\nALERT_EMAIL_TO=c@d\nDIGEST_TIME=07:30\n"
    for text in (env, env.replace("07:30", "09:15")):
        settings = configured(text)
        runtime.put_in_place(settings, runtime.stage(settings), demo=False)
    file = runtime.incidents_file(settings)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    content = json.loads(file.read_text(encoding="utf-8"))
    assert set(content.pop("LINKS")) == {"incidents", "dashboards", "runbooks", "pages", "panels", "silences"}
    assert content == {
        "SMTP_HOST": "h",
        "SMTP_FROM": "a@b",
        "ALERT_EMAIL_TO": "c@d",
        "DIGEST_TIME": "09:15",
        "DIGEST_TIME_ZONE": "UTC",
        "DIGEST_WEEKDAY": "monday",
        "ESCALATE_AFTER": "30m",
        "INCIDENTS_RETENTION_DAYS": "400",
        "SMTP_CA": "",
        "ALERTMANAGER": "http://127.0.0.1:9093",
    }
