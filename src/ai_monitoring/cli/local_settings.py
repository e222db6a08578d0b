"""What `ai-monitoring setup` asks of costs and budgets, and monitoring.local.yaml, where the answers are kept."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from ai_monitoring.configuration import FILE, Configuration, ConfigurationError, load_config
from ai_monitoring.stack.errors import StackError
from ai_monitoring.stack.terminal import Terminal

LOCAL: Final = "monitoring.local.yaml"
_FIRST_LINE: Final = f"# Yours alone: it is laid over {FILE}, which explains the keys, and git ignores it.\n"

Ask = Callable[[str, bool], str]


def ask_for(root: Path, ask: Ask, terminal: Terminal) -> dict[str, Any]:
    """Ask for what monitoring.local.yaml does not say, and write the answers there. Returns them, by its keys.

    Raises StackError for an answer that cannot be used: the file is as it was then.
    """
    file = root / LOCAL
    before = file.read_text(encoding="utf-8") if file.exists() else None
    known = load_config(root / FILE)
    terminal.line("\nWhat do AI requests cost, and what may they? Enter keeps what stands in brackets.")
    answers = _answers(known, _keys(before), ask)
    if answers:
        _write(root, before, answers)
        terminal.line(
            f"  {terminal.good('ok    ')}  {LOCAL} says {', '.join(answers)}; what runs reads it at its next start"
        )
    return answers


def _answers(known: Configuration, there: frozenset[str], ask: Ask) -> dict[str, Any]:
    answers: dict[str, Any] = {}

    def asked(key: str, question: str, shown: object = "") -> str:
        return "" if key in there else ask(f"{question} [{shown}]" if shown else question, False).strip()

    if currency := asked("currency", "Currency of all costs", known.currency).upper():
        answers["currency"] = currency
    currency = currency or known.currency
    if currency != "USD" and "exchange_rates" not in there:
        # A rate that is there is one of the currency that was.
        rate = known.exchange_rates.get("USD", "") if currency == known.currency else ""
        if told := asked("exchange_rates", f"  one US dollar in {currency} (list prices are in dollars)", rate):
            answers["exchange_rates"] = {"USD": _number(told)}
        elif not rate:
            raise StackError(f"Costs in {currency} need its rate: list prices are in US dollars.", "Say it, as 0.92.")
    if zone := asked("time_zone", "Time zone in which days of budgets and digests begin", known.time_zone):
        answers["time_zone"] = zone
    if project := asked("budgets", "Project that a monthly budget is kept for (its name in requests; Enter: as it is)"):
        limit = _number(ask(f"  its limit a month in {currency}", False).strip())
        answers["budgets"] = [{"scope": "project", "name": project, "period": "month", "limit": limit}]
    return answers


def _number(text: str) -> float | str:
    """What is no number stays as it is: the reader of the whole file says what is wrong with it."""
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return text


def _keys(text: str | None) -> frozenset[str]:
    import yaml

    content = yaml.safe_load(text or "")
    return frozenset(content) if isinstance(content, dict) else frozenset()


def _write(root: Path, before: str | None, answers: dict[str, Any]) -> None:
    """Add the answers below what is there, and take them back where the whole cannot be read."""
    import yaml

    file = root / LOCAL
    above = _FIRST_LINE if before is None else before if before.endswith("\n") or not before else f"{before}\n"
    told = yaml.safe_dump(answers, sort_keys=False, allow_unicode=True)
    file.write_text(above + told, encoding="utf-8")
    try:
        load_config(root / FILE)
    except ConfigurationError as error:
        if before is None:
            file.unlink()
        else:
            file.write_text(before, encoding="utf-8")
        raise StackError(f"{error}.", f"Nothing was written. Answer again, or write {LOCAL} yourself.") from error
