"""What users of the two APIs do, what goes wrong for them, and what strangers try."""

from collections.abc import Awaitable, Callable

from examples.settings import USERS
from examples.traffic.world import World

TOPICS = ("sleep", "food", "shoes", "race", "injury")
QUESTIONS = (
    "How much sleep do I need?",
    "What shall I eat on a long run?",
    "My knee hurts when I run, what should I do?",
    "Which shoes should I buy?",
    "How do I avoid hitting the wall in a marathon?",
    "How should I pace my race?",
    "race taper",
    "How many days a week should I train?",
)
OFF_TOPIC = ("What is the capital of France?", "How do I file my tax return?", "Can you write a poem about cheese?")
STRATEGIES = (None, "A", "B", "C", None)
MESSAGES = (
    "My long run felt heavy today",
    "My Achilles tendon is stiff in the morning",
    "I slept badly before my race",
)
PROBES = (
    "/api/../../../../etc/passwd",
    "/api/me/?id=1'%20OR%20'1'='1",
    "/wp-login.php",
    "/api/me/?next=<script>alert(1)</script>",
)


def _user(world: World, name: str) -> str:
    return USERS[world.turn(name, len(USERS))]


async def read_profile(world: World) -> None:
    token = await world.token(_user(world, "profile"))
    me = (await world.ask(world.django, "GET", "/api/me/", 200, token)).json()
    await world.ask(world.django, "GET", f"/api/profiles/{me['id']}/", 200, token)


async def read_tip(world: World) -> None:
    await world.ask(world.fastapi, "GET", f"/tips/{TOPICS[world.turn('tip', len(TOPICS))]}", 200)


async def ask_faq(world: World) -> None:
    await _ask_faq(world, _question(world), strategy=STRATEGIES[world.turn("strategy", len(STRATEGIES))])


async def ask_through_gateway(world: World) -> None:
    """As the page asks: Django passes the question on to FastAPI."""
    token = await world.token(_user(world, "gateway"))
    await world.ask(world.django, "POST", "/api/questions/", 200, token, json={"question": _question(world)})


async def ask_off_topic(world: World) -> None:
    """A question that the FAQ has no answer to: low confidence."""
    await _ask_faq(world, OFF_TOPIC[world.turn("off topic", len(OFF_TOPIC))])


async def ask_nothing(world: World) -> None:
    await _ask_faq(world, "?!", expect=422)


def _question(world: World) -> str:
    return QUESTIONS[world.turn("question", len(QUESTIONS))]


async def _ask_faq(
    world: World, question: str, *, strategy: str | None = None, expect: int = 200, trouble: str = "none"
) -> None:
    token = await world.token(_user(world, "faq"))
    body = {"question": question, "strategy": strategy}
    await world.ask(world.fastapi, "POST", "/faq", expect, token, json=body, headers={"x-demo-trouble": trouble})


async def be_coached(world: World) -> None:
    token = await world.token(_user(world, "coached"))
    body = {"messages": [MESSAGES[world.turn("message", len(MESSAGES))]]}
    await world.ask(world.fastapi, "POST", "/coaching/sessions", 200, token, json=body)


async def leave_the_coach(world: World) -> None:
    """An athlete who leaves while the model still speaks: the service abandons the stream."""
    token = await world.token("ada")
    world.requests += 1
    headers = {"Authorization": f"Bearer {token}", "x-demo-trouble": "dawdling"}
    body = {"messages": [MESSAGES[0]]}
    async with world.fastapi.stream("POST", "/coaching/sessions", json=body, headers=headers) as answer:
        async for _ in answer.aiter_text():
            return


TROUBLES = {
    "slow": 200,
    "rate-limited": 200,
    "error": 502,
    "timeout": 504,
    "no-usage": 200,
    "unpriced": 200,
    "cached": 200,
}
"""What a language model can be ordered to do, with the status that the service answers then."""


def trouble(kind: str) -> Callable[[World], Awaitable[None]]:
    """A question whose language model is in trouble of this kind."""

    async def meet_model_trouble(world: World) -> None:
        await _ask_faq(world, _question(world), expect=TROUBLES[kind], trouble=kind)

    meet_model_trouble.__name__ = f"meet a model's trouble, {kind}"
    return meet_model_trouble


