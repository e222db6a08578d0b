"""The shapes of providers' exports: which columns tell the day, the model, and money or tokens.

JSON is read as the rows of a CSV: each result with its bucket's time, names joined by underscores, so that
`amount: {value: …}` is the column `amount_value`. Where the shapes are from, in November 2026:

- OpenAI, costs: https://platform.openai.com/docs/api-reference/usage/costs; the page Usage exports a CSV of the same
  columns. A line item is a model, often with what it was used for: `gpt-4o-2024-08-06, input`.
- OpenAI, usage: https://platform.openai.com/docs/api-reference/usage/completions, and the same page's CSV.
- Anthropic, costs: https://platform.claude.com/docs/en/api/admin/cost_report tells amounts in cents; the Console's page
  Cost exports a CSV in dollars, with models by the names that people say (`Claude Haiku 4.5`).
- Anthropic, usage: https://platform.claude.com/docs/en/api/admin/usage_report, and the CSV of the Console's page Usage.

The CSV files of both are not documented: their columns are those of exports that people have published.
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


_OPENAI_TOKENS = {"input": ("input_tokens",), "output": ("output_tokens",), "cache_read": ("input_cached_tokens",)}

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
        tokens=_OPENAI_TOKENS,
        minus=("input_cached_tokens",),
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
            "cache_write": ("usage_input_tokens_cache_write_5m", "usage_input_tokens_cache_write_1h"),
        },
    ),
    Shape(
        *("anthropic", "usage"),
        needs=frozenset({"starting_at", "uncached_input_tokens", "output_tokens"}),
        day="starting_at",
        model="model",
        tokens={
            "input": ("uncached_input_tokens",),
            "output": ("output_tokens",),
            "cache_read": ("cache_read_input_tokens",),
            "cache_write": ("cache_creation_ephemeral_5m_input_tokens", "cache_creation_ephemeral_1h_input_tokens"),
        },
    ),
)
