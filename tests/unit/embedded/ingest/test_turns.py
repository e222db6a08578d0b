import pytest

from ai_monitoring.embedded.ingest.limits import IngestLimits
from ai_monitoring.embedded.ingest.refusals import Refused
from ai_monitoring.embedded.ingest.turns import Turns


def test_requests_hold_so_many_bytes_together() -> None:
    turns = Turns(IngestLimits(held_bytes=10))
    with turns.turn() as first, turns.turn() as second:
        first.hold(6)
        second.hold(4)
        with pytest.raises(Refused, match="no more are taken") as refusal:
            first.hold(1)
    assert (refusal.value.status, refusal.value.retry_after) == (503, 1)
    with turns.turn() as third:
        third.hold(10)


def test_so_many_requests_are_under_way() -> None:
    turns = Turns(IngestLimits(requests=1))
    with turns.turn(), pytest.raises(Refused, match="1 requests are under way"), turns.turn():
        pass
    with turns.turn():
        pass
