"""The addresses that may be asked: a loopback host and a port."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """A host, as it was written, and its port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether it is localhost, within 127.0.0.0/8, or ::1."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def hosts(self) -> tuple[str, ...]:
        """The numeric addresses to try; no resolver has a say in what localhost is."""
        return ("127.0.0.1", "::1") if self.host == "localhost" else (self.host,)


def parse_address(text: str, scheme: str = "http") -> Address:
    """`127.0.0.1:8002`, `localhost:8002` or `[::1]:8002`; without a port, the scheme's own.

    Raises ValueError for anything else.
    """
    parts = urlsplit(f"//{text}")
    if not parts.hostname or parts.netloc != text or "@" in text:
        raise ValueError(f"{text!r} is not host:port")
    return Address(parts.hostname, parts.port or PORTS[scheme])
