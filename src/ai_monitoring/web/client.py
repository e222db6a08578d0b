"""The address of a request's client, for log lines only: never a label."""

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable, Mapping
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

UNKNOWN: Final = "unknown"
"""What stands where a request has no address, or one that cannot be read."""

MAX_HOPS: Final = 20
"""Entries of X-Forwarded-For that are read, from the right: its sender chooses its length."""


class AddressForm(StrEnum):
    """How much of an address a log line tells."""

    FULL = "full"
    SHORTENED = "shortened"
    HASHED = "hashed"


class ClientAddress:
    """Tells a request's client by its peer and X-Forwarded-For, in the form that the settings allow.

    `shortened` keeps the network (IPv4 /24, IPv6 /48). `hashed` is an HMAC-SHA256 under `key`: the same client can be
    followed from line to line, but not told. X-Forwarded-For is honoured from the networks in `trusted` alone, and
    walked from the right; `unix` among them trusts whoever speaks through a Unix socket.
    """

    def __init__(
        self, form: AddressForm = AddressForm.SHORTENED, trusted: Iterable[str] = (), key: bytes | None = None
    ) -> None:
        trusted = frozenset(trusted)
        self._form = form
        self._trusts_sockets = "unix" in trusted
        self._trusted = [ip_network(network) for network in trusted - {"unix"}]
        self._key = key or secrets.token_bytes(32)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "ClientAddress":
        """By AI_MONITORING_CLIENT_ADDRESS (full, shortened or hashed; by default shortened),
        AI_MONITORING_TRUSTED_PROXIES (networks, separated by commas) and AI_MONITORING_ADDRESS_KEY (else a key that
        each process draws for itself). Raises ValueError that names the variable and what it may hold.
        """
        key = environ.get("AI_MONITORING_ADDRESS_KEY", "").encode() or None
        return cls(_form(environ), _trusted_proxies(environ), key)

    def __call__(self, peer: str | None, forwarded_for: str | None = None) -> str:
        """The client behind `peer`, as a log line may show it; `unknown` where it cannot be told."""
        address = self._resolve(peer, forwarded_for)
        return UNKNOWN if address is None else self._shown(address)

    def _resolve(self, peer: str | None, forwarded_for: str | None) -> IPv4Address | IPv6Address | None:
        address = _parse(peer)
        hops = forwarded_for.rsplit(",", MAX_HOPS)[-MAX_HOPS:] if forwarded_for else []
        while hops and self._is_trusted(address, peer):
            hop = _parse(hops.pop())
            if hop is None:
                break
            address = hop
        return address

    def _is_trusted(self, address: IPv4Address | IPv6Address | None, peer: str | None) -> bool:
        if address is None:
            return self._trusts_sockets and not peer
        return any(address in network for network in self._trusted)

    def _shown(self, address: IPv4Address | IPv6Address) -> str:
        match self._form:
            case AddressForm.FULL:
                return str(address)
            case AddressForm.SHORTENED:
                return str(ip_network((address, 24 if address.version == 4 else 48), strict=False))
            case AddressForm.HASHED:
                return hmac.new(self._key, address.packed, hashlib.sha256).hexdigest()[:16]


def _form(environ: Mapping[str, str]) -> AddressForm:
    text = environ.get("AI_MONITORING_CLIENT_ADDRESS") or AddressForm.SHORTENED
    try:
        return AddressForm(text)
    except ValueError:
        allowed = ", ".join(AddressForm)
        raise ValueError(f"AI_MONITORING_CLIENT_ADDRESS: {text!r} is not one of {allowed}") from None


def _trusted_proxies(environ: Mapping[str, str]) -> list[str]:
    networks = [part.strip() for part in environ.get("AI_MONITORING_TRUSTED_PROXIES", "").split(",") if part.strip()]
    for network in networks:
        try:
            network == "unix" or ip_network(network)
        except ValueError as error:
            raise ValueError(
                f"AI_MONITORING_TRUSTED_PROXIES: {error}; it takes networks such as 10.0.0.0/8,::1, or unix"
            ) from None
    return networks


def _parse(text: str | None) -> IPv4Address | IPv6Address | None:
    """An address as peers and proxies write it: with a port, in brackets, with a zone, or IPv4 inside IPv6."""
    text = (text or "").strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
