from exporters.containers.container import Container
from exporters.containers.tallies import OOMKills, Restarts


def container(restarts: int, name: str = "web", id_: str = "a") -> Container:
    return Container(
        id=id_, service=name, name=name, up=True, wanted=True, restarts=restarts, healthy=None, memory_limit_bytes=None
    )


def test_what_docker_counted_before_the_first_reading_is_no_news() -> None:
    restarts = Restarts()
    assert restarts.add([container(7)], {"web"}) == {"web": 0}
    assert restarts.add([container(9)], {"web"}) == {"web": 2}


def test_a_container_that_comes_later_counts_whole() -> None:
    restarts = Restarts()
    restarts.add([], set())
    assert restarts.add([container(3)], {"web"}) == {"web": 3}


def test_the_count_goes_on_when_docker_begins_again() -> None:
    restarts = Restarts()
    restarts.add([container(2)], {"web"})
    assert restarts.add([container(4)], {"web"}) == {"web": 2}
    assert restarts.add([container(0)], {"web"}) == {"web": 2}, "started by hand"
    assert restarts.add([container(1)], {"web"}) == {"web": 3}
    assert restarts.add([container(5, id_="b")], {"web"}) == {"web": 8}, "made anew, and restarted five times since"


def test_a_container_that_could_not_be_read_once_is_not_counted_again() -> None:
    restarts = Restarts()
    restarts.add([container(7)], {"web"})
    restarts.add([], {"web"})
    assert restarts.add([container(8)], {"web"}) == {"web": 1}


def test_a_removed_container_is_forgotten() -> None:
    restarts = Restarts()
    restarts.add([container(7), container(1, "db")], {"web", "db"})
    assert restarts.add([container(1, "db")], {"db"}) == {"db": 0}


def test_each_event_is_a_kill() -> None:
    kills = OOMKills()
    assert kills.add([], {"web", "db"}) == {"web": 0, "db": 0}
    assert kills.add(["web", "web", "gone"], {"web", "db"}) == {"web": 2, "db": 0}
    assert kills.add(["web"], {"web"}) == {"web": 3}
    assert kills.add([], set()) == {}
