"""What ingest takes at most. The numbers are those of loki/loki.yml, or Loki's own."""

from dataclasses import dataclass

from ai_monitoring.embedded.store.retention import DAY_NS

MINUTE_NS = 60 * 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestLimits:
    """Bytes are of UTF-8; ages are nanoseconds before and after now."""

    body_bytes: int = 4 * 2**20
    """Of a body as it comes, and again once it is decompressed."""
    grpc_bytes: int = 2 * 2**20
    """Of a request over gRPC, which holds all that come at a time, and each twice."""
    body_seconds: float = 30.0
    requests: int = 64
    """That are read or written at a time."""
    held_bytes: int = 16 * 2**20
    """Of all bodies together that are read or written at a time."""
    records: int = 100_000
    """Lines or spans of a body, however short."""
    messages: int = 250_000
    """Of protobuf in a body, since each takes more memory than bytes."""
    json_brackets: int = 150_000
    """Of objects and lists in a body, since each takes more memory than text."""
    json_commas: int = 250_000
    """Of values in a body, counted by the commas between them and in texts."""
    label_names: int = 8
    """Of a stream, `service_name` not counted."""
    label_name_bytes: int = 1024
    label_value_bytes: int = 2048
    line_bytes: int = 256 * 1024
    """A longer line is cut."""
    metadata_bytes: int = 64 * 1024
    metadata_names: int = 128
    age_ns: int = 7 * DAY_NS
    ahead_ns: int = 10 * MINUTE_NS
