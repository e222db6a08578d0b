import re
from collections.abc import Callable
from pathlib import Path

import pytest

from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.settings import CHANNELS, DEFAULT_PORTS, PASSED_ON, Settings, load, read_env

ROOT = Path(__file__).parents[3]
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
Configured = Callable[[str], Settings]


def test_defaults_without_a_file(tmp_path: Path) -> None:
    settings = load(tmp_path, {})
    assert settings.ports == DEFAULT_PORTS
    assert dict(settings.texts) == {
        "PROMETHEUS_RETENTION_TIME": "45d",
        "PROMETHEUS_RETENTION_SIZE": "10GB",
        "EMBEDDED_RETENTION_TIME": "7d",
        "EMBEDDED_RETENTION_SIZE": "2GB",
        "DIGEST_TIME": "08:00",
        "DIGEST_TIME_ZONE": "UTC",
        "DIGEST_WEEKDAY": "monday",
        "ESCALATE_AFTER": "30m",
        "INCIDENTS_RETENTION_DAYS": "400",
    }
    assert settings.runtime == tmp_path / ".runtime"
    assert settings.warnings == ()


@pytest.mark.parametrize(
    "line",
    [
        "PROMETHEUS_PORT=9999",
        "  PROMETHEUS_PORT = 9999  ",
        "export PROMETHEUS_PORT=9999",
        'PROMETHEUS_PORT="9999"',
        "PROMETHEUS_PORT='9999'  # moved",
        "PROMETHEUS_PORT=9999 # moved",
        "PROMETHEUS_PORT=9999\r",
        "\ufeffPROMETHEUS_PORT=9999",
        "# a comment\n\n\t# another\nPROMETHEUS_PORT=9999",
        "\ufeff# a comment\nPROMETHEUS_PORT=9999",
        "PROMETHEUS_PORT=1\nPROMETHEUS_PORT=9999",
    ],
)
@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_env_line_is_understood(root: Path, line: str, end: str) -> None:
    (root / ".env").write_bytes((line + end).encode())
    assert load(root, {}).ports["PROMETHEUS_PORT"] == 9999


@pytest.mark.parametrize("value", ["", '""', "  ", " # the default will do"])
def test_empty_value_is_the_default(configured: Configured, value: str) -> None:
    assert configured(f"PROMETHEUS_PORT={value}\n").ports["PROMETHEUS_PORT"] == 9090


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("https://example.org/#/here", "https://example.org/#/here"),
        ("#starts", "#starts"),
        ('"a # b"', "a # b"),
        ("'it=is'", "it=is"),
        ("a=b", "a=b"),
    ],
)
def test_value_is_kept_whole(tmp_path: Path, written: str, value: str) -> None:
    file = tmp_path / ".env"
    file.write_text(f"\nNAME={written}\n", encoding="utf-8")
    assert read_env(file) == {"NAME": (value, 2)}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("# fine\nnot a setting\n", ".env line 2 is not NAME=value."),
        ("A-B=1\n", ".env line 1 is not NAME=value."),
        ('A="1\n', ".env line 1: the quote \" is not closed at the value's end."),
        ("\nA='1' 2\n", ".env line 2: the quote ' is not closed at the value's end."),
        ("\n\nPROMETHEUS_PORT=http\n", ".env line 3, PROMETHEUS_PORT: 'http' is not a port."),
        ("LOKI_PORT=0\n", ".env line 1, LOKI_PORT: '0' is not a port."),
        ("LOKI_PORT=65536\n", ".env line 1, LOKI_PORT: '65536' is not a port."),
        ("LOKI_PORT=-1\n", ".env line 1, LOKI_PORT: '-1' is not a port."),
        ("A=1\nPROMETHEUS_RETENTION_TIME=45 days\n", ".env line 2, PROMETHEUS_RETENTION_TIME: '45 days' is not"),
        ("PROMETHEUS_RETENTION_TIME=1h2d\n", ".env line 1, PROMETHEUS_RETENTION_TIME: '1h2d' is not a duration"),
        ("PROMETHEUS_RETENTION_SIZE=10Go\n", ".env line 1, PROMETHEUS_RETENTION_SIZE: '10Go' is not a size"),
        (
            "PROMETHEUS_PORT=9093\n",
            "ALERTMANAGER_PORT and .env line 1, PROMETHEUS_PORT are both port 9093.",
        ),
        (
            "PROMETHEUS_PORT=7000\nLOKI_PORT=7000\n",
            ".env line 2, LOKI_PORT and .env line 1, PROMETHEUS_PORT are both port 7000.",
        ),
    ],
)
def test_error_names_the_line(configured: Configured, text: str, problem: str) -> None:
    with pytest.raises(StackError) as caught:
        configured(text)
    assert problem in caught.value.problem
    assert caught.value.remedy


