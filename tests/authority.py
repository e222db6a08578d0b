"""A certificate authority of a test's own, and what it signs."""

import ssl
from dataclasses import dataclass
from pathlib import Path

import trustme


@dataclass(frozen=True)
class Authority:
    """Its own certificate is in `file`."""

    file: Path
    _authority: trustme.CA

    @classmethod
    def make(cls, file: Path) -> "Authority":
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(file))
        return cls(file, authority)

    def server(self, host: str) -> ssl.SSLContext:
        """What a server of that name or address shows."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert(host).configure_cert(context)
        return context
