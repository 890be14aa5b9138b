"""Everything that reaches a person or a pipe: tables, TSV, CSV, JSON, Markdown, HTML, messages, errors, progress, questions.

stdout carries data only; messages, hints, questions and progress go to stderr. Text from outside is shown without control characters
and never read as markup.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

from sfa.errors import Declined, SfaError, UsageError, did_you_mean
from sfa.languages import spoken
from sfa.messages import Message, say, together
from sfa.sales import refs, values
from sfa.sales.dates import Calendar
from sfa.sales.sheets import Column, Sheet, column
from sfa.wrapping import broken, cell_width, explained
from sfa.wrapping import lines as lines_of

if TYPE_CHECKING:
    from sfa.page import Bars, Lines

FORMATS = ("table", "tsv", "csv", "json", "ndjson", "md", "html")
NUMERIC = frozenset(("money", "number", "percent", "count", "ratio", "days", "rate"))
FIRM = NUMERIC | {"date", "stamp", "self", "bool", "currency", "period", "operation"}
"""Types of cells that are never cut: half a number is another number."""
RICH_ROWS = 500
"""Longer tables have one line a row: rich takes a millisecond a row."""


class View(NamedTuple):
    """How to show: the format, this database's site (for references), the calendar, whether CSV cells stay as they are."""

    format: str
    site: int
    calendar: Calendar
    raw: bool = False


def chosen_format(asked: str, json: bool) -> str:
    """The format in force: as asked, else a table on a terminal and TSV in a pipe. Raises UsageError."""
    if json and asked and asked != "json":
        raise UsageError("--json and --format exclude each other")
    if asked and asked not in FORMATS:
        raise UsageError(
            say("there is no format {asked!r}", asked=asked[:60]),
            say("{near}Formats: {formats}", near=did_you_mean(asked[:60], *FORMATS), formats=together(", ", FORMATS)),
        )
    return "json" if json else asked or ("table" if sys.stdout.isatty() else "tsv")


def sheet(data: Sheet, view: View, as_report: bool = False) -> None:
    """Write a sheet to stdout. A report's JSON is an object with rows and total, a listing's an array."""
    if view.format in ("json", "ndjson"):
        _json(data, view, as_report)
    elif view.format in ("tsv", "csv"):
        _separated(data, view)
    elif view.format == "table":
        if data.title:
            line(data.title)
        _table(data, view)
        for note in data.notes:
            paragraph(note)
    else:
        _marked_up(data, view)


def line(text: str) -> None:
    """One line of data for a person on stdout."""
    sys.stdout.write(values.visible(spoken(text)) + "\n")


def document(content: str | bytes) -> None:
    """A whole document on stdout: text as it is, or bytes."""
    if isinstance(content, str):
        sys.stdout.write(content)
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def flush() -> None:
    """Hand over what was written so far: who drives the shell through pipes reads it between two commands."""
    try:
        sys.stdout.flush()
    except OSError:
        # Nobody reads any more: what is still to be written is told nobody, as in `main`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.stderr.flush()


def explain(text: str) -> None:
    """Lines of help on stdout, in the columns of the terminal."""
    line("\n".join(explained(text, width() - 1)))


def paragraph(text: str) -> None:
    """A line below a table, broken between words where the terminal ends."""
    return line("\n".join(lines_of(spoken(text), width() - 1, "  ")))


# Cells ------------------------------------------------------------------------------------------------------------------------------


def _shower(column: Column, view: View) -> Callable[[tuple[Any, ...]], str]:
    """A function from row to the cell for a person."""
    field, at, beside = column.field, column.at, column.beside
    if field.type == "self":
        return lambda row: refs.show(field.to, row[at], view.site) if row[at] is not None else ""
    if field.type == "money":
        return lambda row: values.human(field, row[at], row[beside] or "USD", view.calendar)
    return lambda row: values.human(field, row[at], "", view.calendar)


def objects(data: Sheet, view: View) -> Iterator[dict[str, Any]]:
    """The rows as JSON objects: `ref` as people see it and `id` in the long form, references by name with `…_ref` beside."""
    for row in data.rows:
        yield as_object(data.columns, row, view)


