"""The counts are the same with one worker or several."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CALL = """
from ai_monitoring.llm import Usage, record_call
for number in range({calls}):
    record_call("openai", "gpt-4o", seconds=0.5, usage=Usage(1000, 100, 400), team="search")
    record_call("openai", "nobody-knows", seconds=0.5, usage=Usage(10))
"""
SHOW = "from ai_monitoring.metrics.exposition import expose; print(expose()[0].decode())"


def run(code: str, folder: Path) -> str:
    environ = {
        **os.environ,
        "PROMETHEUS_MULTIPROC_DIR": str(folder),
        "AI_MONITORING_CONFIG": str(folder / "empty.yaml"),
    }
    return subprocess.check_output([sys.executable, "-c", code], env=environ, text=True, cwd=folder)


def samples(folder: Path, *calls: int) -> dict[str, float]:
    """What a scrape shows after as many workers have made these calls."""
    folder.mkdir()
    (folder / "empty.yaml").touch()
    for number in calls:
        run(CALL.format(calls=number), folder)
    lines = [line for line in run(SHOW, folder).splitlines() if line.startswith("llm_")]
    return {series: float(value) for series, value in (line.rsplit(" ", 1) for line in lines)}


def test_workers_add_up_to_one(tmp_path: Path) -> None:
    one, three = samples(tmp_path / "one", 6), samples(tmp_path / "three", 1, 2, 3)
    assert three == pytest.approx(one, rel=1e-12)
    assert one['llm_requests_total{model="gpt-4o",operation="chat",provider="openai",status="ok"}'] == 6
    assert one['llm_tokens_total{model="gpt-4o",provider="openai",type="cache_read"}'] == 2400
    assert one['llm_unpriced_requests_total{model="nobody-knows",provider="openai"}'] == 6
