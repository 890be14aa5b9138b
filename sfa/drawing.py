"""How tables and boards of text are laid out in the columns that a terminal has. Nothing here knows records, formats or streams.

Wide (CJK) characters count two. Text is never read as markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TextIO

NARROWEST_TEXT = 8
NARROWEST_NAME = 24
NARROWEST = 19
"""Terminal columns that a column of the board needs; more of them stand below one another."""


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


def show(drawing: Any, stream: TextIO, no_color: bool) -> None:
    """Draw on a terminal."""
    from rich.console import Console

    Console(highlight=False, markup=False, emoji=False, file=stream, no_color=no_color).print(drawing)


def _clipped(text: str, most: int = 400) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _measure(text: str) -> int:
    """Columns of the terminal that a text takes; wide (CJK) characters take two."""
    if text.isascii():
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


def boards(columns: Sequence[tuple[str, str, list[tuple[str, str]]]], room: int) -> list[Any]:
    """Columns of cards, (title, summary, cards of two lines each), side by side as far as `room` allows; `show` draws each band."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    bands = []
    side_by_side = max(1, room // NARROWEST)
    for start in range(0, len(columns), side_by_side):
        band = columns[start : start + side_by_side]
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), show_edge=False, expand=True)
        for title, summary, _ in band:
            table.add_column(Text(f"{title}\n{summary}"), ratio=1, no_wrap=True, overflow="ellipsis")
        for i in range(max(len(cards) for _, _, cards in band)):
            cells = ["\n".join(c[i]) if i < len(c) else "" for _, _, c in band]
            table.add_row(*(Text(c, no_wrap=True, overflow="ellipsis") for c in cells))
        bands.append(table)
    return bands
