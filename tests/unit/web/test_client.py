"""The client's address as log lines may show it."""

import re

import pytest

from ai_monitoring.web.client import AddressForm, ClientAddress

PROXIES = ("10.0.0.0/8", "fd00::/8")


@pytest.mark.parametrize(
    ("peer", "shown"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("fe80::1%eth0", "fe80::/48"),
        ("testclient", "unknown"),
        ("", "unknown"),
        (None, "unknown"),
    ],
)
def test_shortened_by_default(peer: str | None, shown: str) -> None:
    assert ClientAddress.from_environment({})(peer) == shown


def test_full() -> None:
    assert ClientAddress(AddressForm.FULL)("2001:db8::1") == "2001:db8::1"


class TestHashed:
    def test_follows_a_client_without_telling_it(self) -> None:
        address = ClientAddress(AddressForm.HASHED, key=b"key")

        assert re.fullmatch("[0-9a-f]{16}", address("192.0.2.77"))
        assert address("192.0.2.77") == address("::ffff:192.0.2.77") != address("192.0.2.78")

    def test_depends_on_the_key(self) -> None:
        keys: tuple[bytes | None, ...] = (b"one", b"other", None, None)
        hashes = {ClientAddress(AddressForm.HASHED, key=key)("192.0.2.77") for key in keys}

        assert len(hashes) == 4

    def test_the_key_of_the_environment_is_the_same_in_every_process(self) -> None:
        environ = {"AI_MONITORING_CLIENT_ADDRESS": "hashed", "AI_MONITORING_ADDRESS_KEY": "key"}

        first, second = (ClientAddress.from_environment(environ) for _ in range(2))
        assert (
            first("192.0.2.77") == second("192.0.2.77") == ClientAddress(AddressForm.HASHED, key=b"key")("192.0.2.77")
        )


class TestForwardedFor:
    @pytest.mark.parametrize(
        ("peer", "forwarded_for", "client"),
        [
            ("203.0.113.1", "198.51.100.1", "203.0.113.1"),
            ("10.0.0.1", None, "10.0.0.1"),
            ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
            ("10.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"),
            ("10.0.0.1", "198.51.100.1, 10.1.1.1", "198.51.100.1"),
            ("10.0.0.1", "10.2.2.2,10.1.1.1", "10.2.2.2"),
            ("10.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
            ("fd00::1", "[2001:db8::1]:4711", "2001:db8::1"),
            ("10.0.0.1", "198.51.100.1, <script>", "10.0.0.1"),
            ("10.0.0.1", "", "10.0.0.1"),
            ("10.0.0.1", "6.6.6.6," + ",".join(["10.1.1.1"] * 500), "10.1.1.1"),
            (None, "198.51.100.1", "unknown"),
        ],
    )
    def test_is_honoured_from_trusted_peers_alone(
        self, peer: str | None, forwarded_for: str | None, client: str
    ) -> None:
        assert ClientAddress(AddressForm.FULL, PROXIES)(peer, forwarded_for) == client

    def test_a_unix_socket_can_be_trusted(self) -> None:
        address = ClientAddress(AddressForm.FULL, ["unix"])

        assert address("", "198.51.100.1") == address(None, "198.51.100.1") == "198.51.100.1"
        assert address("203.0.113.1", "198.51.100.1") == "203.0.113.1"


class TestSettings:
    def test_proxies(self) -> None:
        environ = {"AI_MONITORING_CLIENT_ADDRESS": "full", "AI_MONITORING_TRUSTED_PROXIES": " 10.0.0.0/8 , unix,"}

        assert ClientAddress.from_environment(environ)("10.0.0.1", "198.51.100.1") == "198.51.100.1"

    @pytest.mark.parametrize(
        ("environ", "message"),
        [
            ({"AI_MONITORING_CLIENT_ADDRESS": "all"}, "'all' is not one of full, shortened, hashed"),
            (
                {"AI_MONITORING_TRUSTED_PROXIES": "10.0.0.1/8"},
                "TRUSTED_PROXIES: 10.0.0.1/8 has host bits set; it takes",
            ),
            ({"AI_MONITORING_TRUSTED_PROXIES": "proxy"}, "TRUSTED_PROXIES: 'proxy' does not appear to be"),
        ],
    )
    def test_a_wrong_value_is_named(self, environ: dict[str, str], message: str) -> None:
        with pytest.raises(ValueError, match=re.escape(message)):
            ClientAddress.from_environment(environ)
