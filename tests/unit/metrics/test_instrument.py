"""Children at hand, capped, bound once to a registry."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from ai_monitoring.metrics.declaration import Kind, Metric
from ai_monitoring.metrics.instrument import Instrument, instrument
from ai_monitoring.metrics.shortcut import adder, observer, stepper

EXCEPTIONS = "fastapi_exceptions_total"


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


def test_is_made_once_for_each_registry(registry: CollectorRegistry) -> None:
    assert instrument(EXCEPTIONS, registry) is instrument(EXCEPTIONS, registry)
    assert instrument(EXCEPTIONS, registry) is not instrument(EXCEPTIONS, CollectorRegistry())


def test_a_name_that_nobody_declared_is_refused(registry: CollectorRegistry) -> None:
    with pytest.raises(KeyError, match="fastapi_surprises_total"):
        instrument("fastapi_surprises_total", registry)


def test_threads_that_bind_at_once_share_one_metric(registry: CollectorRegistry) -> None:
    with ThreadPoolExecutor(8) as pool:
        bound = list(pool.map(lambda _: instrument(EXCEPTIONS, registry), range(64)))

    assert len({id(one) for one in bound}) == 1


def test_one_label_without_labels_and_several(registry: CollectorRegistry) -> None:
    instrument("fastapi_auth_failures_total", registry)["missing"].inc()
    instrument("fastapi_requests_in_progress", registry)[()].inc()
    instrument(EXCEPTIONS, registry)["/", "KeyError"].inc()

    value = registry.get_sample_value
    assert value("fastapi_auth_failures_total", {"reason": "missing"}) == 1
    assert value("fastapi_requests_in_progress") == 1
    assert value(EXCEPTIONS, {"endpoint": "/", "exception": "KeyError"}) == 1


def test_beyond_the_cap_open_labels_are_other_and_the_rest_stays(registry: CollectorRegistry) -> None:
    metric = Metric(
        name="things_total",
        kind=Kind.COUNTER,
        help="Things.",
        labels=("name", "status"),
        open_labels=("name",),
        max_series=2,
    )
    things = Instrument(metric, registry)
    for name in ("a", "b", "c", "d", "a"):
        things[name, "ok"].inc()
    things["e", "bad"].inc()

    value = registry.get_sample_value
    assert value("things_total", {"name": "a", "status": "ok"}) == 2
    assert value("things_total", {"name": "other", "status": "ok"}) == 2
    assert value("things_total", {"name": "other", "status": "bad"}) == 1
    assert value("things_total", {"name": "c", "status": "ok"}) is None
    assert value("ai_monitoring_series_dropped_total", {"metric": "things_total"}) == 3


def test_prepared_series_stand_at_0_and_none_is_dropped_for_it(registry: CollectorRegistry) -> None:
    metric = Metric(name="things_total", kind=Kind.COUNTER, help="Things.", labels=("name",), max_series=1)
    things = Instrument(metric, registry)
    things.prepare("a")
    things.prepare("b")

    assert registry.get_sample_value("things_total", {"name": "a"}) == 0
    assert len(things) == 1
    assert registry.get_sample_value("ai_monitoring_series_dropped_total", {"metric": "things_total"}) is None


@pytest.mark.parametrize("seconds", [0.0, 0.003, 0.005, 0.0051, 29.9, 30.0, 31.0, -1.0])
def test_the_short_way_records_what_the_public_one_does(seconds: float) -> None:
    def samples(short: bool) -> list[Any]:
        registry = CollectorRegistry()
        duration = instrument("fastapi_request_duration_seconds", registry)["GET", "/"]
        gauge = instrument("fastapi_requests_in_progress", registry)[()]
        (observer(duration) if short else duration.observe)(seconds)
        (adder(gauge) if short else gauge.inc)(2)
        return [list(family.samples) for family in registry.collect()]

    assert samples(short=True) == samples(short=False)


def test_without_the_inner_names_the_public_methods_take_over() -> None:
    class Child:
        def inc(self, amount: float) -> None: ...

        def observe(self, amount: float) -> None: ...

    child = Child()
    assert adder(child) == child.inc
    assert observer(child) == child.observe


def test_the_installed_prometheus_client_has_the_short_way(registry: CollectorRegistry) -> None:
    duration = instrument("fastapi_request_duration_seconds", registry)["GET", "/"]
    gauge = instrument("fastapi_requests_in_progress", registry)[()]

    assert observer(duration) != duration.observe
    assert adder(gauge) != gauge.inc


def test_steps_are_shared_by_all_who_take_them_in_one_registry(registry: CollectorRegistry) -> None:
    gauge = instrument("fastapi_requests_in_progress", registry)
    (up, down), (other_up, _) = stepper(gauge), stepper(gauge)
    up()
    up()
    other_up()
    down()
    assert registry.get_sample_value("fastapi_requests_in_progress") == 2

    for _ in range(5):
        down()
    assert registry.get_sample_value("fastapi_requests_in_progress") == 0
