import subprocess
import sys
from importlib.metadata import requires, version

import ai_monitoring

HEAVY = (
    "prometheus_client",
    "django",
    "fastapi",
    "starlette",
    "streamlit",
    "uvicorn",
    "psutil",
    "supervisor",
    "asyncio",
)


def test_version_is_the_distributions() -> None:
    assert ai_monitoring.__version__ == version("ai-monitoring")


def test_import_is_light() -> None:
    code = f"import sys, ai_monitoring; print(*(name for name in {HEAVY} if name in sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "\n"


def test_what_an_application_needs_is_importable_from_the_package() -> None:
    assert ai_monitoring.AIRequest.__module__ == "ai_monitoring.collector.request"
    assert callable(ai_monitoring.MetricsCollector)
    assert callable(ai_monitoring.load_config)
    assert not hasattr(ai_monitoring, "MetricsColector")


def test_what_is_not_installed_is_told_with_the_extra_that_brings_it() -> None:
    code = "import sys; sys.modules['sqlalchemy'] = None; from ai_monitoring import MetricsCollector"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "MetricsCollector needs sqlalchemy: pip install 'ai-monitoring[record]'" in result.stderr


def test_a_watched_service_needs_one_package() -> None:
    needed = [requirement for requirement in requires("ai-monitoring") or [] if "extra ==" not in requirement]
    assert [requirement.partition(">")[0] for requirement in needed] == ["prometheus-client"]
