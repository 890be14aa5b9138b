"""How tables, boards and pictures are laid out in the columns that a terminal has. Nothing here knows records, formats or streams.

Wide (CJK) characters count two. Text is never read as markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from sfa.page import Bars, Level, Lines

NARROWEST_TEXT = 8
NARROWEST_NAME = 24
NARROWEST = 19
"""Terminal columns that a column of the board needs; more of them stand below one another."""

TALL = 12
"""Lines of text that the lines of a chart are drawn in."""
MARKS = "ox+*#@%"
"""What tells the lines of a chart apart."""


def wrapped(heads: list[str], rows: list[list[str]], right: list[bool], total: bool = False) -> Any:
    """A table whose long texts go over several lines, for what is read rather than looked up; with `total` the last row stands apart.
    `show` draws it."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), collapse_padding=True, show_edge=False)
    for head, is_right in zip(heads, right, strict=True):
        table.add_column(Text(head), justify="right" if is_right else "left", no_wrap=is_right or head in ("ref", "when", "due"))
    for row in rows:
        if total and row is rows[-1]:
            table.add_section()
        table.add_row(*(Text(_clipped(c)) for c in row))
    return table


def show(drawing: Any, stream: TextIO, no_color: bool, room: int) -> None:
    """Draw on a terminal of `room` columns; both sizes are told, because rich takes a dumb one for one of 80. Without colour there is no
    escape at all: rich's own `no_color` would leave bold."""
    from rich.console import Console

    colours: Any = None if no_color else "auto"
    Console(highlight=False, markup=False, emoji=False, file=stream, color_system=colours, width=room, height=TALL).print(drawing)


def _clipped(text: str, most: int = 400) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


_SINGLE = dict.fromkeys(map(ord, "–—…→"), "-")


def _measure(text: str) -> int:
    """Columns of the terminal that a text takes; wide (CJK) characters take two."""
    if text.isascii() or max(text.translate(_SINGLE)) < "\u0300":
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def plain(
    heads: list[str], rows: list[list[str]], right: list[bool], firm: list[bool], room: int, rule: str = "-", total: bool = False
) -> str:
    """A line a row: columns aligned by blanks, texts that are not `firm` cut where `room` ends; with `total` the last row stands apart."""
    wide = [max(map(_measure, column)) for column in zip(*rows, strict=True)]
    heads = [
        h.replace(" ", "\n") if "\n" not in h and _measure(h) > w and sum(wide) > room // 2 else h for h, w in zip(heads, wide, strict=True)
    ]
    parts = [h.split("\n") for h in heads]
    tall = max(map(len, parts))
    heading = [[*([""] * (tall - len(p))), *p] for p in parts]
    wide = [max(w, *map(_measure, h)) for w, h in zip(wide, heading, strict=True)]
    texts = [i for i, f in enumerate(firm) if not f]
    named = [i for i in texts if heads[i] == "name"]
    _shrink(wide, texts, room, named[0] if named else max(texts, key=lambda i: wide[i], default=-1))

    def aligned(row: Iterable[str], fill: str = " ") -> str:
        cells = []
        for text, w, is_right in zip(row, wide, right, strict=True):
            size = _measure(text)
            if size > w:
                text, size = _cut(text, w), w
            cells.append(fill * (w - size) + text if is_right else text + fill * (w - size))
        return "  ".join(cells).rstrip() + "\n"

    above = "".join(map(aligned, zip(*heading, strict=True)))
    line_below = rule * (sum(wide) + 2 * len(wide) - 2) + "\n"
    body, end = (rows[:-1], rows[-1:]) if total else (rows, [])
    apart = line_below if body else ""
    return above + line_below + "".join(map(aligned, body)) + "".join(apart + aligned(row) for row in end)


