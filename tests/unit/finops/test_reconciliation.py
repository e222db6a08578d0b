import importlib
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ai_monitoring.configuration import Configuration
from ai_monitoring.finops.entry import Entry
from ai_monitoring.finops.export_file import ExportError, Line, read_export
from ai_monitoring.finops.ledger import Ledger
from ai_monitoring.finops.reconciliation import Comparison, reconcile

MakeEntry = Callable[..., Entry]
DAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC).timestamp()
MIDNIGHT = int(NOON) - 12 * 3600
EUROS = Configuration("EUR", {"USD": Decimal("0.5")})

OPENAI_COSTS_CSV = f"""\
start_time,end_time,start_time_iso,end_time_iso,amount_value,amount_currency,line_item,project_id,organization_id
{MIDNIGHT},{MIDNIGHT + 86400},2026-11-20T00:00:00+00:00,2026-11-21T00:00:00+00:00,1.5,usd,"gpt-4o-2024-08-06, input",,org-x
{MIDNIGHT},{MIDNIGHT + 86400},2026-11-20T00:00:00+00:00,2026-11-21T00:00:00+00:00,0.5000000000000000,usd,"gpt-4o-2024-08-06, output",,org-x
{MIDNIGHT + 86400},{MIDNIGHT + 172800},2026-11-21T00:00:00+00:00,2026-11-22T00:00:00+00:00,,,,,
"""  # noqa: E501 - as exported
OPENAI_COSTS = {
    "object": "page",
    "data": [
        {
            "object": "bucket",
            "start_time": MIDNIGHT,
            "end_time": MIDNIGHT + 86400,
            "results": [
                {
                    "object": "organization.costs.result",
                    "amount": {"value": 2.0, "currency": "usd"},
                    "line_item": "gpt-4o-2024-08-06",
                    "project_id": None,
                }
            ],
        },
        {"object": "bucket", "start_time": MIDNIGHT + 86400, "end_time": MIDNIGHT + 172800, "results": []},
    ],
    "has_more": False,
    "next_page": None,
}
OPENAI_USAGE = {
    "object": "page",
    "data": [
        {
            "object": "bucket",
            "start_time": MIDNIGHT,
            "end_time": MIDNIGHT + 86400,
            "results": [
                {
                    "object": "organization.usage.completions.result",
                    "input_tokens": 700000,
                    "input_cached_tokens": 400000,
                    "input_cache_write_tokens": 100000,
                    "output_tokens": 100000,
                    "num_model_requests": 3,
                    "model": "gpt-4o-2024-08-06",
                }
            ],
        }
    ],
    "has_more": False,
}
OPENAI_USAGE_CSV = f"""\
start_time,end_time,start_time_iso,project_id,num_model_requests,user_id,model,batch,input_tokens,output_tokens,input_cached_tokens
{MIDNIGHT},{MIDNIGHT + 86400},2026-11-20T00:00:00+00:00,,3,,gpt-4o-2024-08-06,,600000.0,100000.0,400000.0
"""
ANTHROPIC_COSTS = {
    "data": [
        {
            "starting_at": "2026-11-20T00:00:00Z",
            "ending_at": "2026-11-21T00:00:00Z",
            "results": [
                {
                    "amount": "123.45",
                    "currency": "USD",
                    "cost_type": "tokens",
                    "model": "claude-haiku-4-5-20251001",
                    "workspace_id": None,
                }
            ],
        }
    ],
    "has_more": False,
    "next_page": None,
}
ANTHROPIC_COSTS_CSV = """\
usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,list_price_usd,cost_type
2026-11-20,Claude Haiku 4.5,Default,key,message,≤ 200k,input_no_cache,1.00,1.00,token
2026-11-20,Claude Haiku 4.5,Default,key,message,≤ 200k,output,0.2345,0.2345,token
"""
ANTHROPIC_USAGE_CSV = """\
usage_date_utc,model_version,api_key,workspace,usage_type,context_window,usage_input_tokens_no_cache,\
usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,usage_output_tokens
2026-11-20,claude-haiku-4-5-20251001,key,Default,standard,≤ 200k,1000000,100000,100000,1000000,200000
"""
ANTHROPIC_USAGE = {
    "data": [
        {
            "starting_at": "2026-11-20T00:00:00Z",
            "ending_at": "2026-11-21T00:00:00Z",
            "results": [
                {
                    "uncached_input_tokens": 1000000,
                    "cache_creation": {"ephemeral_1h_input_tokens": 100000, "ephemeral_5m_input_tokens": 100000},
                    "cache_read_input_tokens": 1000000,
                    "output_tokens": 200000,
                    "model": "claude-haiku-4-5-20251001",
                }
            ],
        }
    ],
    "has_more": False,
}
ANTHROPIC_DAY = {"starting_at": "2026-11-20T00:00:00Z", "ending_at": "2026-11-21T00:00:00Z"}
ANALYTICS = "types.beta.organization.analytics"
ANTHROPIC_ANALYTICS_COSTS: Any = {
    "data": [
        {
            **ANTHROPIC_DAY,
            "group": {"model": "claude-haiku-4-5-20251001"},
            "cost": {"amount": "123.45", "currency": "USD", "list_amount": "150", "requests": 7},
        }
    ],
    "has_more": False,
    "next_page": None,
}
ANTHROPIC_ANALYTICS_USAGE: Any = {
    "data": [
        {
            **ANTHROPIC_DAY,
            "group": {"model": "claude-haiku-4-5-20251001"},
            "usage": {
                "uncached_input_tokens": 1000000,
                "cache_creation": {"ephemeral_1h_input_tokens": 100000, "ephemeral_5m_input_tokens": 100000},
                "cache_read_input_tokens": 1000000,
                "output_tokens": 200000,
                "total_tokens": 2400000,
                "requests": 7,
                "server_tool_use": {"web_search_requests": 0},
            },
        }
    ],
    "has_more": False,
    "next_page": None,
}


