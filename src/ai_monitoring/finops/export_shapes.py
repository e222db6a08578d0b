"""The shapes of providers' exports: which columns tell the day, the model, and money or tokens.

JSON is read as the rows of a CSV: each result with its bucket's time, names joined by underscores, so that
`amount: {value: …}` is the column `amount_value`. Where the shapes are from, in November 2026:

- OpenAI's JSON: GET /v1/organization/costs and /v1/organization/usage/completions, as the package openai 3.57 types
  them in `openai.types.admin.organization`. A line item is a model, often with what it was used for: `gpt-4o, input`.
- Anthropic's JSON: GET /v1/organizations/analytics/cost and …/analytics/usage, as the package anthropic 2.14 types them
  in `anthropic.types.beta.organization.analytics`; before these /v1/organizations/cost_report and
  …/usage_report/messages, https://platform.claude.com/docs/en/manage-claude/usage-cost-api. Amounts are in cents.
- CSV, which neither documents: the columns of exports that people have published. OpenAI's page Usage:
  github.com/xavierjflanagan/Guardian (October 2025, tokens as `59200.0`). Anthropic's Console, pages Cost and Usage:
  github.com/axigatelabs/axigate-finops (August 2026, in dollars, models by the names that people say, such as
  `Claude Haiku 4.5`) and github.com/erezgit/my-jarvis-desktop (November 2025).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of export. `needs` are the columns it is told by; `day` holds a date, a time or Unix seconds. Money is
    in `amount` times `unit`, in the currency that the column `currency` names, or dollars; tokens are in the columns of
    `tokens`, by kind, and `minus` is what `input` counts that another kind counts as well.
    """

    provider: str
    name: str
    needs: frozenset[str]
    day: str
    model: str
    amount: str = ""
    unit: Decimal = Decimal(1)
    currency: str = ""
    tokens: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    minus: tuple[str, ...] = ()


def _anthropic_tokens(before: str = "") -> dict[str, tuple[str, ...]]:
    return {
        "input": (f"{before}uncached_input_tokens",),
        "output": (f"{before}output_tokens",),
        "cache_read": (f"{before}cache_read_input_tokens",),
        "cache_write": tuple(f"{before}cache_creation_ephemeral_{life}_input_tokens" for life in ("5m", "1h")),
    }


SHAPES = (
    Shape(
        *("openai", "costs"),
        needs=frozenset({"start_time", "amount_value"}),
        day="start_time",
        model="line_item",
        amount="amount_value",
        currency="amount_currency",
    ),
    Shape(
        *("openai", "usage"),
        needs=frozenset({"start_time", "num_model_requests", "input_tokens", "output_tokens"}),
        day="start_time",
        model="model",
        tokens={
            "input": ("input_tokens",),
            "output": ("output_tokens",),
            "cache_read": ("input_cached_tokens",),
            "cache_write": ("input_cache_write_tokens",),
        },
        minus=("input_cached_tokens", "input_cache_write_tokens"),
    ),
    Shape(
        *("anthropic", "costs"),
        needs=frozenset({"starting_at", "cost_amount", "cost_currency"}),
        day="starting_at",
        model="group_model",
        amount="cost_amount",
        unit=Decimal("0.01"),
        currency="cost_currency",
    ),
    Shape(
        *("anthropic", "usage"),
        needs=frozenset({"starting_at", "usage_uncached_input_tokens", "usage_output_tokens"}),
        day="starting_at",
        model="group_model",
        tokens=_anthropic_tokens("usage_"),
    ),
    Shape(
        *("anthropic", "costs"),
        needs=frozenset({"starting_at", "amount", "currency"}),
        day="starting_at",
        model="model",
        amount="amount",
        unit=Decimal("0.01"),
        currency="currency",
    ),
    Shape(
        *("anthropic", "costs"),
        needs=frozenset({"usage_date_utc", "cost_usd"}),
        day="usage_date_utc",
        model="model",
        amount="cost_usd",
    ),
    Shape(
        *("anthropic", "usage"),
        needs=frozenset({"usage_date_utc", "model_version", "usage_output_tokens"}),
        day="usage_date_utc",
        model="model_version",
        tokens={
            "input": ("usage_input_tokens_no_cache",),
            "output": ("usage_output_tokens",),
            "cache_read": ("usage_input_tokens_cache_read",),
            "cache_write": tuple(f"usage_input_tokens_cache_write{life}" for life in ("_5m", "_1h", "")),
        },
    ),
    Shape(
        *("anthropic", "usage"),
        needs=frozenset({"starting_at", "uncached_input_tokens", "output_tokens"}),
        day="starting_at",
        model="model",
        tokens=_anthropic_tokens(),
    ),
)
