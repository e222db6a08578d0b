"""What the files of Loki, Tempo and the Collector promise, whether or not the programs are at hand."""

import re
import subprocess
import sys
from typing import Any

import pytest
import yaml
from watch import ROOT

FILES = ("loki/loki.yml", "tempo/tempo.yml", "otel-collector/otel-collector.yml")


def load(name: str) -> dict[str, Any]:
    loaded = yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


COLLECTOR = load(FILES[2])
PIPELINES: dict[str, dict[str, list[str]]] = COLLECTOR["service"]["pipelines"]


@pytest.mark.parametrize("name", FILES)
def test_yamllint_finds_nothing(name: str) -> None:
    command = [sys.executable, "-m", "yamllint", "--strict", "--format=parsable", name]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_loki_keeps_seven_days_and_deletes() -> None:
    loki = load("loki/loki.yml")
    assert loki["limits_config"]["retention_period"] == "168h"
    assert loki["limits_config"]["deletion_mode"] == "filter-and-delete"
    assert loki["compactor"]["retention_enabled"] is True
    assert loki["compactor"]["delete_request_store"] == "filesystem"
    assert loki["compactor"]["delete_request_cancel_period"] == "3h", "longer than chunks stay in memory"
    assert [(c["store"], c["schema"]) for c in loki["schema_config"]["configs"]] == [("tsdb", "v13")]
    assert loki["analytics"]["reporting_enabled"] is False


def test_loki_has_two_labels_at_most() -> None:
    attributes = load("loki/loki.yml")["limits_config"]["otlp_config"]["resource_attributes"]
    assert attributes["ignore_defaults"] is True
    [config] = attributes["attributes_config"]
    assert config == {"action": "index_label", "attributes": ["service.name", "deployment.environment.name"]}


def test_tempo_keeps_three_days() -> None:
    tempo = load("tempo/tempo.yml")
    assert tempo["overrides"]["defaults"]["compaction"]["block_retention"] == "72h"
    assert tempo["usage_report"]["reporting_enabled"] is False


@pytest.mark.parametrize("name", PIPELINES)
def test_a_pipeline_limits_memory_first_and_batches_last(name: str) -> None:
    processors = PIPELINES[name]["processors"]
    assert (processors[0], processors[-1]) == ("memory_limiter", "batch")
    if name.startswith(("logs", "traces")):
        assert processors[-2] == "transform/redact"


@pytest.mark.parametrize("name", [name for name in COLLECTOR["exporters"] if name != "prometheus"])
def test_an_exporter_keeps_what_waits_on_disk_until_it_is_taken(name: str) -> None:
    exporter = COLLECTOR["exporters"][name]
    assert exporter["sending_queue"]["storage"] == "file_storage"
    assert exporter["sending_queue"]["queue_size"] > 0
    assert exporter["retry_on_failure"]["max_elapsed_time"] == "0s"


def test_what_a_pipeline_names_is_there_and_all_is_used() -> None:
    connectors = set(COLLECTOR["connectors"])
    for kind in ("receivers", "processors", "exporters"):
        named = {name for pipeline in PIPELINES.values() for name in pipeline[kind]}
        assert named - connectors == set(COLLECTOR[kind])
    assert set(COLLECTOR["service"]["extensions"]) == set(COLLECTOR["extensions"])


def test_each_place_that_may_hold_a_secret_has_every_form_taken_out() -> None:
    redact = COLLECTOR["processors"]["transform/redact"]
    statements = [*redact["log_statements"], *redact["trace_statements"]]
    forms: dict[str, set[str]] = {}
    for statement in statements:
        if found := re.match(
            r'replace_(?:all_)?patterns?\(([\w.]+), (?:"value", )?(".*"), ".*"\)( where .*)?$', statement
        ):
            forms.setdefault(found[1] + (found[3] or ""), set()).add(found[2])
    assert set(forms) == {
        "resource.attributes",
        "log.body where IsString(log.body)",
        "log.body where IsMap(log.body)",
        "log.attributes",
        "span.name",
        "span.status.message",
        "span.attributes",
        "spanevent.attributes",
    }
    assert len({frozenset(found) for found in forms.values()}) == 1
    assert len(forms["log.attributes"]) == 3


def test_the_collector_offers_no_browser_access() -> None:
    assert all(
        "cors" not in receiver["protocols"]["http"]
        for name, receiver in COLLECTOR["receivers"].items()
        if "otlp" in name
    )