def aligned(rows: Sequence[Sequence[str]], flexible: int, room: int) -> list[str]:
    """A line a row, columns aligned without a heading; the column `flexible` takes what is left of `room`."""
    if not rows:
        return []
    wide = [max(map(_measure, column)) for column in zip(*rows, strict=True)]
    others = sum(w for i, w in enumerate(wide) if i != flexible) + 2 * (len(wide) - 1)
    wide[flexible] = min(wide[flexible], max(room - others, NARROWEST_TEXT))
    out = []
    for row in rows:
        cells = (_cut(c, w) if _measure(c) > w else c for c, w in zip(row, wide, strict=True))
        out.append("  ".join(c + " " * (w - _measure(c)) for c, w in zip(cells, wide, strict=True)).rstrip())
    return out


def _shrink(wide: list[int], texts: list[int], room: int, about: int) -> None:
    """Take from the widths of `texts` what a line is too long; the column that says what a row is about gives last."""
    for name_floor in (NARROWEST_NAME, NARROWEST_TEXT):
        floors = {i: name_floor if i == about else NARROWEST_TEXT for i in texts}
        while (over := sum(wide) + 2 * len(wide) - 2 - room) > 0:
            left = [i for i in texts if wide[i] > floors[i]]
            if not left:
                break
            widest = max(left, key=lambda i: wide[i] - floors[i])
            wide[widest] -= min(over, max(1, (wide[widest] - floors[widest]) // 4))


def _cut(text: str, room: int) -> str:
    """The beginning of a text that fits, with an ellipsis."""
    if text.isascii():
        return text[: room - 1] + "…"
    from rich.cells import set_cell_size

    return set_cell_size(text, room - 1) + "…"


def mark_bar(share: float, mark: float, room: int, ascii: bool = False) -> str:
    """A bar of `share` of `room` columns, its rest dotted, with a stroke at `mark`; what is over the whole ends in an arrow."""
    full, rest, stroke, over = ("#", ".", "|", ">") if ascii else ("█", "·", "│", "▶")
    filled = min(max(round(share * room), 0), room)
    cells = [full] * filled + [rest] * (room - filled)
    cells[min(max(round(mark * room) - 1, 0), room - 1)] = stroke
    return "".join(cells) + (over if share > 1 else "")


def sparkline(figures: Sequence[int | None]) -> str:
    """A small bar for each figure, from 0 or the least to the greatest; a blank for none."""
    known = [f for f in figures if f is not None]
    low, high = min([0, *known]), max([0, *known])
    scale = 7 / (high - low) if high > low else 0
    return "".join(" " if f is None else "▁▂▃▄▅▆▇█"[round((f - low) * scale)] for f in figures)


def waterfall(steps: Sequence[tuple[str, str, str, int, bool]], room: int, ascii: bool = False) -> str:
    """Steps of a waterfall below one another: label, number, amount and a bar that hangs where the step before ended. Totals are full
    blocks, what adds is ▓ and what takes away ░ (in ASCII # + -)."""
    wide = [max(map(_measure, texts), default=0) for texts in zip(*(step[:3] for step in steps), strict=True)] or [0, 0, 0]
    space = max(10, room - sum(wide) - 7)
    reached, at = [], 0
    for _, _, _, value, total in steps:
        start = 0 if total else at
        at = value if total else at + value
        reached.append((min(start, at), max(start, at)))
    low, high = min((a for a, _ in reached), default=0), max((b for _, b in reached), default=0)
    low = min(low, 0)
    scale = space / (high - low) if high > low else 0
    out = []
    for (label, number, amount, value, total), (start, end) in zip(steps, reached, strict=True):
        mark = ("#" if ascii else "█") if total else ("+" if ascii else "▓") if value >= 0 else ("-" if ascii else "░")
        first = round((start - low) * scale)
        length = max(round((end - low) * scale) - first, 1 if value else 0)
        text = label + " " * (wide[0] - _measure(label))
        out.append(f"{text}  {number:>{wide[1]}}  {amount:>{wide[2]}}  {' ' * min(first, space - 1)}{mark * length}".rstrip() + "\n")
    return "".join(out)


def bars(chart: Bars, room: int, ascii: bool = False) -> str:
    """A row for each level: label, texts, and a bar (weak ones light), or a dot (weak: a ring) between the ends of its interval; a dot
    stands where the running sum is, a stroke in each row where the whole is. Labels and bars give way so that it fits `room`."""
    from sfa.charts import full, one_line

    labels = [one_line(v.label) for v in chart.levels]
    columns = [[one_line(h), *(one_line(v.texts[i]) for v in chart.levels)] for i, h in enumerate(chart.heads)]
    wide = [max(map(_measure, column)) for column in columns]
    left = room - sum(wide) - 2 * len(wide) - 2
    name = min(max(map(_measure, labels), default=0), max(left // 2, NARROWEST_TEXT))
    space = max(left - name, 4)
    scale, out = space / full(chart), []
    whole = None if chart.whole is None else _cell(chart.whole, scale, space)

    def row(label: str, texts: Iterable[str], drawn: str) -> None:
        label = _cut(label, name) if _measure(label) > name else label
        cells = [" " * (w - _measure(t)) + t for w, t in zip(wide, texts, strict=True)]
        out.append("  ".join([label + " " * (name - _measure(label)), *cells, drawn]).rstrip() + "\n")

    if any(chart.heads):
        row("", (c[0] for c in columns), "")
    for i, (label, v) in enumerate(zip(labels, chart.levels, strict=True), 1):
        row(label, (c[i] for c in columns), _level(v, whole, scale, space, ascii))
    if chart.shares and space >= 16:
        row("", [""] * len(wide), "0 %" + f"{'50 %':^{space - 8}}" + "100 %")
    return "".join(out)


def _cell(value: float, scale: float, space: int) -> int:
    """The cell in which a bar of this value ends."""
    # A scale of the smallest numbers that there are is without end.
    return max(round(min(value * scale, space)) - 1, 0) if value > 0 else 0


def _level(v: Level, whole: int | None, scale: float, space: int, ascii: bool) -> str:
    """What is drawn for one level, in `space` cells."""
    full, light, dash, left, right, dot, ring, stroke = "#:-[]Oo|" if ascii else "█░─├┤●○┊"
    cells = [" "] * space
    if v.value is not None and (v.low is None or v.high is None):
        end = _cell(v.value, scale, space) + 1 if v.value > 0 else 0
        cells[:end] = [light if v.weak else full] * end
    if whole is not None:
        cells[whole] = stroke
    if v.value is not None and v.low is not None and v.high is not None:
        low, high = _cell(v.low, scale, space), _cell(v.high, scale, space)
        cells[low : high + 1] = [dash] * (high + 1 - low)
        cells[low], cells[high] = left, right
        cells[_cell(v.value, scale, space)] = ring if v.weak else dot
    if v.reached is not None:
        cells[_cell(v.reached, scale, space)] = dot
    return "".join(cells)


def lines(chart: Lines, room: int, ascii: bool = False) -> str:
    """Lines over time, TALL rows high: amounts left, labels below, and right of each line's end its mark, name and last value. A missing
    value is a gap. In ASCII the lines are dotted."""
    from plotille import Canvas

    from sfa.charts import compact, one_line, ticks

    known = [v for s in chart.series for v in s.values if v is not None]
    if not known:
        return ""
    axis = ticks(min(0.0, *known), max(0.0, *known))
    names = [f"{MARKS[i % len(MARKS)]} {one_line(s.name)} {one_line(s.text)}".rstrip() for i, s in enumerate(chart.series)]
    left, right = max(len(compact(m)) for m in axis), min(max(map(_measure, names)), room // 3)
    across = max(room - left - right - 4, 8)
    step = (across - 1) / max(len(chart.labels) - 1, 1)
    canvas = Canvas(across, TALL, 0, 0, across, TALL)

    def high(value: float) -> float:
        return 0.5 + (value - axis[0]) / (axis[-1] - axis[0]) * (TALL - 1)

    points = [[None if v is None else (0.5 + i * step, high(v)) for i, v in enumerate(s.values)] for s in chart.series]
    for a, b in (pair for line in points for pair in pairwise(line)):
        if a and b:
            canvas.line(*a, *b)
    for i, line in enumerate(points):
        for p in line:
            if p:
                canvas.text(*p, MARKS[i % len(MARKS)])
    rows = canvas.plot(linesep="\n").replace("\u2800", " ").split("\n")
    amounts = {TALL - 1 - int(high(m)): compact(m) for m in axis}
    ends = [(TALL - 1 - int(next(p[1] for p in reversed(line) if p)), name) for line, name in zip(points, names, strict=True) if any(line)]
    beside = _apart(ends, TALL)
    bar = "|" if ascii else "│"
    out = [f"{amounts.get(i, ''):>{left}} {bar}{row}  {fitted(beside.get(i, ''), right)}".rstrip() for i, row in enumerate(rows)]
    out.append(" " * (left + 2) + _below([one_line(t) for t in chart.labels], step, across))
    text = "\n".join(out) + "\n"
    return "".join("." if "\u2800" < c <= "\u28ff" else c for c in text.replace("−", "-")) if ascii else text


def _apart(ends: Sequence[tuple[int, str]], tall: int) -> dict[int, str]:
    """Row → name: each as near to its own row as those above and below it allow."""
    order = sorted(ends, key=lambda e: e[0])
    at: list[int] = []
    for row, _ in order:
        at.append(max(row, at[-1] + 1 if at else 0))
    floor = tall
    for i in range(len(at) - 1, -1, -1):
        floor = at[i] = min(at[i], floor - 1)
    return {row: name for row, (_, name) in zip(at, order, strict=True)}


def fitted(text: str, room: int) -> str:
    return _cut(text, room) if _measure(text) > room else text


def _below(labels: Sequence[str], step: float, across: int) -> str:
    """The labels below an axis, as many as have room: the last, and every so manieth before it."""
    wide = [*map(_measure, labels)]
    for every in range(1, len(labels) + 1):
        chosen = range((len(labels) - 1) % every, len(labels), every)
        at = [(min(max(round(i * step) - wide[i] // 2, 0), max(across - wide[i], 0)), i) for i in chosen]
        if all(a + wide[i] + 2 <= b for (a, i), (b, _) in pairwise(at)):
            out = ""
            for column, i in at:
                out += " " * (column - _measure(out)) + labels[i]
            return out
    return ""


STYLES = {"!": "bold red", "~": "magenta"}
"""What a mark is coloured with: colours that stand out on dark and on light."""


def boards(columns: Sequence[tuple[str, str, list[tuple[str, str, str]]]], room: int) -> list[Any]:
    """Columns of cards, (title, summary, cards of two lines and a mark each), side by side as far as `room` allows; `show` draws each
    band."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    bands = []
    side_by_side = max(1, room // NARROWEST)
    for start in range(0, len(columns), side_by_side):
        band = columns[start : start + side_by_side]
        gutter = any(mark for _, _, cards in band for _, _, mark in cards)
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False, expand=True)
        for title, summary, _ in band:
            table.add_column(Text(f"{title}\n{summary}"), ratio=1, no_wrap=True, overflow="ellipsis")
        for i in range(max(len(cards) for _, _, cards in band)):
            table.add_row(*(_card(c[i], gutter) if i < len(c) else Text() for _, _, c in band))
        bands.append(table)
    return bands


def _card(card: tuple[str, str, str], gutter: bool) -> Any:
    """Two lines, their mark in a gutter before the first."""
    from rich.text import Text

    first, second, mark = card
    beside = f"{mark or ' '} " if gutter else ""
    text = f"{beside}{first}" + (f"\n{'  ' if gutter else ''}{second}" if second else "")
    return Text(text, style=STYLES.get(mark, ""), no_wrap=True, overflow="ellipsis")
