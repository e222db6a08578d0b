"""A query as a tree. Chains of operators are flat, so that a long query makes no deep tree."""

from dataclasses import dataclass
from typing import Union

from ai_monitoring.embedded.traceql.values import Value


@dataclass(frozen=True)
class Literal:
    value: Value


@dataclass(frozen=True)
class Attribute:
    """An attribute; scope is `span`, `resource`, `event`, `link`, or empty: the span's, or else its resource's."""

    scope: str
    name: str

    def __str__(self) -> str:
        return f"{self.scope}.{self.name}"


@dataclass(frozen=True)
class Intrinsic:
    """A field that every span has, by the name that Tempo answers with."""

    name: str

    def __str__(self) -> str:
        return self.name


Reference = Attribute | Intrinsic


@dataclass(frozen=True)
class Operation:
    """Operands with the operators between them, worked off from the left."""

    first: "Field"
    rest: tuple[tuple[str, "Field"], ...]


@dataclass(frozen=True)
class Unary:
    """Signs, `!` or `-`, before an operand; the last is nearest to it."""

    signs: tuple[str, ...]
    operand: "Field"


@dataclass(frozen=True)
class Exists:
    """Whether a field is there, or `wanted` false, is not."""

    operand: "Field"
    wanted: bool


Field = Union[Literal, Attribute, Intrinsic, Operation, Unary, Exists]  # noqa: UP007 names its members by their text


@dataclass(frozen=True)
class Filter:
    """`{ … }`: the spans for which the condition holds."""

    condition: Field


@dataclass(frozen=True)
class SpansetOperation:
    """Spansets with the operators between them: `&&`, `||`, and those of parents, children and siblings."""

    first: "Stage"
    rest: tuple[tuple[str, "Stage"], ...]


@dataclass(frozen=True)
class Aggregate:
    function: str
    operand: Field | None
    text: str


@dataclass(frozen=True)
class ScalarFilter:
    aggregate: Aggregate
    sign: str
    value: int | float


@dataclass(frozen=True)
class Group:
    by: Field
    text: str


@dataclass(frozen=True)
class Coalesce:
    pass


@dataclass(frozen=True)
class Select:
    fields: tuple[Reference, ...]


@dataclass(frozen=True)
class Pipeline:
    stages: tuple["Stage", ...]


Stage = Filter | SpansetOperation | ScalarFilter | Group | Coalesce | Select | Pipeline


@dataclass(frozen=True)
class Query:
    """`references` are the fields that it names, in their order, each once."""

    pipeline: Pipeline
    references: tuple[Reference, ...]
