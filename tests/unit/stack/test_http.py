import socket
from collections.abc import Callable
from threading import Thread

import pytest

from ai_monitoring.stack import http

Answers = dict[str, tuple[int, str]]
Serve = Callable[[Answers], int]


def test_answers_is_for_2xx_alone(serve: Serve) -> None:
    port = serve({"/ok": (200, "x"), "/gone": (404, "x"), "/broken": (500, "x")})
    answers = {path: http.answers(f"http://127.0.0.1:{port}{path}") for path in ("/ok", "/gone", "/broken")}
    assert answers == {"/ok": True, "/gone": False, "/broken": False}


def test_a_redirect_to_nowhere_is_no_answer(serve: Serve) -> None:
    assert not http.answers(f"http://127.0.0.1:{serve({'/': (302, '')})}/")


def test_json_with_its_query(serve: Serve) -> None:
    port = serve({"/api?query=a%28b%29+%2B+c": (200, '{"x": [1]}')})
    assert http.get_json(f"http://127.0.0.1:{port}/api", query="a(b) + c") == {"x": [1]}


@pytest.mark.parametrize("answer", [(200, "not json"), (503, "{}")])
def test_what_is_not_json_raises(serve: Serve, answer: tuple[int, str]) -> None:
    with pytest.raises((OSError, ValueError)):
        http.get_json(f"http://127.0.0.1:{serve({'/': answer})}/")


def test_nobody_there(free_port: int) -> None:
    assert not http.answers(f"http://127.0.0.1:{free_port}/")
    with pytest.raises(OSError, match="refused"):
        http.get_json(f"http://127.0.0.1:{free_port}/")


def test_somebody_who_speaks_another_language() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            for _ in range(2):
                connection, _ = server.accept()
                with connection:
                    connection.recv(1024)
                    connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")

        thread = Thread(target=answer)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        assert not http.answers(url)
        with pytest.raises(ValueError, match="does not speak HTTP"):
            http.get_json(url)
        thread.join()


def test_no_proxy_stands_between(serve: Serve, free_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port}")
    assert http.answers(f"http://127.0.0.1:{serve({'/': (200, '')})}/")
