"""What a printed page consists of: title, facts, tables, charts and notes, as texts and bare numbers. Nothing here knows money or records.

`sfa/printing.py` writes a page as Markdown, HTML or PDF. Texts arrive formatted; numbers only say how long a bar is and how high a line.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

Paper: TypeAlias = Literal["a4", "letter"]


class Heading(NamedTuple):
    """The heading of what follows; it stays on one page with it."""

    text: str


class Text(NamedTuple):
    """A paragraph."""

    text: str


class Notes(NamedTuple):
    """A list of remarks, each with a bullet."""

    items: tuple[str, ...]


class Bar(NamedTuple):
    """A cell with a small bar beside its text: `share` 1 is the full mark (a quota met), more goes beyond it, None draws nothing."""

    text: str
    share: float | None


class Head(NamedTuple):
    """The head of a column. Right-aligned columns hold figures: their cells are never broken."""

    text: str
    right: bool = False


class Row(NamedTuple):
    """A line of a table: a cell a head. `level` indents the first cell, `strong` is a subtotal in bold."""

    cells: tuple[str | Bar, ...]
    level: int = 0
    strong: bool = False


class Grid(NamedTuple):
    """A table. Each group (a manager's block) stays on one page where it fits one; the heads are repeated on every page."""

    heads: tuple[Head, ...]
    groups: tuple[tuple[Row, ...], ...]
    total: Row | None = None


class Step(NamedTuple):
    """One leg of a waterfall: a total stands at `value`; any other adds its signed `value` to what stood before."""

    label: str
    text: str
    value: float
    total: bool = False


class Waterfall(NamedTuple):
    """How one amount became another: usually a total, the legs, a total."""

    title: str
    steps: tuple[Step, ...]


class Series(NamedTuple):
    """One line of a chart: a value a label, None where there is none; `text` is the last value as a person reads it."""

    name: str
    values: tuple[float | None, ...]
    text: str


class Lines(NamedTuple):
    """How several amounts went over time. Values in whole units (dollars, not cents): the axis is marked in k and M."""

    title: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]


class Level(NamedTuple):
    """A row of Bars: a bar as long as `value` (None draws none); where there is an interval, a dot at the value and a whisker from `low`
    to `high`; `reached` is a mark where the running sum stands. What is `weak` is drawn hollow."""

    label: str
    texts: tuple[str, ...]
    value: float | None
    low: float | None = None
    high: float | None = None
    reached: float | None = None
    weak: bool = False


class Bars(NamedTuple):
    """Figures below one another, each with its bar: `heads` stand above the texts of the levels. Of `shares` (parts of 1) the scale is
    0 to 100 %. `whole` is a line through all rows; `legend` says what is drawn."""

    title: str
    heads: tuple[str, ...]
    levels: tuple[Level, ...]
    shares: bool = False
    whole: float | None = None
    legend: str = ""


Chart: TypeAlias = Waterfall | Lines | Bars
Block: TypeAlias = Heading | Text | Notes | Grid | Chart


class Page(NamedTuple):
    """What is printed. `as_of` and `title` stand on every sheet, `command` (what made it) in every footer; `facts` are lines such as the
    filters and the rates' date."""

    title: str
    subtitle: str
    as_of: str
    facts: tuple[str, ...]
    blocks: tuple[Block, ...]
    command: str
