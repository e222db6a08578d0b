"""A request that has passed the door: what every dimension works on."""

from dataclasses import dataclass

from ai_monitoring.collector.request import AIRequest


@dataclass(frozen=True, slots=True)
class Admission:
    """`request` is checked, put right, and knows its user by a pseudonym only.

    `new` says that no dimension has counted this request id yet, `call_counted` that the instrumentation of an SDK has
    counted the call itself, `booked_only` that nothing but the ledger wants it; `call_ids` are all ids by which it may
    come again.
    """

    request: AIRequest
    new: bool = True
    call_counted: bool = False
    booked_only: bool = False
    call_ids: tuple[str, ...] = ()
