"""The README's first command, in a fresh copy of the project: the watch around three live services."""

from typing import Any

from checkout import Checkout, checkout, eventually

from ai_monitoring.stack.http import get_json


def test_the_demo_comes_up_under_watch_and_raises_no_alarm() -> None:
    with checkout(packages="") as copy:
        start = copy.run("--demo")
        assert start.returncode == 0, start.stdout + start.stderr
        assert "Streamlit page" in start.stdout

        services = eventually("each service has readings", lambda: with_readings(copy), 120)
        assert {service["service"] for service in services} == {"django", "fastapi", "streamlit"}
        assert all(service["up"] and service["error_ratio"] < 0.05 for service in services)
        assert query(copy, "min(probe_success)") == ["1"]
        assert query(copy, "sum(rate(service_call_duration_seconds_count[1m])) > 0"), "they call each other"
        assert query(copy, 'count(ALERTS{alertname!="Watchdog", alertstate="firing"})') == []

        pids = copy.pids()
        assert copy.run().returncode == 0, "a start without --demo"
        assert copy.pids() == pids, "leaves a running demo alone"

        assert copy.run("stop").returncode == 0
        assert copy.processes() == []
        assert not (copy.root / "prometheus" / "targets" / "demo.yml").exists(), "nobody watches for what was stopped"


def with_readings(copy: Checkout) -> list[dict[str, Any]]:
    """The declared services, once Prometheus has all their readings; before that, none."""
    services: list[dict[str, Any]] = copy.status()["services"]
    readings = ("requests_per_second", "error_ratio", "p95_seconds")
    complete = len(services) == 3 and all(service[name] is not None for service in services for name in readings)
    return services if complete else []


def query(copy: Checkout, expression: str) -> list[str]:
    """The values of an instant query."""
    address = f"http://127.0.0.1:{copy.ports['PROMETHEUS_PORT']}/api/v1/query"
    return [sample["value"][1] for sample in get_json(address, query=expression)["data"]["result"]]