async def make_plan(world: World) -> None:
    await _plan(world, effort=0.01, expect=201)


async def plan_in_vain(world: World) -> None:
    """Django waits a second for FastAPI, which thinks for longer."""
    await _plan(world, effort=1.4, expect=200)


async def _plan(world: World, effort: float, expect: int) -> None:
    token = await world.token(_user(world, "plan"))
    me = (await world.ask(world.django, "GET", "/api/me/", 200, token)).json()
    await world.ask(world.django, "POST", f"/api/profiles/{me['id']}/plans/", expect, token, json={"effort": effort})


async def think_long(world: World) -> None:
    question = {"goal": "marathon", "weekly_hours": 6, "effort": 3.2}
    await world.ask(world.fastapi, "POST", "/plans", 200, await world.token("ada"), json=question)


async def log_in(world: World) -> None:
    await world.log_in(_user(world, "login"))


async def breathe(world: World) -> None:
    await world.ask(world.fastapi, "GET", "/breathing?breaths=4&seconds=0.2", 200)


async def walk_away(world: World) -> None:
    """A client that leaves in the middle of a stream."""
    world.requests += 1
    async with world.fastapi.stream("GET", "/breathing?breaths=20&seconds=0.2") as answer:
        async for _ in answer.aiter_lines():
            return


async def get_lost(world: World) -> None:
    await world.ask(world.django, "GET", "/api/profiles/999999/", 404, await world.token("ada"))
    await world.ask(world.django, "GET", "/api/no/such/page/", 404)
    await world.ask(world.fastapi, "GET", "/tips/love", 404)
    await world.ask(world.fastapi, "GET", "/no/such/page", 404)


async def break_django(world: World) -> None:
    await world.ask(world.django, "POST", "/api/broken/", 500, await world.token("grace"))


async def break_fastapi(world: World) -> None:
    # The server closes the connection behind such an answer, and another request must not be sent on it meanwhile.
    await world.ask(world.fastapi, "POST", "/broken", 500, headers={"Connection": "close"})


async def probe(world: World) -> None:
    """What a stranger tries. Asked by hand, since clients tidy such a path up."""
    path = PROBES[world.turn("probe", len(PROBES))]
    world.requests += 1
    await world.django.get(path)


async def bad_credentials(world: World) -> None:
    wrong = {"username": "ada", "password": "guessed"}
    await world.ask(world.django, "POST", "/api/login/", 401, json=wrong)


async def forbidden_profile(world: World) -> None:
    grace = (await world.ask(world.django, "GET", "/api/me/", 200, await world.token("grace"))).json()
    await world.ask(world.django, "GET", f"/api/profiles/{grace['id']}/", 403, await world.token("ada"))


async def forbidden_list(world: World) -> None:
    await world.ask(world.fastapi, "GET", "/athletes", 403, await world.token("ada"))


async def basic_credentials(world: World) -> None:
    await world.ask(world.fastapi, "GET", "/athletes", 401, "Basic YWRhOmd1ZXNzZWQ=")


async def no_token(world: World) -> None:
    await world.ask(world.django, "GET", "/api/me/", 401)
    await world.ask(world.fastapi, "GET", "/athletes", 401)


def bad_token(kind: str) -> Callable[[World], Awaitable[None]]:
    """A request with a token of this kind; FastAPI asks Django, so that both see it."""

    async def send(world: World) -> None:
        await world.ask(world.fastapi, "GET", "/athletes", 401, world.bad_token(kind))

    return send


REFUSALS: tuple[Callable[[World], Awaitable[None]], ...] = (
    bad_credentials,
    no_token,
    bad_token("expired"),
    forbidden_profile,
    bad_token("invalid"),
    basic_credentials,
    bad_token("malformed"),
    forbidden_list,
)


async def be_refused(world: World) -> None:
    """One authentication failure, each reason in its turn."""
    await REFUSALS[world.turn("refusal", len(REFUSALS))](world)