def as_object(columns: list[Column], row: tuple[Any, ...], view: View) -> dict[str, Any]:
    """One row as a JSON object."""
    out: dict[str, Any] = {}
    for c in columns:
        value = row[c.at]
        if c.field.type == "self":
            if value is not None:
                out[c.name] = refs.show(c.field.to, value, view.site) if c.name.endswith("ref") else refs.long_form(c.field.to, value)
                if c.name == "ref":
                    out["id"] = refs.long_form(c.field.to, value)
            else:
                out[c.name] = None
        elif c.field.type == "money":
            out[c.name] = values.plain(c.field, value, row[c.beside] or "USD")
        else:
            out[c.name] = values.plain(c.field, value, "")
            if c.field.type == "people":
                ids = [int(n) for n in (row[c.beside] or "").split(",") if n]
                out[f"{c.name}_ref"] = [refs.show(c.field.to, n, view.site) for n in ids]
            if c.field.type == "ref" and c.beside >= 0:
                target = row[c.beside]
                out[f"{c.name}_ref"] = refs.show(c.field.to, target, view.site) if target is not None else None
    return out


def _shown(data: Sheet) -> list[Column]:
    return [c for c in data.columns if c.field.type != "object"]


# Formats ----------------------------------------------------------------------------------------------------------------------------


def _json(data: Sheet, view: View, as_report: bool) -> None:
    from json import dumps

    if as_report:
        whole = {"rows": list(objects(data, view)), "total": as_object(data.columns, data.total, view) if data.total else None}
        return json_object({**whole, **(data.extra or {})})
    if view.format == "ndjson":
        for item in objects(data, view):
            sys.stdout.write(dumps(item, ensure_ascii=False) + "\n")
        return None
    separator = "["
    for item in objects(data, view):
        sys.stdout.write(separator + "\n  " + dumps(item, ensure_ascii=False))
        separator = ","
    sys.stdout.write("[]\n" if separator == "[" else "\n]\n")
    return None


def json_object(value: Any, format: str = "json") -> None:
    """Write one JSON value: indented, as ndjson on one line."""
    from json import dumps

    sys.stdout.write(dumps(value, ensure_ascii=False, indent=2 if format == "json" else None) + "\n")


def _separated(data: Sheet, view: View) -> None:
    write_separated(data, view, sys.stdout)


def write_separated(data: Sheet, view: View, stream: TextIO) -> None:
    """TSV or CSV with a header row."""
    from sfa.writing import separated

    separated.write(data, _shown(data), view, stream)


def _cells(data: Sheet, view: View) -> tuple[list[str], list[list[str]], list[bool]]:
    columns = _shown(data)
    show = [_shower(c, view) for c in columns]
    rows = [[values.visible(_said(s(row))).replace("\n", " ").replace("\t", " ") for s in show] for row in data.rows]
    if data.total is not None:
        rows.append([values.visible(_said(s(data.total))) for s in show])
    return [heading(c) for c in columns], rows, [c.field.type in NUMERIC for c in columns]


def heading(column: Column) -> str:
    """What people see above a column."""
    return spoken(column.field.label or column.name.replace("_", " "), "column")


def _said(cell: str) -> str:
    """A cell for people: a message is spoken, data stays as it is."""
    return spoken(cell) if isinstance(cell, Message) else cell


def width() -> int:
    """Columns of the terminal; in a pipe there is no limit worth cutting for."""
    if not sys.stdout.isatty():
        return 100_000
    return _terminal()


def _terminal() -> int:
    import shutil

    return shutil.get_terminal_size().columns


def _table(data: Sheet, view: View) -> None:
    heads, rows, right = _cells(data, view)
    if not rows:
        return message("Nothing to show.")
    from sfa import drawing

    firm = [c.field.type in FIRM for c in _shown(data)]
    if data.spare:
        usual = [("", c.field.usual) for c in _shown(data)]
        kept = [i for i in range(len(heads)) if any(row[i] not in usual[i] for row in rows)]
        heads, right, firm = [heads[i] for i in kept], [right[i] for i in kept], [firm[i] for i in kept]
        rows = [[row[i] for i in kept] for row in rows]
    if data.wrap and sys.stdout.isatty() and len(rows) <= RICH_ROWS:
        return drawing.show(drawing.wrapped(heads, rows, right, data.total is not None), sys.stdout, no_color(), width())
    rule = "─" if sys.stdout.isatty() else "-"
    sys.stdout.write(drawing.plain(heads, rows, right, firm, width(), rule, data.total is not None))
    return None


