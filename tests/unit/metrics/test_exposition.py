"""The page that Prometheus reads, from one process and from several."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.parser import text_string_to_metric_families

from ai_monitoring.metrics import exposition
from ai_monitoring.metrics.exposition import authorized, expose
from ai_monitoring.metrics.instrument import instrument

WORKER = """
import sys
from ai_monitoring.metrics.instrument import instrument

instrument("fastapi_requests_total")["GET", "/", "200"].inc(3)
instrument("fastapi_request_duration_seconds")["GET", "/"].observe(0.2, {"trace_id": "1"})
instrument("fastapi_requests_in_progress")[()].inc()
print("ready", flush=True)
sys.stdin.read()
"""


def values(page: bytes) -> dict[str, float]:
    """The samples of a page without their labels: the tests have one series a name."""
    families = text_string_to_metric_families(page.decode())
    return {sample.name: sample.value for family in families for sample in family.samples}


class Sessions:
    """Reads its value when scraped."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield GaugeMetricFamily("django_sessions_active", "Sessions.", value=7)


class TestOneProcess:
    def test_text_by_default(self) -> None:
        registry = CollectorRegistry()
        instrument("fastapi_requests_total", registry)["GET", "/", "200"].inc()

        page, content_type = expose(registry=registry)

        assert content_type.startswith("text/plain; version=")
        assert values(page)["fastapi_requests_total"] == 1

    def test_openmetrics_carries_exemplars(self) -> None:
        registry = CollectorRegistry()
        instrument("fastapi_request_duration_seconds", registry)["GET", "/"].observe(0.2, {"trace_id": "abc"})

        page, content_type = expose("application/openmetrics-text; version=1.0.0", registry=registry)

        assert content_type.startswith("application/openmetrics-text")
        assert b'# {trace_id="abc"} 0.2' in page
        assert page.endswith(b"# EOF\n")

    def test_created_series_are_left_out(self) -> None:
        registry = CollectorRegistry()
        instrument("fastapi_auth_failures_total", registry)["missing"].inc()

        assert b"_created" not in expose(registry=registry)[0]

    def test_collectors_are_read_at_each_scrape(self) -> None:
        page, _ = expose(registry=CollectorRegistry(), collectors=[Sessions()])

        assert values(page) == {"django_sessions_active": 7}

    def test_a_name_from_two_sources_is_declared_once(self) -> None:
        page, _ = expose(registry=CollectorRegistry(), collectors=[Sessions(), Sessions()])

        assert page.count(b"# TYPE django_sessions_active gauge") == 1
        assert page.count(b"django_sessions_active 7.0") == 2


class TestSeveralProcesses:
    @pytest.fixture
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
        return tmp_path

    @pytest.fixture
    def workers(self, folder: Path) -> Iterator[list[subprocess.Popen[str]]]:
        environ = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(folder)}
        workers = [
            subprocess.Popen(
                [sys.executable, "-c", WORKER],
                env=environ,
                text=True,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            for _ in range(2)
        ]
        for worker in workers:
            assert worker.stdout is not None
            assert worker.stdout.readline() == "ready\n"
        yield workers
        for worker in workers:
            worker.kill()
            worker.communicate()

    def test_counts_are_added_and_the_dead_leave_the_gauge(self, workers: list[subprocess.Popen[str]]) -> None:
        page, _ = expose(registry=CollectorRegistry(), collectors=[Sessions()])
        assert values(page) | {"fastapi_requests_in_progress": 2, "django_sessions_active": 7} == values(page)

        workers[0].kill()
        workers[0].wait()

        after = values(expose(registry=CollectorRegistry())[0])
        assert after["fastapi_requests_total"] == 6
        assert after["fastapi_request_duration_seconds_count"] == 2
        assert after["fastapi_requests_in_progress"] == 1

    def test_openmetrics_stands_without_exemplars(self, workers: list[subprocess.Popen[str]]) -> None:
        page, _ = expose("application/openmetrics-text; version=1.0.0", registry=CollectorRegistry())

        assert b"# {" not in page
        assert page.endswith(b"# EOF\n")

    def test_a_folder_that_is_missing_is_made(self, tmp_path: Path) -> None:
        folder = tmp_path / "run" / "metrics"
        command = [sys.executable, "-c", "import ai_monitoring.metrics.instrument"]
        subprocess.run(command, env={**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(folder)}, check=True)
        assert folder.is_dir()

    def test_a_lone_worker_is_warned_of_once(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr(exposition, "_warned", [])
        monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
        exposition.warn_of_lone_worker()
        exposition.warn_of_lone_worker()
        assert [record.levelname for record in caplog.records] == ["WARNING"]
        assert "PROMETHEUS_MULTIPROC_DIR" in caplog.text

    def test_workers_that_share_a_folder_are_not(self, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
        exposition.warn_of_lone_worker()
        assert caplog.text == ""

    def test_an_empty_folder_is_an_empty_page(self, folder: Path) -> None:
        assert expose(registry=CollectorRegistry())[0] == b""


class TestToken:
    def test_no_token_no_question(self) -> None:
        assert authorized(None)

    @pytest.mark.parametrize(
        ("authorization", "allowed"),
        [
            ("Bearer s3cret", True),
            ("Bearer s3cre", False),
            ("Bearer s3cret2", False),
            ("Basic s3cret", False),
            ("s3cret", False),
            ("Bearer é", False),
            ("", False),
            (None, False),
        ],
    )
    def test_a_token(self, monkeypatch: pytest.MonkeyPatch, authorization: str | None, allowed: bool) -> None:
        monkeypatch.setenv("AI_MONITORING_METRICS_TOKEN", "s3cret")

        assert authorized(authorization) is allowed

    def test_a_token_file_is_read_each_time(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        file = tmp_path / "token"
        monkeypatch.setenv("AI_MONITORING_METRICS_TOKEN_FILE", str(file))
        file.write_text("first\n")
        assert authorized("Bearer first")

        file.write_text("second\n")
        assert not authorized("Bearer first")
        assert authorized("Bearer second")

    def test_a_file_that_is_missing_or_empty_opens_nothing(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        file = tmp_path / "token"
        monkeypatch.setenv("AI_MONITORING_METRICS_TOKEN_FILE", str(file))
        with pytest.raises(OSError, match="token"):
            authorized("Bearer ")

        file.write_text("\n")
        with pytest.raises(OSError, match="is empty"):
            authorized("Bearer ")
