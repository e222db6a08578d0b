from pathlib import Path

from ai_monitoring.telemetry.outbox import Batch, Outbox


def test_the_oldest_goes_first_and_stays_until_it_is_done() -> None:
    outbox = Outbox()
    batches = [Batch(1, b"a"), Batch(2, b"b")]
    for batch in batches:
        outbox.put(batch)
    assert outbox.first(0) is batches[0]
    assert outbox.first(0) is batches[0]
    assert outbox.done(batches[0])
    assert outbox.first(0) is batches[1]
    assert outbox.lines == 2


def test_the_oldest_is_given_up_for_the_newest_when_memory_is_full() -> None:
    outbox = Outbox(max_bytes=10)
    oldest = Batch(3, b"x" * 6)
    assert outbox.put(oldest) == 0
    assert outbox.put(Batch(4, b"x" * 6)) == 3
    assert not outbox.done(oldest)
    assert outbox.lines == 4


def test_a_close_tells_what_is_left_in_memory() -> None:
    outbox = Outbox()
    outbox.put(Batch(3, b"x"))
    assert not outbox.wait_until_empty(0)
    assert outbox.close() == 3


def test_batches_in_files_stay_when_memory_runs_out() -> None:
    outbox = Outbox(max_bytes=10)
    kept = Batch(1, file=Path("kept"))
    for batch in (kept, Batch(2, b"x" * 8), Batch(3, b"y" * 8)):
        lost = outbox.put(batch)
    assert lost == 2
    assert outbox.first(0) is kept
    assert outbox.lines == 4
