"""What the Compose stack's one-shot service makes, and for whom."""

import json
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from authority import Authority

from ai_monitoring.stack import setup
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.settings import ROOT, Settings

Configured = Callable[[str], Settings]
Owners = dict[str, tuple[int, int]]

ALERTMANAGER, GRAFANA = (65534, 65534), (472, 472)
TEMPLATES = ("docker", "email", "incident", "panel", "slack", "words")
CHANNELS = (
    "SLACK_WEBHOOK_URL=https://hooks.slack.com/services/s3cret\n"
    "SMTP_HOST=mail.example.org\nSMTP_PASSWORD=pa55\nSMTP_FROM=a@example.org\nALERT_EMAIL_TO=b@example.org\n"
)


@pytest.fixture
def owners(monkeypatch: pytest.MonkeyPatch) -> Owners:
    """Who was given each path: nobody but root can give a file away."""
    given: Owners = {}

    def chown(path: Path, user: int, group: int, *, follow_symlinks: bool = True) -> None:
        given[str(path)] = (user, group)

    monkeypatch.setattr(os, "chown", chown)
    return given


@pytest.fixture
def rendered(tmp_path: Path) -> Iterator[Path]:
    """The volumes' mount points, as Compose makes them."""
    folder = tmp_path / "rendered"
    for name in ("alertmanager", "grafana", "incidents", "monitoring"):
        (folder / name).mkdir(parents=True)
    yield folder
    make_writable(folder)  # so that pytest can clear it away


@pytest.fixture
def readable(project: Path) -> Path:
    """The project, with rights as git gives them."""
    for path in project.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return project