@pytest.mark.parametrize("value", ["45d", "1y", "2w3d", "1d12h30m", "90m", "500ms"])
def test_durations_as_prometheus_reads_them(configured: Configured, value: str) -> None:
    assert configured(f"PROMETHEUS_RETENTION_TIME={value}\n").texts["PROMETHEUS_RETENTION_TIME"] == value


def test_unreadable_file_is_named(root: Path) -> None:
    (root / ".env").write_bytes(b"A=\xff\n")
    with pytest.raises(StackError, match=r"^\.env cannot be read: .*UTF-8 text file, see \.env\.example\.$"):
        load(root, {})


def test_folder_in_the_files_place_is_named(root: Path) -> None:
    (root / ".env").mkdir()
    with pytest.raises(StackError, match=r"\.env cannot be read: .*directory"):
        load(root, {})


def test_environment_goes_before_the_file(root: Path) -> None:
    (root / ".env").write_text("PROMETHEUS_PORT=9999\nLOKI_PORT=8888\n", encoding="utf-8")
    ports = load(root, {"PROMETHEUS_PORT": "7777", "LOKI_PORT": ""}).ports
    assert (ports["PROMETHEUS_PORT"], ports["LOKI_PORT"]) == (7777, 8888)


def test_error_names_the_environment_variable(root: Path) -> None:
    with pytest.raises(StackError, match=r"^The environment variable LOKI_PORT: 'x' is not a port\."):
        load(root, {"LOKI_PORT": "x"})


def test_error_names_the_file_where_the_variable_is_empty(root: Path) -> None:
    (root / ".env").write_text("LOKI_PORT=x\n", encoding="utf-8")
    with pytest.raises(StackError, match=r"^\.env line 1, LOKI_PORT: "):
        load(root, {"LOKI_PORT": ""})


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("PROMETEUS_PORT", "PROMETHEUS_PORT"),
        ("ALERT_MANAGER_PORT", "ALERTMANAGER_PORT"),
        ("prometheus_port", "PROMETHEUS_PORT"),
        ("PROMETHEUS_RETENTION_TIMES", "PROMETHEUS_RETENTION_TIME"),
    ],
)
def test_misspelt_name_is_told(configured: Configured, name: str, meant: str) -> None:
    settings = configured(f"\n{name}=1\n")
    assert settings.warnings == (f".env line 2: {name} is not a setting of the launcher; did you mean {meant}?",)


def test_names_of_other_programs_are_left_alone(configured: Configured) -> None:
    assert configured("OPENAI_API_KEY=x\nSLACK_WEBHOOK_URL=y\nDATABASE_PORT=1\n").warnings == ()


