from pathlib import Path

import pytest

from ai_monitoring.embedded.arguments import Arguments, arguments

DAY = 86_400 * 10**9


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "grafana" / "dashboards").mkdir(parents=True)
    (tmp_path / "password").write_text("secret\n", encoding="utf-8")
    return tmp_path


def parsed(project: Path, *options: str) -> Arguments:
    given = (f"--data={project / 'data'}", f"--project={project}", f"--password-file={project / 'password'}")
    return arguments([*given, *options])


def refusal(capsys: pytest.CaptureFixture[str], project: Path, *options: str) -> str:
    with pytest.raises(SystemExit) as ended:
        parsed(project, *options)
    assert ended.value.code == 2
    return capsys.readouterr().err.splitlines()[-1]


def test_service_without_a_port_is_not_wanted(project: Path) -> None:
    given = parsed(project, "--loki=3100", "--otlp-http=4318")
    assert (given.loki, given.otlp_http) == (3100, 4318)
    assert (given.viewer, given.tempo, given.otlp_grpc, given.metrics, given.loki_at) == (None, None, None, None, None)
    assert (given.data, given.project) == (project / "data", project)


def test_what_is_kept(project: Path) -> None:
    usual = parsed(project, "--loki=1").keep
    assert (usual.age, usual.bytes) == (7 * DAY, 2 * 10**9)
    other = parsed(project, "--loki=1", "--keep=12h", "--keep-size=500MB").keep
    assert (other.age, other.bytes) == (DAY // 2, 500 * 10**6)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ([], "no port is given, so there is nothing to serve: --viewer, --loki, --tempo, --otlp-http,"),
        (["--loki=1", "--tempo=1"], "port 1 is given twice"),
        (["--loki=0"], "'0' is no port: 1 to 65535"),
        (["--loki=65536"], "'65536' is no port"),
        (["--loki=-1"], "'-1' is no port"),
        (["--loki=1", "--keep=7"], "'7' is not days or hours such as 7d"),
        (["--loki=1", "--keep-size=2"], "'2' is not a size such as 2GB"),
        (["--viewer=1", "--password-file=nowhere"], "--password-file nowhere cannot be read"),
        (["--viewer=1", "--project=nowhere"], "--project nowhere has no folder grafana/dashboards"),
    ],
)
def test_what_cannot_be_is_told(
    capsys: pytest.CaptureFixture[str], project: Path, options: list[str], says: str
) -> None:
    assert says in refusal(capsys, project, *options)


def test_empty_password_is_none(capsys: pytest.CaptureFixture[str], project: Path) -> None:
    (project / "password").write_text(" \n", encoding="utf-8")
    assert "is empty: write the password of the user admin there" in refusal(capsys, project, "--viewer=1")


def test_password_and_project_matter_to_the_viewer_alone(project: Path) -> None:
    assert parsed(project, "--loki=1", "--password-file=nowhere", "--project=nowhere").viewer is None