@pytest.fixture
def write(tmp_path: Path) -> Callable[[Any], Path]:
    def write(content: Any) -> Path:
        file = tmp_path / "export"
        file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return file

    return write


Write = Callable[[Any], Path]


def compared(file: Path, ledger: Ledger, configuration: Configuration = EUROS) -> Comparison:
    return reconcile(read_export(file), ledger, configuration, NOON)


@pytest.mark.parametrize(
    ("content", "provider", "lines"),
    [
        (
            OPENAI_COSTS_CSV,
            "openai",
            [
                Line(DAY, "gpt-4o-2024-08-06, input", Decimal("1.5"), "USD"),
                Line(DAY, "gpt-4o-2024-08-06, output", Decimal("0.5"), "USD"),
            ],
        ),
        (OPENAI_COSTS_CSV.replace('"', "").replace(", ", " "), "openai", 2),
        (OPENAI_COSTS, "openai", [Line(DAY, "gpt-4o-2024-08-06", Decimal("2.0"), "USD")]),
        ([OPENAI_COSTS, OPENAI_COSTS], "openai", 2),
        (
            OPENAI_USAGE_CSV,
            "openai",
            [
                Line(
                    *(DAY, "gpt-4o-2024-08-06", None, ""),
                    {"input": 200_000, "output": 100_000, "cache_read": 400_000, "cache_write": 0},
                )
            ],
        ),
        (
            OPENAI_USAGE,
            "openai",
            [
                Line(
                    *(DAY, "gpt-4o-2024-08-06", None, ""),
                    {"input": 200_000, "output": 100_000, "cache_read": 400_000, "cache_write": 100_000},
                )
            ],
        ),
        (ANTHROPIC_COSTS, "anthropic", [Line(DAY, "claude-haiku-4-5-20251001", Decimal("1.2345"), "USD")]),
        (ANTHROPIC_COSTS_CSV, "anthropic", 2),
        (ANTHROPIC_USAGE_CSV, "anthropic", 1),
        (ANTHROPIC_USAGE, "anthropic", 1),
    ],
)
def test_each_shape_is_read(write: Write, content: Any, provider: str, lines: list[Line] | int) -> None:
    export = read_export(write(content))
    assert export.provider == provider
    assert (len(export.lines) if isinstance(lines, int) else list(export.lines)) == lines


def test_all_forms_of_usage_say_the_same(write: Write) -> None:
    before_lives_were_told = ANTHROPIC_USAGE_CSV.replace(
        "_write_5m,usage_input_tokens_cache_write_1h", "_write"
    ).replace("100000,100000", "200000")
    forms = (ANTHROPIC_USAGE, ANTHROPIC_ANALYTICS_USAGE, ANTHROPIC_USAGE_CSV, before_lives_were_told)
    first, *others = (read_export(write(form)) for form in forms)
    assert [first] * len(others) == others


def test_both_forms_of_costs_say_the_same(write: Write) -> None:
    assert read_export(write(ANTHROPIC_COSTS)) == read_export(write(ANTHROPIC_ANALYTICS_COSTS))


@pytest.mark.parametrize(
    ("package", "since", "room", "name", "content"),
    [
        ("openai", "3.57", "types.admin.organization", "UsageCostsResponse", OPENAI_COSTS),
        ("openai", "3.57", "types.admin.organization", "UsageCompletionsResponse", OPENAI_USAGE),
        ("anthropic", "2.14", ANALYTICS, "BetaAnalyticsCostItem", ANTHROPIC_ANALYTICS_COSTS["data"][0]),
        ("anthropic", "2.14", ANALYTICS, "BetaAnalyticsUsageItem", ANTHROPIC_ANALYTICS_USAGE["data"][0]),
    ],
)
def test_the_shapes_are_those_of_the_providers_own_packages(
    package: str, since: str, room: str, name: str, content: Any
) -> None:
    pytest.importorskip(package, minversion=since)
    model = getattr(importlib.import_module(f"{package}.{room}"), name)
    assert _unknown(model.model_validate(content)) == []