def make_writable(folder: Path) -> None:
    """Give back what the setup took from everybody: root may write there in any case."""
    for path in (folder, *folder.glob("*"), *folder.glob("*/*")):
        if path.is_dir():
            path.chmod(0o700)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_files_and_their_readers(
    readable: Path, configured: Configured, rendered: Path, owners: Owners, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = configured(CHANNELS)
    (readable / "monitoring.yaml").write_text("currency: EUR\n", encoding="utf-8")
    (readable / "monitoring.local.yaml").write_text("currency: CHF\n", encoding="utf-8")
    setup.set_up(settings, rendered)
    assert {str(path.relative_to(rendered)): owners[str(path)] for path in rendered.rglob("*")} == {
        "alertmanager": ALERTMANAGER,
        "alertmanager/alertmanager.yml": ALERTMANAGER,
        "alertmanager/slack_webhook_url_critical": ALERTMANAGER,
        "alertmanager/slack_webhook_url_warning": ALERTMANAGER,
        "alertmanager/smtp_password": ALERTMANAGER,
        "alertmanager/templates": ALERTMANAGER,
        **{f"alertmanager/templates/{name}.tmpl": ALERTMANAGER for name in TEMPLATES},
        "grafana": GRAFANA,
        "grafana/admin_password": GRAFANA,
        "incidents": (10001, 10001),
        "incidents/settings.json": (10001, 10001),
        "monitoring": (10001, 10001),
        "monitoring/monitoring.yaml": (10001, 10001),
        "monitoring/monitoring.local.yaml": (10001, 10001),
    }
    for path in rendered.rglob("*"):
        assert mode(path) == (0o500 if path.is_dir() else 0o600)
    output = capsys.readouterr().out
    assert output == (
        "Grafana's user is admin; the password is in .runtime/secrets/grafana_admin_password.\n"
        "Alerts go to Slack and e-mail.\n"
    )


def test_alertmanagers_file_names_its_secrets_where_it_finds_them(
    readable: Path, configured: Configured, rendered: Path, owners: Owners
) -> None:
    setup.set_up(configured(CHANNELS), rendered)
    text = (rendered / "alertmanager" / "alertmanager.yml").read_text(encoding="utf-8")
    assert '"/etc/alertmanager/slack_webhook_url_critical"' in text
    assert '"/etc/alertmanager/smtp_password"' in text
    assert "s3cret" not in text
    assert "pa55" not in text
    # In Compose the parts are found by name.
    assert "http://incidents:9095/alertmanager" in text


def test_password_is_the_one_that_the_user_is_pointed_to(
    readable: Path, settings: Settings, rendered: Path, owners: Owners
) -> None:
    setup.set_up(settings, rendered)
    password = settings.admin_password.read_text(encoding="utf-8")
    assert len(password) >= 32
    assert (rendered / "grafana" / "admin_password").read_text(encoding="utf-8") == password
    # What the container made as root belongs to whom the project belongs.
    owner = (readable.stat().st_uid, readable.stat().st_gid)
    for path in (settings.runtime, settings.admin_password.parent, settings.admin_password):
        assert owners[str(path)] == owner
    assert mode(settings.admin_password) == 0o600


def test_second_run_keeps_the_password_and_drops_what_is_no_longer_set(
    readable: Path, configured: Configured, rendered: Path, owners: Owners, capsys: pytest.CaptureFixture[str]
) -> None:
    setup.set_up(configured(CHANNELS), rendered)
    before = (rendered / "grafana" / "admin_password").read_text(encoding="utf-8")
    make_writable(rendered)
    setup.set_up(configured(""), rendered)
    assert {path.name for path in (rendered / "alertmanager").iterdir()} == {"alertmanager.yml", "templates"}
    assert (rendered / "grafana" / "admin_password").read_text(encoding="utf-8") == before
    assert capsys.readouterr().out.endswith("Alerts go to the incident log alone: .env names no Slack, no e-mail.\n")


def test_demo_is_declared_and_taken_back(readable: Path, settings: Settings, rendered: Path, owners: Owners) -> None:
    declared = readable / "prometheus" / "targets" / "demo.yml"
    setup.declare_demo(settings)
    assert declared.read_bytes() == (ROOT / "examples" / "targets.yml").read_bytes()
    assert owners[str(declared)] == (declared.parent.stat().st_uid, declared.parent.stat().st_gid)
    setup.set_up(settings, rendered)
    assert not declared.exists()


@pytest.mark.parametrize(
    ("path", "rights"),
    [
        ("prometheus/rules/thresholds.yml", 0o600),
        ("blackbox/blackbox.yml", 0o640),
        ("grafana/provisioning", 0o700),
        ("prometheus/rules", 0o744),
    ],
)
def test_file_that_containers_cannot_read_is_named(
    readable: Path, settings: Settings, rendered: Path, owners: Owners, path: str, rights: int
) -> None:
    (readable / path).chmod(rights)
    with pytest.raises(StackError) as caught:
        setup.set_up(settings, rendered)
    assert caught.value.problem == f"{path} cannot be read by the users that containers run as."
    assert "chmod -R go+rX" in caught.value.remedy
    assert list(rendered.rglob("*.yml")) == []


def test_wrong_channel_leaves_the_last_good_file(
    readable: Path, configured: Configured, rendered: Path, owners: Owners
) -> None:
    setup.set_up(configured(""), rendered)
    before = (rendered / "alertmanager" / "alertmanager.yml").read_text(encoding="utf-8")
    with pytest.raises(StackError, match="SMTP_HOST is set and ALERT_EMAIL_TO is not"):
        setup.set_up(configured("SMTP_HOST=mail.example.org\n"), rendered)
    assert (rendered / "alertmanager" / "alertmanager.yml").read_text(encoding="utf-8") == before


def test_main(
    readable: Path,
    rendered: Path,
    owners: Owners,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(setup, "RENDERED", rendered)
    assert setup.main([str(readable)]) == 0
    assert (rendered / "alertmanager" / "alertmanager.yml").exists()
    assert setup.main([str(readable), "--demo"]) == 0
    assert (readable / "prometheus" / "targets" / "demo.yml").exists()
    (readable / ".env").write_text("SLACK_WEBHOOK_URL=nowhere\n", encoding="utf-8")
    capsys.readouterr()
    make_writable(rendered)
    assert setup.main([str(readable)]) == 1
    assert capsys.readouterr().err == (
        ".env line 1, SLACK_WEBHOOK_URL: this is no address of a webhook.\nIt begins with https://hooks.slack.com/.\n"
    )


def test_threshold_that_is_no_number_is_refused_before_anything_is_made(
    readable: Path, configured: Configured, rendered: Path, owners: Owners
) -> None:
    file = readable / "prometheus" / "rules" / "thresholds.yml"
    file.write_text(file.read_text(encoding="utf-8").replace("expr: 0.5\n", "expr: zero\n", 1), encoding="utf-8")
    with pytest.raises(StackError, match=r"thresholds\.yml line \d+: zero is no number"):
        setup.set_up(configured(CHANNELS), rendered)
    assert list((rendered / "alertmanager").iterdir()) == []


def test_incident_service_is_told_where_the_others_are_and_whom_to_trust(
    readable: Path, configured: Configured, rendered: Path, owners: Owners
) -> None:
    """Its container sees no file of the project's."""
    authority = Authority.make(readable / "ca.pem").file
    setup.set_up(configured(f"{CHANNELS}SMTP_CA_FILE=ca.pem\nINCIDENTS_RETENTION_DAYS=30\n"), rendered)
    found = json.loads((rendered / "incidents" / "settings.json").read_text(encoding="utf-8"))
    assert found["SMTP_CA"] == authority.read_text(encoding="utf-8")
    assert found["ALERTMANAGER"] == "http://alertmanager:9093"
    assert found["INCIDENTS_RETENTION_DAYS"] == "30"
    assert found["LINKS"]["runbooks"].startswith("https://github.com/")
    assert (rendered / "alertmanager" / "smtp_ca.pem").read_text(encoding="utf-8") == found["SMTP_CA"]