def _marked_up(data: Sheet, view: View) -> None:
    from tabulate import tabulate

    heads, rows, right = _cells(data, view)
    if view.format == "md":
        rows = [[c.replace("\\", "\\\\").replace("|", "\\|") for c in row] for row in rows]
    if data.title and view.format == "md":
        line(f"**{data.title}**\n")
    kind = "github" if view.format == "md" else "html"
    aligned = ["right" if r else "left" for r in right] if rows else None
    sys.stdout.write(str(tabulate(rows, headers=heads, tablefmt=kind, disable_numparse=True, colalign=aligned)) + "\n")


def fields(data: Sheet, view: View) -> None:
    """One record, a field a line; blank fields are left out for people and kept in a pipe."""
    row = next(iter(data.rows))
    if view.format in ("tsv", "csv"):
        return write_separated(data._replace(rows=[row]), view, sys.stdout)
    shown = [(heading(c), _said(_shower(c, view)(row))) for c in data.columns]
    shown = [(name, values.visible(text)) for name, text in shown if text]
    if view.format in ("md", "html"):
        two = [column("field", "text", 0), column("value", "text", 1)]
        return _marked_up(Sheet(two, shown), view)
    wide = max(cell_width(name) for name, _ in shown)
    for name, text in shown:
        first, *more = text.split("\n")
        line(say("{name}{wide}  {first}", name=name, wide=" " * (wide - cell_width(name)), first=first))
        for part in more:
            line(" " * (wide + 2) + part)
    return None


def board(columns: list[tuple[str, str, list[tuple[str, str, str]]]], about: Sequence[str]) -> None:
    """Columns of cards: (title, summary, cards of two lines and a mark each). Side by side as far as the terminal is wide, stacked in a
    pipe. `about` are lines below: what the marks mean."""
    if not columns:
        return message("Nothing to show.")

    def clear(text: str) -> str:
        return values.visible(_said(text)).replace("\n", " ").replace("\t", " ")

    shown = [(clear(title), clear(summary), [(clear(a), clear(b), m) for a, b, m in cards]) for title, summary, cards in columns]
    if sys.stdout.isatty():
        from sfa import drawing

        for band in drawing.boards(shown, width()):
            drawing.show(band, sys.stdout, no_color(), width())
    else:
        for title, summary, cards in shown:
            line(say("{title}: {summary}", title=title, summary=summary))
            for first, second, mark in cards:
                line(
                    say(
                        "  {mark}{word}{first}{word2}{second}",
                        mark=mark,
                        word=" " if mark else "",
                        first=first,
                        word2="  " if second else "",
                        second=second,
                    )
                )
    for text in about:
        paragraph(text)
    return None


def height() -> int:
    """Lines of the terminal; 0 in a pipe, where nothing is to be fitted."""
    import shutil

    return shutil.get_terminal_size().lines if sys.stdout.isatty() else 0


def waterfall(steps: list[tuple[str, str, str, int, bool]]) -> None:
    """A waterfall: (label, number, amount, signed value, whether it is a total) of each step, a line each with its bar."""
    from sfa import drawing

    sys.stdout.write(drawing.waterfall([(values.visible(a), b, c, v, t) for a, b, c, v, t in steps], min(width(), 120), _plain_bars()))


def picture(chart: Bars | Lines) -> None:
    """A chart with its title, in the columns of the terminal, in a pipe in 80."""
    from sfa import drawing, page

    room = min(width(), 120) if sys.stdout.isatty() else 80
    line(spoken(chart.title).replace("\n", " "))
    if isinstance(chart, page.Lines):
        sys.stdout.write(drawing.lines(chart, room - 1, _plain_bars()))
        return
    sys.stdout.write(drawing.bars(chart, room - 1, _plain_bars()))
    if chart.legend:
        paragraph(chart.legend)


def mark_bar(share: float, mark: float, room: int = 12) -> str:
    """A bar of a share of the whole with a mark at another share: attainment, and how much time has passed."""
    from sfa import drawing

    return drawing.mark_bar(share, mark, room, _plain_bars())


def sparkline(figures: list[int | None]) -> str:
    """Small bars for figures in a row."""
    from sfa import drawing

    return drawing.sparkline(figures)


def _plain_bars() -> bool:
    """Whether bars are drawn in ASCII: in a pipe, and on a terminal that cannot show blocks."""
    from sfa import plainly

    return not sys.stdout.isatty() or plainly.wanted(os.environ)