def _unknown(model: Any) -> list[str]:
    """What the package does not know of: its models take and keep that."""
    inner = [one for value in dict(model).values() for one in (value if isinstance(value, list) else [value])]
    below = [name for one in inner if hasattr(one, "model_fields_set") for name in _unknown(one)]
    return [*(model.model_extra or {}), *below]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "holds no rows; wanted are OpenAI's or Anthropic's"),
        ("a,b\n1,2\n", "the columns a, b are of no known export"),
        ("{", "is no JSON"),
        ("[]", "holds no rows"),
        (f"a,b\n1,{'2' * 200_000}\n", "what follows row 1 is no CSV: field larger than field limit"),
        ("{}", "there is no list 'data'"),
        ({"data": [5]}, "there is no list 'results'"),
        ({**OPENAI_COSTS, "has_more": True}, "has_more is true, so a page is missing"),
        (OPENAI_COSTS_CSV.replace("0.5000000000000000", "dear"), "row 3, column amount_value: 'dear' is no amount"),
        (OPENAI_COSTS_CSV.replace("0.5000000000000000", "NaN"), "row 3, column amount_value: 'NaN' is no amount"),
        (OPENAI_COSTS_CSV.replace(f"\n{MIDNIGHT},", "\nsoon,"), "row 2, column start_time: 'soon' is no day"),
        (ANTHROPIC_USAGE_CSV.replace(",200000\n", ",-2\n"), "row 2, column usage_output_tokens: '-2' is no number of"),
        (ANTHROPIC_COSTS_CSV.replace("2026-11-20", "20.11.2026"), "column usage_date_utc: '20.11.2026' is no day"),
    ],
)
def test_a_wrong_file_is_told_with_its_place(write: Write, content: Any, message: str) -> None:
    with pytest.raises(ExportError) as raised:
        read_export(write(content))
    assert message in str(raised.value)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="cannot be read"):
        read_export(tmp_path / "none.csv")


def test_a_gap_by_day_and_model(write: Write, ledger: Ledger, make_entry: MakeEntry) -> None:
    ledger.book(
        make_entry("a", at=NOON, cost=Decimal("0.9")),
        make_entry("b", at=NOON, model="o3", cost=Decimal("0.1")),
        make_entry("before", at=MIDNIGHT - 1),
        make_entry("after", at=MIDNIGHT + 86400),
        make_entry("other", at=NOON, provider="anthropic"),
        make_entry("dollars", at=NOON, currency="USD"),
    )
    found = compared(write(OPENAI_COSTS_CSV), ledger)
    assert [(row.day, row.model, row.booked, row.billed) for row in found.rows] == [
        (DAY, "gpt-4o-2024-08-06", Decimal("0.9"), Decimal(1)),
        (DAY, "o3", Decimal("0.1"), Decimal(0)),
    ]
    assert (found.whole.booked, found.whole.billed, found.whole.ratio) == (Decimal(1), Decimal(1), 0.0)
    assert found.rows[0].gap == Decimal("0.1")


def test_names_that_people_say_are_the_models_of_the_ledger(
    write: Write, ledger: Ledger, make_entry: MakeEntry
) -> None:
    ledger.book(make_entry(at=NOON, provider="anthropic", model="claude-haiku-4-5-20251001", cost=Decimal("0.61725")))
    (row,) = compared(write(ANTHROPIC_COSTS_CSV), ledger).rows
    assert (row.model, row.gap) == ("Claude Haiku 4.5", Decimal(0))


def test_an_export_without_models_is_compared_by_day(write: Write, ledger: Ledger, make_entry: MakeEntry) -> None:
    ledger.book(make_entry("a", at=NOON), make_entry("b", at=NOON, model="o3"))
    content = json.loads(json.dumps(OPENAI_COSTS))
    content["data"][0]["results"][0]["line_item"] = None
    (row,) = compared(write(content), ledger).rows
    assert (row.model, row.booked, row.billed) == ("all models", Decimal(2), Decimal(1))


def test_tokens_are_priced_as_those_of_ordinary_prompts(write: Write, ledger: Ledger) -> None:
    # By list price in dollars: 200,000 at 2.50, 400,000 at 1.25, 100,000 at 10 a million are 2; half of it in euros.
    assert compared(write(OPENAI_USAGE_CSV), ledger).whole.billed == 1
    # 1,000,000 at 1, 200,000 written at 1.25, 1,000,000 read at 0.10, 200,000 at 5 are 2.35.
    assert compared(write(ANTHROPIC_USAGE_CSV), ledger).whole.billed == Decimal("1.175")


def test_tokens_of_a_model_without_a_price_are_told(write: Write, ledger: Ledger) -> None:
    found = compared(write(OPENAI_USAGE_CSV.replace("gpt-4o-2024-08-06", "unheard-of")), ledger)
    assert found.unpriced == ("unheard-of",)
    assert found.whole.ratio == 0


def test_a_bill_that_nothing_was_booked_for(write: Write, ledger: Ledger) -> None:
    assert compared(write(OPENAI_COSTS), ledger).whole.ratio == 1


def test_a_currency_without_a_rate(write: Write, ledger: Ledger) -> None:
    content = json.loads(json.dumps(OPENAI_COSTS).replace('"usd"', '"gbp"'))
    with pytest.raises(ExportError, match=r"It is in GBP, and monitoring\.yaml has no exchange_rates\.GBP"):
        compared(write(content), ledger)
