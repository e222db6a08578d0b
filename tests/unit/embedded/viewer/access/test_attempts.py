from ai_monitoring.embedded.viewer.access.attempts import FREE, LONGEST_SECONDS, Attempts


def test_waiting_doubles_after_the_free_ones_and_is_bounded() -> None:
    now = 0.0
    attempts = Attempts(lambda: now)
    waits = []
    for _ in range(2000):
        attempts.failed()
        waits.append(attempts.wait())
        now += attempts.wait()
    assert waits[: FREE - 1] == [0.0] * (FREE - 1)
    assert waits[FREE - 1 : FREE + 3] == [1, 2, 4, 8]
    assert waits[-1] == LONGEST_SECONDS
    assert attempts.wait() == 0


def test_success_forgets_failures() -> None:
    attempts = Attempts(lambda: 0.0)
    for _ in range(FREE):
        attempts.failed()
    attempts.succeeded()
    assert attempts.wait() == 0
    attempts.failed()
    assert attempts.wait() == 0