def planner(parts: list[tuple[str, list[tuple[str, ...]], str]], flexible: int) -> None:
    """Titled lists of lines (title, rows, a note below), aligned with one another; the column `flexible` is cut where the terminal ends."""
    from sfa import drawing

    flat = [tuple(values.visible(_said(c)).replace("\n", " ").replace("\t", " ") for c in row) for _, rows, _ in parts for row in rows]
    lines = iter(drawing.aligned(flat, flexible, min(width(), 120) - 3))
    for title, rows, note in parts:
        line("")
        line(title)
        for _ in rows:
            line("  " + next(lines))
        if note:
            paragraph("  " + note)


def section(data: Sheet, view: View) -> None:
    """A titled part below a record: only where people look; in a pipe the record's own row stands alone."""
    if view.format in ("tsv", "csv"):
        return
    line("")
    sheet(data, view)


# Messages ---------------------------------------------------------------------------------------------------------------------------


def no_color() -> bool:
    return bool(os.environ.get("NO_COLOR")) or no_escapes()


def no_escapes() -> bool:
    """Whether the terminal understands no escape at all: no cursor can be moved on it and no line edited."""
    return os.environ.get("TERM") in ("dumb", "unknown")


def message(text: str) -> None:
    """Say something to a person, on stderr; on a terminal lines are broken between words where it ends."""
    shown = values.visible(spoken(text))
    sys.stderr.write((broken(shown, _terminal() - 1) if sys.stderr.isatty() else shown) + "\n")


def warning(text: str) -> None:
    message(say("Warning: {text}", text=text))


def changed(text: str, undo: bool = True) -> None:
    """What a write did, in one line, and how to take it back."""
    message(say("{text}  (take back: sfa undo)", text=text) if undo else text)


def preview(heads: list[str], rows: list[list[str]]) -> None:
    """What is about to be changed, as a table on stderr: reference, name, and a column for each field."""
    from sfa import drawing

    shown = [[values.visible(_said(cell)).replace("\n", " ") for cell in row] for row in rows]
    heads = [spoken(head, "column") for head in heads]
    room = _terminal() if watched() else 100_000
    sys.stderr.write(drawing.plain(heads, shown, [False] * len(heads), [i != 1 for i in range(len(heads))], room))


def card(title: str, rows: Sequence[tuple[str, str]], below: str) -> None:
    """A title, named lines and a last line on stderr, each of them cut where the terminal ends."""
    from sfa import drawing

    names = [spoken(name, "column") for name, _ in rows]
    wide = max(9, *map(cell_width, names))
    lines = (f"  {name}{' ' * (wide - cell_width(name))}  {_said(value)}" for name, (_, value) in zip(names, rows, strict=True))
    for text in ("", spoken(title), *lines, spoken(below)):
        message(drawing.fitted(values.visible(text).replace("\n", " "), _terminal() - 1))


def error(problem: SfaError, as_json: bool) -> None:
    """An error on stderr: in words, or as JSON for a script that asked for JSON."""
    if as_json:
        from json import dumps

        sys.stderr.write(
            dumps(
                {"error": {"kind": problem.kind, "message": problem.message, "hint": problem.hint, "exit_code": problem.exit_code}},
                ensure_ascii=False,
            )
            + "\n"
        )
        return
    message(say("Error: {problem}", problem=problem.message))
    if problem.hint:
        message(say("Hint: {hint}", hint=problem.hint))


def to_terminal() -> bool:
    """Whether a person reads stdout."""
    return sys.stdout.isatty()


def interactive() -> bool:
    """Whether a person can be asked: stdin and stdout are terminals."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()


def ask(label: str) -> str:
    """Ask a person for a value on stderr; only where `interactive`."""
    sys.stderr.write(spoken(say("{label}: ", label=label)))
    sys.stderr.flush()
    answer = sys.stdin.readline()
    if not answer:
        raise Declined("no answer was given")
    return answer.strip()


def typed(prompt: str) -> str:
    """A line that a person types where nothing can be edited but by the terminal itself (TERM=dumb). Raises EOFError."""
    return input(prompt)


def confirm(question: str, yes: bool) -> None:
    """Go on after a yes. Raises Declined after a no, and where nobody can be asked and --yes was not given."""
    if yes:
        return
    if not interactive():
        raise Declined("--yes is required when not running interactively", question)
    if not agreed(question):
        raise Declined("nothing was changed")


def agreed(question: str) -> bool:
    """Whether a person says yes; only where `interactive`."""
    return ask(say("{question} [y/N]", question=question)).lower() in ("y", "yes", "是")


def watched() -> bool:
    """Whether a person reads the messages: stderr is a terminal."""
    return sys.stderr.isatty()
