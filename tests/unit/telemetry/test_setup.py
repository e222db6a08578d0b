import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from ai_monitoring import telemetry
from ai_monitoring.telemetry.handler import TelemetryHandler


@pytest.fixture(autouse=True)
def undone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "OTEL_SERVICE_NAME"):
        monkeypatch.delenv(name, raising=False)
    level = logging.getLogger().level
    yield
    telemetry.shut_down()
    logging.captureWarnings(False)
    logging.getLogger().setLevel(level)


def ours() -> list[logging.Handler]:
    return [handler for handler in logging.getLogger().handlers if isinstance(handler, TelemetryHandler)]


def test_a_second_call_replaces_the_first(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.set_up("shop")
    telemetry.set_up("till")
    logging.getLogger("x").info("sold")
    assert len(ours()) == 1
    telemetry.shut_down()
    assert [json.loads(line)["service"] for line in capsys.readouterr().out.splitlines()] == ["till"]


def test_a_wrong_setting_leaves_all_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    telemetry.set_up("shop")
    before = ours()
    with pytest.raises(ValueError, match="LOUD"):
        telemetry.set_up("shop", level="LOUD")
    assert ours() == before


def test_handlers_that_are_there_stay() -> None:
    own = logging.NullHandler()
    logging.getLogger().addHandler(own)
    try:
        telemetry.set_up("shop")
        assert own in logging.getLogger().handlers
    finally:
        logging.getLogger().removeHandler(own)


def test_loggers_of_servers_and_frameworks_are_written(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("uvicorn", "uvicorn.error", "django", "django.request"):
        # A server of another test has set them up for the whole process.
        logger = logging.getLogger(name)
        monkeypatch.setattr(logger, "propagate", True)
        monkeypatch.setattr(logger, "disabled", False)
        logger.setLevel(logging.NOTSET)
    telemetry.set_up("shop")
    logging.getLogger("uvicorn.error").info("started")
    logging.getLogger("django.request").warning("Not Found: /x")
    telemetry.shut_down()
    found = [json.loads(line)["logger"] for line in capsys.readouterr().out.splitlines()]
    assert found == ["uvicorn.error", "django.request"]


def test_a_second_call_writes_the_same_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.set_up("shop", files=tmp_path)
    telemetry.set_up("shop", files=tmp_path)
    logging.getLogger("x").info("sold")
    telemetry.shut_down()
    assert "sold" in (tmp_path / "shop.log").read_text()
    assert not (tmp_path / "shop-2.log").exists()
    capsys.readouterr()
