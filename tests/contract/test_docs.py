"""The documents lead where they say, and name the versions and settings that there are."""

import re
from pathlib import Path

import pytest
import yaml
from watch import ROOT

from ai_monitoring.stack.settings import DEFAULT_PORTS

DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
COMPOSE = yaml.safe_load((ROOT / "docker-compose-monitoring.yml").read_text(encoding="utf-8"))
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: str(document.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    for path, anchor in LINK.findall(document.read_text(encoding="utf-8")):
        target = (document.parent / path).resolve() if path else document
        assert target.exists(), path
        assert not anchor or anchor in anchors(target), f"{path}#{anchor}"


def test_images_in_documents_are_those_that_run() -> None:
    images = {service["image"] for service in COMPOSE["services"].values()}
    repositories = "|".join(re.escape(image.partition(":")[0]) for image in images if ":" in image)
    named = set(re.findall(rf"(?:{repositories}):[\w.-]+", "".join(d.read_text("utf-8") for d in DOCUMENTS)))
    assert named
    assert named <= images


def test_table_of_ports_is_the_contracts() -> None:
    text = (ROOT / "docs" / "docker.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| [^|]*\| ([\d, ]+) \| ((?:`[A-Z_]+`(?:, )?)+) \|", text, re.MULTILINE)
    shown = {
        name: int(port)
        for ports, names in rows
        for port, name in zip(ports.split(", "), re.findall(r"[A-Z_]+", names), strict=True)
    }
    demo = {"DJANGO_PORT", "FASTAPI_PORT", "STREAMLIT_PORT", "LLM_UPSTREAM_PORT"}
    assert shown == {name: port for name, port in DEFAULT_PORTS.items() if name not in demo}


def test_backup_takes_every_volume_of_data() -> None:
    """What is rendered at each start, or is the demo's, is not among them."""
    text = (ROOT / "docs" / "upgrade.md").read_text(encoding="utf-8")
    (named,) = re.findall(r"^for volume in (.+); do$", text, re.MULTILINE)
    assert set(named.split()) == set(COMPOSE["volumes"]) - {
        "alertmanager-config",
        "grafana-secrets",
        "incidents-settings",
        "monitoring-settings",
        "host-link",
        "demo",
    }


def anchors(document: Path) -> set[str]:
    """The names that GitHub gives to a document's headings."""
    headings = HEADING.findall(document.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
