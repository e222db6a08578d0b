import pytest

from ai_monitoring.host_link.address import Address, parse_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:8002", Address("127.0.0.1", 8002)),
        ("localhost:8002", Address("localhost", 8002)),
        ("LOCALHOST:8002", Address("localhost", 8002)),
        ("[::1]:8002", Address("::1", 8002)),
        ("127.0.0.1", Address("127.0.0.1", 80)),
        ("shop.example:443", Address("shop.example", 443)),
    ],
)
def test_an_address_is_a_host_and_a_port(text: str, address: Address) -> None:
    assert parse_address(text) == address


def test_the_port_that_is_not_named_is_the_schemes() -> None:
    assert parse_address("localhost", "https") == Address("localhost", 443)


@pytest.mark.parametrize("text", ["", ":80", "a:b", "a:99999", "a/b", "a?b", "a#b", "u@127.0.0.1:80", "[::1:80"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_address(text)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.10", "::1"])
def test_loopback(host: str) -> None:
    assert Address(host, 80).is_loopback


@pytest.mark.parametrize("host", ["10.0.0.1", "0.0.0.0", "128.0.0.1", "::", "::2", "localhost.evil", "127.1", "0x7f.1"])  # noqa: S104 # not bound
def test_not_loopback(host: str) -> None:
    assert not Address(host, 80).is_loopback


def test_an_address_is_written_as_a_url_writes_it() -> None:
    assert str(Address("127.0.0.1", 80)) == "127.0.0.1:80"
    assert str(Address("::1", 80)) == "[::1]:80"


def test_localhost_is_looked_up_nowhere() -> None:
    assert Address("localhost", 80).hosts == ("127.0.0.1", "::1")
