from collections.abc import Callable
from pathlib import Path

import pytest

from ai_monitoring.stack import parts, report
from ai_monitoring.stack.part import Part
from ai_monitoring.stack.settings import Settings
from ai_monitoring.stack.terminal import Terminal

WATCH = Part(name="prometheus", title="Prometheus", command=(), port=9090, note="metrics")
HIDDEN = Part(name="traffic", title="Traffic", command=(), note="people")


@pytest.fixture
def addresses(settings: Settings, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    def shown(*started: Part) -> str:
        report.addresses(started, settings, Terminal())
        return capsys.readouterr().out

    return shown


def test_first_start_tells_how_to_declare_a_service(addresses: Callable[..., str]) -> None:
    text = addresses(WATCH)
    assert "  Prometheus  http://127.0.0.1:9090  metrics\n" in text
    assert "no service of yours yet" in text
    assert "prometheus/targets/services.yml" in text
    for verb in ("status", "stop"):
        assert f"python3 start_monitoring.py {verb}\n" in text


def test_declared_services_are_known(addresses: Callable[..., str], settings: Settings) -> None:
    file = settings.root / "prometheus" / "targets" / "mine.yml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("# mine\n- targets: [127.0.0.1:8010]\n", encoding="utf-8")
    assert "Your services in prometheus/targets are under watch" in addresses(WATCH)


def test_demo_is_told_apart(addresses: Callable[..., str]) -> None:
    text = addresses(WATCH, HIDDEN)
    assert "prometheus/targets/demo.yml" in text
    assert "no service of yours" not in text
    assert "Traffic" not in text, "it has no address"


def test_whole_demo_fits_a_screen(addresses: Callable[..., str], settings: Settings, path: Path) -> None:
    programs = {name: path / name for name in ("prometheus", "alertmanager", "node", "blackbox")}
    text = addresses(*parts.watch(settings, programs), *parts.demo(settings))
    assert max(len(line) for line in text.splitlines()) <= 120
    assert text.count("http://127.0.0.1:") == 12