def test_example_shows_every_setting_at_its_default(root: Path) -> None:
    shown = dict(re.findall(r"^(?:# *)?([A-Z][A-Z0-9_]+)=(.*)$", EXAMPLE, re.MULTILINE))
    defaults = {**{name: str(port) for name, port in DEFAULT_PORTS.items()}}
    default = load(root, {})
    defaults |= {
        **default.texts,
        "LEAVE_OUT": ",".join(sorted(default.leave_out)),
        # The Compose file's own: test_compose.py.
        "DOCKER_SOCKET": "/var/run/docker.sock",
        "DOCKER_ROOT": "/var/lib/docker",
    }
    assert {
        name: value for name, value in shown.items() if name in defaults or not name.startswith((*PASSED_ON, *CHANNELS))
    } == defaults
    assert set(CHANNELS) <= set(shown)


def test_what_the_services_read_is_passed_on_and_the_environment_goes_first(root: Path) -> None:
    (root / ".env").write_text("OTEL_TRACES_SAMPLER_ARG=0.1\nOTEL_SERVICE_NAME=a\nLLM_UPSTREAM_PORT=18090\n", "utf-8")
    passed_on = load(root, {"OTEL_SERVICE_NAME": "b"}).passed_on
    assert passed_on == {"OTEL_TRACES_SAMPLER_ARG": "0.1", "OTEL_SERVICE_NAME": "b"}


def test_example_is_accepted_with_every_line_switched_on(configured: Configured) -> None:
    settings = configured(re.sub(r"^# (?=[A-Z_]+=)", "", EXAMPLE, flags=re.MULTILINE))
    assert settings.ports == DEFAULT_PORTS
    assert settings.warnings == ()


@pytest.mark.parametrize("text", ["loki,tempo", "loki tempo", " tempo, loki ,", '"loki, tempo"'])
def test_parts_are_left_out(configured: Configured, text: str) -> None:
    assert configured(f"LEAVE_OUT={text}\n").leave_out == {"loki", "tempo"}


@pytest.mark.parametrize("text", ["", " ", " # none"])
def test_nothing_is_left_out(configured: Configured, text: str) -> None:
    assert configured(f"LEAVE_OUT={text}\n").leave_out == frozenset()


@pytest.mark.parametrize("name", ["prometheus", "alertmanager", "lokki", "all"])
def test_what_cannot_be_left_out_is_named(configured: Configured, name: str) -> None:
    with pytest.raises(StackError) as caught:
        configured(f"\nLEAVE_OUT=loki,{name}\n")
    assert caught.value.problem == f".env line 2, LEAVE_OUT: {name} is nothing that can be left out."
    assert "There are: grafana, loki, tempo," in caught.value.remedy


def test_channels_are_those_that_are_set_and_the_environment_goes_first(root: Path) -> None:
    (root / ".env").write_text("SMTP_HOST=a\nSMTP_PORT=\nALERT_EMAIL_TO=me@a\n", encoding="utf-8")
    channels = load(root, {"SMTP_HOST": "b", "SMTP_PASSWORD": "pa55"}).channels
    assert channels == {"SMTP_HOST": "b", "SMTP_PASSWORD": "pa55", "ALERT_EMAIL_TO": "me@a"}


def test_secrets_are_not_shown_with_the_settings(configured: Configured) -> None:
    settings = configured("SMTP_PASSWORD=s3cret\nSLACK_WEBHOOK_URL=https://s3cret\nOPENAI_API_KEY=s3cret\n")
    assert settings.channels
    assert settings.passed_on
    assert "s3cret" not in repr(settings)


@pytest.mark.parametrize(
    "line",
    [
        "DIGEST_TIME=24:00",
        "INCIDENTS_RETENTION_DAYS=0",
        "INCIDENTS_RETENTION_DAYS=1y",
        "DIGEST_TIME=8",
        "DIGEST_TIME_ZONE=Europe/Nowhere",
        "DIGEST_TIME_ZONE=../x",
        "DIGEST_WEEKDAY=mo",
    ],
)
def test_digests_at_no_time_are_refused_with_their_line(configured: Configured, line: str) -> None:
    with pytest.raises(StackError, match=rf"^\.env line 2, {line.partition('=')[0]}: "):
        configured(f"# mine\n{line}\n")
