from ai_monitoring.embedded.viewer.access import sessions
from ai_monitoring.embedded.viewer.access.sessions import Sessions


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_session_is_valid_until_it_is_closed() -> None:
    known = Sessions()
    token, other = known.open(), known.open()
    assert token != other
    assert known.valid(token)
    known.close(token)
    assert not known.valid(token)
    assert known.valid(other)


def test_strange_tokens_are_not_valid() -> None:
    known = Sessions()
    known.open()
    assert not any(map(known.valid, ("", "x", "\udcff")))


def test_idle_session_ends_and_a_used_one_goes_on() -> None:
    clock = Clock()
    known = Sessions(idle_seconds=10, clock=clock)
    used, idle = known.open(), known.open()
    clock.now = 8
    assert known.valid(used)
    clock.now = 16
    assert known.valid(used)
    assert not known.valid(idle)


def test_memory_holds_no_token() -> None:
    known = Sessions()
    token = known.open()
    assert token not in repr(vars(known))


def test_past_the_most_the_longest_unused_ends() -> None:
    clock = Clock()
    known = Sessions(clock=clock)
    tokens = []
    for _ in range(sessions.MOST + 1):
        clock.now += 1
        tokens.append(known.open())
    assert not known.valid(tokens[0])
    assert all(map(known.valid, tokens[1:]))
