import logging
from pathlib import Path

import pytest

from ai_monitoring.host_link.address import Address
from ai_monitoring.host_link.declared import Declared

SHOP, CHAT = Address("127.0.0.1", 8010), Address("localhost", 8511)


def test_what_the_files_declare_on_loopback_is_declared(tmp_path: Path) -> None:
    (tmp_path / "services.yml").write_text(
        "- targets: [127.0.0.1:8010, 'localhost:8511']\n- targets: ['[::1]:8012', 10.0.0.1:80]\n"
    )
    (tmp_path / "secure.yml").write_text("- targets: [127.0.0.1]\n  labels: {__scheme__: https}\n")
    declared = Declared(tmp_path)
    assert all(address in declared for address in (SHOP, CHAT, Address("::1", 8012), Address("127.0.0.1", 443)))
    others = (Address("127.0.0.1", 8011), Address("localhost", 8010), Address("10.0.0.1", 80), Address("127.0.0.1", 80))
    assert not any(address in declared for address in others)


def test_an_address_can_be_named_by_hand(tmp_path: Path) -> None:
    assert SHOP in Declared(tmp_path / "none", {"shop:80": SHOP})
    assert CHAT not in Declared(tmp_path / "none", {"shop:80": SHOP})


def test_the_shipped_file_of_services_declares_nothing_yet() -> None:
    shipped = Path(__file__).parents[3] / "prometheus" / "targets"
    assert Address("127.0.0.1", 8010) not in Declared(shipped)


def test_a_changed_file_is_read_again_and_a_removed_one_forgotten(tmp_path: Path) -> None:
    file, declared = tmp_path / "services.yml", Declared(tmp_path)
    assert SHOP not in declared
    file.write_text("- targets: [127.0.0.1:8010]\n")
    assert SHOP in declared
    file.write_text("- targets: [localhost:8511, localhost:8512]\n")
    assert SHOP not in declared
    assert CHAT in declared
    file.unlink()
    assert CHAT not in declared


@pytest.mark.parametrize("broken", ["- targets: [", "- 1", "x", "- targets: 1", "- targets: ['a:b']", b"\xff"])
def test_a_broken_file_keeps_what_it_declared_and_is_named_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, broken: str | bytes
) -> None:
    caplog.set_level(logging.WARNING)
    file, declared = tmp_path / "services.yml", Declared(tmp_path)
    file.write_text("- targets: [127.0.0.1:8010]\n")
    assert SHOP in declared
    file.write_bytes(broken if isinstance(broken, bytes) else broken.encode())
    assert [SHOP in declared, SHOP in declared] == [True, True]
    [message] = caplog.messages
    assert str(file) in message
