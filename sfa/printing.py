"""A page on paper and screen: as Markdown, as one self-contained HTML file, and as PDF, which needs typst.

All texts are data: none is read as markup, whatever stands in it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sfa import charts
from sfa.errors import Refused
from sfa.messages import say
from sfa.page import Bar, Bars, Chart, Grid, Head, Heading, Lines, Notes, Page, Paper, Row, Text, Waterfall
from sfa.sales.values import visible

if TYPE_CHECKING:
    import typst

SHEETS = {"a4": (595.28, 841.89, "A4"), "letter": (612.0, 792.0, "letter")}
"""Width, height in points, and the name in a style sheet."""
MARGIN, TOP, BOTTOM = 42.0, 46.0, 46.0
GAP = 22.0
"""Between two charts side by side."""
LONGEST_TEXT = 18.0
"""Widest that a column of texts is counted, in heights of its letters; longer texts wrap."""
SIZES = (9.0, 8.5, 8.0)
"""Heights of a table's letters, the largest that fits."""
LONGEST_COMMAND = 150
"""Letters of the command in the footer; a longer one stands whole at the end."""
FAMILIES = ("Inter", "Segoe UI", "Helvetica Neue", "Noto Sans", "Source Sans 3", "Open Sans", "Liberation Sans", "Arial")
"""Sans-serif families to take where they are installed; Libertinus Serif comes with typst."""
FONTS = {
    **dict.fromkeys(
        ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "FULLWIDTH", "HALFWIDTH", "IDEOGRAPHIC", "KANGXI"), "Noto Sans CJK"
    ),
    **dict.fromkeys(("LATIN", "GREEK", "CYRILLIC", "MODIFIER", "COMBINING"), "Noto Sans"),
    "MATHEMATICAL": "Noto Sans Math",
}
"""First word of a letter's Unicode name → a font that has it; other scripts have a Noto Sans of their own name."""
SOFT = "\u200b"
"""Where a word may be broken; it has no width."""


class Printed(NamedTuple):
    """A PDF: its bytes, its number of pages, and a warning for each font that it would have needed and that is not here."""

    data: bytes
    pages: int
    lacking: tuple[str, ...]


class Layout(NamedTuple):
    """A sheet as it lies: width and height in points, the room between the margins, whether wide, its name in a style sheet."""

    width: float
    height: float
    room: float
    landscape: bool
    name: str


def layout(page: Page, paper: Paper) -> Layout:
    """Upright, unless a table is wider than that."""
    wide, high, name = SHEETS[paper]
    across = any(_needed(b) * SIZES[0] > wide - 2 * MARGIN for b in page.blocks if isinstance(b, Grid))
    width, height = (high, wide) if across else (wide, high)
    return Layout(width, height, width - 2 * MARGIN, across, name)


# What a table needs ------------------------------------------------------------------------------------------------------------------


def _text(cell: str | Bar) -> str:
    text = cell.text if isinstance(cell, Bar) else cell
    return visible(text).replace("\ufffe", "").replace("\uffff", "")


def _rows(grid: Grid) -> list[Row]:
    return [*(row for group in grid.groups for row in group), *([grid.total] if grid.total else [])]


def _has_bar(grid: Grid, column: int) -> bool:
    return any(isinstance(row.cells[column], Bar) for row in _rows(grid))


def _widths(grid: Grid, longest: float = LONGEST_TEXT) -> list[float]:
    """About how wide each column must be, in heights of its letters: figures whole, texts up to `longest`, then they wrap."""
    out = []
    for i, head in enumerate(grid.heads):
        cells = [charts.measure(_text(row.cells[i])) + (row.level if i == 0 else 0) for row in _rows(grid)]
        word = max(map(charts.measure, head.text.split()), default=0)
        most = max(cells, default=0)
        out.append(max(word, most if head.right else min(most, longest)) + 0.9 + (4.3 if _has_bar(grid, i) else 0))
    return out


def _needed(grid: Grid) -> float:
    return sum(_widths(grid))


def _fitted(grid: Grid, room: float) -> Iterator[tuple[Grid, float]]:
    """The table with the height of its letters; in parts, each with the first column, where it is wider than a sheet."""
    widths = _widths(grid)
    size = next((s for s in SIZES if sum(widths) * s <= room), SIZES[-1])
    parts: list[list[int]] = [[0]]
    for i in range(1, len(widths)):
        if len(parts[-1]) > 1 and (sum(widths[j] for j in parts[-1]) + widths[i]) * size > room:
            parts.append([0])
        parts[-1].append(i)
    for part in parts:
        yield _columns(grid, part), size


def _columns(grid: Grid, chosen: list[int]) -> Grid:
    def cut(row: Row) -> Row:
        return row._replace(cells=tuple(row.cells[i] for i in chosen))

    return Grid(
        tuple(grid.heads[i] for i in chosen),
        tuple(tuple(map(cut, group)) for group in grid.groups),
        cut(grid.total) if grid.total else None,
    )


def _bands(page: Page, sheet: Layout) -> Iterator[Heading | Text | Notes | tuple[Grid, float] | list[Chart]]:
    """The blocks as they are laid out: tables in parts that fit, with the height of their letters, and charts, two side by side where
    the sheet is wide."""
    row: list[Chart] = []
    for block in page.blocks:
        if isinstance(block, Waterfall | Lines | Bars):
            row.append(block)
            if len(row) < (2 if sheet.landscape else 1):
                continue
        if row:
            yield row
            row = []
        if isinstance(block, Grid):
            yield from _fitted(block, sheet.room)
        elif isinstance(block, Heading | Text | Notes):
            yield block
    if row:
        yield row


def _drawn(row: list[Chart], sheet: Layout, family: str, key: str) -> list[tuple[str, float]]:
    """The charts of a row as SVG, with their widths: one alone has the whole row."""
    width = (sheet.room - GAP * (len(row) - 1)) / len(row)
    return [(charts.svg(chart, width, family, f"{key}{i}"), width) for i, chart in enumerate(row)]


def _short(command: str) -> str:
    return command if len(command) <= LONGEST_COMMAND else command[: LONGEST_COMMAND - 1] + "…"


# Markdown ----------------------------------------------------------------------------------------------------------------------------


def markdown(page: Page) -> str:
    """The page as Markdown with tables (GitHub's kind); charts become tables of their figures."""
    out = [f"# {_md(page.title)}", _md_line(page.subtitle), "\\\n".join(filter(None, map(_md_line, (page.as_of, *page.facts))))]
    for block in page.blocks:
        if isinstance(block, Heading):
            out.append(f"## {_md(block.text)}")
        elif isinstance(block, Text):
            out.append(_md_line(block.text))
        elif isinstance(block, Notes):
            out.append("\n".join(f"- {_md_line(item)}" for item in block.items))
        elif isinstance(block, Grid):
            out.append(_md_grid(block))
        else:
            out += [_md_bold(block.title), _md_grid(_figures(block))]
    command = charts.one_line(page.command)
    fence = "`" * (max((len(run) for run in re.findall("`+", command)), default=0) + 1)
    return "\n\n".join(filter(None, [*out, f"{fence} {command} {fence}" if command else ""])) + "\n"


def _md(text: str) -> str:
    """`text` so that a Markdown reader shows just it, on one line."""
    return re.sub(r"([\\`*_\[\]<>#|~$]|&(?=#?\w+;))", r"\\\1", charts.one_line(text))


def _md_line(text: str) -> str:
    """The same where a line begins, so that it does not begin a list or underline what stands above."""
    text = re.sub(r"^(\d+)([.)])(?=\s|$)", r"\1\\\2", _md(text))
    return re.sub(r"^(?=[-+=])", r"\\", text)


def _md_bold(text: str) -> str:
    text = _md(text)
    return f"**{text}**" if text else ""


def _md_grid(grid: Grid) -> str:
    def line(cells: list[str]) -> str:
        return f"| {' | '.join(cells)} |"

    lines = [line([_md(h.text) for h in grid.heads]), line(["---:" if h.right else "---" for h in grid.heads])]
    for row in _rows(grid):
        written = _md_bold if row.strong or row is grid.total else _md
        cells = ["<br>".join(filter(None, map(written, _text(c).split("\n")))) for c in row.cells]
        lines.append(line(["&emsp;" * row.level + cells[0], *cells[1:]]))
    return "\n".join(lines)


def _figures(chart: Chart) -> Grid:
    """What a chart shows, as a table."""
    if isinstance(chart, Lines):
        heads = (Head(""), *(Head(s.name, right=True) for s in chart.series))
        columns = [["" if v is None else charts.compact(v) for v in s.values] for s in chart.series]
        rows = [Row(cells) for cells in zip(chart.labels, *columns, strict=True)]
        return Grid(heads, (tuple(rows),), Row(("last", *(s.text for s in chart.series))))
    if isinstance(chart, Waterfall):
        return Grid((Head(""), Head("", right=True)), (tuple(Row((s.label, s.text), strong=s.total) for s in chart.steps),))
    return Grid((Head(""), *(Head(h, right=True) for h in chart.heads)), (tuple(Row((v.label, *v.texts)) for v in chart.levels),))


# HTML --------------------------------------------------------------------------------------------------------------------------------


def html(page: Page, paper: Paper) -> str:
    """The page as one HTML file that needs nothing else and prints like the PDF: no script, no outside reference."""
    sheet = layout(page, paper)
    out = []
    for i, band in enumerate(_bands(page, sheet)):
        if isinstance(band, Heading):
            out.append(f"<h2>{_html(band.text)}</h2>")
        elif isinstance(band, Text):
            out.append(f"<p>{_html(band.text)}</p>")
        elif isinstance(band, Notes):
            out.append(f'<ul class="notes">{"".join(f"<li>{_html(item)}</li>" for item in band.items)}</ul>')
        elif isinstance(band, list):
            out.append(f'<div class="charts">{"".join(svg for svg, _ in _drawn(band, sheet, "inherit", f"c{i}-"))}</div>')
        else:
            out.append(_html_grid(*band, sheet.room, sheet.height - TOP - BOTTOM))
    facts = "".join(f"<li>{_html(fact)}</li>" for fact in (page.as_of, *page.facts))
    title, command = escape(charts.one_line(page.title)), _html(charts.one_line(page.command))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f'<meta name="viewport" content="width=device-width">\n<title>{title}</title>\n<style>\n{_style(page, sheet)}</style>\n</head>\n'
        f"<body>\n<h1>{title}</h1>\n{_optional(page.subtitle)}"
        f'<ul class="facts">{facts}</ul>\n' + "\n".join(out) + f"\n<footer><code>{command}</code></footer>\n</body>\n</html>\n"
    )


def _optional(subtitle: str) -> str:
    return f'<p class="subtitle">{_html(subtitle)}</p>\n' if subtitle else ""


def _html(text: str) -> str:
    return escape(_breakable(_text(text))).replace(SOFT, "<wbr>")


def _html_grid(grid: Grid, size: float, room: float, high: float) -> str:
    most = _full(grid)
    longest = [max((charts.measure(_text(row.cells[i])) for row in _rows(grid)), default=0) for i in range(len(grid.heads))]
    kinds = [' class="n"' if h.right else ' class="k"' if w <= LONGEST_TEXT else "" for h, w in zip(grid.heads, longest, strict=True)]
    heads = "".join(f'<th scope="col"{kind}>{_html(h.text)}</th>' for h, kind in zip(grid.heads, kinds, strict=True))

    def line(row: Row) -> str:
        indent = f' style="padding-left:{4 + 9 * row.level}pt"' if row.level else ""
        cells = [_html(_text(c)) + (_html_bar(c.share, most) if isinstance(c, Bar) else "") for c in row.cells]
        rest = "".join(f"<td{kind}>{cell}</td>" for cell, kind in zip(cells[1:], kinds[1:], strict=True))
        return f'<tr{" class=strong" if row.strong else ""}><th scope="row"{kinds[0]}{indent}>{cells[0]}</th>{rest}</tr>\n'

    bodies = [
        f"<tbody{' class=long' if _tall(group) * size * 1.45 > 0.8 * high else ''}>\n{''.join(map(line, group))}</tbody>\n"
        for group in grid.groups
    ]
    if grid.total:
        bodies.append(f'<tbody class="total">\n{line(grid.total._replace(strong=True))}</tbody>\n')
    width = min(room, sum(_widths(grid, room)) * size + 24 * len(grid.heads))
    return (
        f'<div class="wide"><table style="font-size:{size:g}pt;width:{width:g}pt">\n<thead><tr>{heads}</tr></thead>\n'
        f"{''.join(bodies)}</table></div>"
    )


def _tall(group: tuple[Row, ...]) -> float:
    """About how many lines a group takes: browsers leave a sheet empty rather than break what should stay whole and cannot."""
    return sum(max(1.0, *(charts.measure(_text(c)) / (2 * LONGEST_TEXT) for c in row.cells)) for row in group)


def _full(grid: Grid) -> float:
    """The share at which the table's bars are full: 1, or the longest up to 1.5."""
    shares = [c.share for row in _rows(grid) for c in row.cells if isinstance(c, Bar) and c.share is not None]
    return max(1.0, min(1.5, max(shares, default=0.0)))


def _html_bar(share: float | None, most: float) -> str:
    if share is None:
        return '<span class="bar none"></span>'
    filled = 100 * max(0.0, min(share, most)) / most
    mark = f'<u style="left:{100 / most:.1f}%"></u>' if most > 1 else ""
    return f'<span class="bar"><i style="width:{100 / most:.1f}%"></i><b style="width:{filled:.1f}%"></b>{mark}</span>'


def _style(page: Page, sheet: Layout) -> str:
    """The style sheet: the common one, the sheet's size, and what stands above and below every sheet."""
    names = ", ".join(f'"{name}"' for name in FAMILIES)
    muted = f"color: #5b6675; font: 7.5pt {names}, system-ui, sans-serif; white-space: nowrap"
    above = f"color: #5b6675; font: 8pt {names}, system-ui, sans-serif; white-space: nowrap; vertical-align: bottom; padding-bottom: 8pt"
    return f"""{Path(__file__).with_name("page.css").read_text(encoding="utf-8")}
body {{ font-family: {names}, system-ui, sans-serif; max-width: {sheet.room + 32:g}pt }}
@media print {{ body {{ max-width: none }} }}
@page {{
  size: {sheet.name}{" landscape" if sheet.landscape else ""}; margin: {TOP:g}pt {MARGIN:g}pt {BOTTOM:g}pt;
  @top-left {{ content: {_css(page.title)}; {above}; font-weight: bold }}
  @top-right {{ content: {_css(page.as_of)}; {above} }}
  @bottom-left {{ content: {_css(_short(page.command))}; {muted} }}
  @bottom-right {{ content: "page " counter(page) " of " counter(pages); {muted} }}
}}
@page :first {{ @top-left {{ content: none }} @top-right {{ content: none }} }}
"""


def _css(text: str) -> str:
    """`text` as a string of a style sheet: whatever is not a letter, a digit or a blank by its number, so that nothing can end it."""
    return '"' + "".join(c if c.isalnum() or c == " " else f"\\{ord(c):x} " for c in charts.one_line(text)) + '"'


# PDF ---------------------------------------------------------------------------------------------------------------------------------


def pdf(page: Page, paper: Paper, made: datetime) -> Printed:
    """The page as PDF, of PDF/A-2u's kind where the fonts here have all its characters; `made` (with a time zone) is the date inside.

    Raises Refused where typst is not installed."""
    import json

    try:
        import typst
    except ImportError:
        hint = "Without it, --format html makes a page that a browser prints the same."
        raise Refused("PDF needs the optional part: pip install 'sfa[print]'", hint) from None
    found = typst.Fonts()
    family = next((f for f in FAMILIES if f in found.families()), "")
    fonts = [*([family] if family else []), "Libertinus Serif"]
    source = Path(__file__).with_name("page.typ")
    compiler = typst.Compiler(source, font_paths=found, sys_inputs={"page": json.dumps(_typst(page, layout(page, paper), fonts))})
    stamp = int(made.timestamp())
    lacking: list[str] = []
    try:
        data = compiler.compile(format="pdf", timestamp=stamp, pdf_standards=["a-2u"])
    except typst.TypstError as error:
        lacking = _lacking(page, error)
        if not lacking:
            raise
        data = compiler.compile(format="pdf", timestamp=stamp)
    assert isinstance(data, bytes)
    return Printed(data, int(compiler.query("<sheets>", field="value", one=True)), tuple(lacking))


def _typst(page: Page, sheet: Layout, fonts: list[str]) -> dict[str, Any]:
    """All that the template reads; lengths in points."""
    blocks: list[dict[str, Any]] = []
    for i, band in enumerate(_bands(page, sheet)):
        if isinstance(band, Heading):
            blocks.append({"kind": "heading", "text": _text(band.text)})
        elif isinstance(band, Text):
            blocks.append({"kind": "text", "text": _breakable(_text(band.text))})
        elif isinstance(band, Notes):
            blocks.append({"kind": "notes", "items": [_breakable(_text(item)) for item in band.items]})
        elif isinstance(band, list):
            drawn = zip(band, _drawn(band, sheet, ", ".join(fonts), f"c{i}-"), strict=True)
            blocks.append({"kind": "charts", "charts": [{"svg": s, "width": w, "title": _text(c.title)} for c, (s, w) in drawn]})
        else:
            blocks.append(_typst_grid(*band))
    command = charts.one_line(page.command)
    if _short(command) != command:
        blocks.append({"kind": "command", "text": _breakable(command)})
    return {
        "title": _breakable(charts.one_line(page.title)),
        "running": charts.one_line(page.title)[:90],
        "subtitle": _breakable(_text(page.subtitle)),
        "as_of": charts.one_line(page.as_of),
        "facts": [_breakable(_text(fact)) for fact in page.facts],
        "command": _short(command),
        "blocks": blocks,
        "fonts": fonts,
        "mono": ["DejaVu Sans Mono", *fonts],
        "width": sheet.width,
        "height": sheet.height,
        "margin": MARGIN,
        "top": TOP,
        "bottom": BOTTOM,
    }


def _typst_grid(grid: Grid, size: float) -> dict[str, Any]:
    rows: list[Row] = []
    groups: list[list[int]] = []
    first = 0
    for group in grid.groups:
        rows += group
        groups.append([first, len(group)])
        first += len(group)
    if grid.total:
        rows.append(grid.total._replace(strong=True))
        groups[-1:] = [[groups[-1][0], groups[-1][1] + 1]] if groups else [[0, 1]]
    heads = []
    for i, head in enumerate(grid.heads):
        # Ideographs may be parted anywhere; only what stays whole needs its width.
        words = {w for row in rows for w in re.sub("[\u2e80-\u9fff\uac00-\ud7af]", " ", _breakable(_text(row.cells[i]))).split()}
        pieces = {p for w in words for p in w.split(SOFT)}
        heads.append(
            {
                "text": _text(head.text),
                "right": head.right,
                "bar": _has_bar(grid, i),
                "words": head.text.split(),
                "longest": sorted(pieces, key=charts.measure)[-3:],
                "widest": _widest(rows, i),
            }
        )
    return {
        "kind": "grid",
        "size": size,
        "most": _full(grid),
        "heads": heads,
        "groups": groups,
        "total": len(rows) - 1 if grid.total else -1,
        "rows": [
            {
                "cells": [_text(c) if h.right else _breakable(_text(c)) for c, h in zip(row.cells, grid.heads, strict=True)],
                "shares": [c.share if isinstance(c, Bar) else None for c in row.cells],
                "level": row.level,
                "strong": row.strong,
            }
            for row in rows
        ],
    }


def _widest(rows: list[Row], column: int) -> list[tuple[str, bool, int]]:
    """The cells of a column (text, bold, indent) that may be the widest: all digits are equally wide, and a guess is not far off."""
    shapes = {(re.sub(r"\d", "0", _text(row.cells[column])), row.strong, row.level if column == 0 else 0) for row in rows}
    most = max((charts.measure(text) + level for text, _, level in shapes), default=0)
    return sorted(shape for shape in shapes if charts.measure(shape[0]) + shape[2] > 0.7 * most)


def _breakable(text: str) -> str:
    """`text` whose overlong words (an address, a key) may be broken: typst breaks between words only."""
    return re.sub(r"\S{24}(?=\S{4})", lambda found: found[0] + SOFT, text)


def _lacking(page: Page, error: typst.TypstError) -> list[str]:
    """A sentence for each script that no font here can show, with the characters and a text that has them."""
    missing: dict[str, list[str]] = {}
    for found in re.findall(r"the text `\"(.*?)\"` could not be displayed", error.diagnostic):
        for letter in re.sub(r"\\u\{[0-9a-f]+\}", "", found):
            letters = missing.setdefault(_font_for(letter), [])
            if letter not in letters:
                letters.append(letter)
    out = []
    for font, letters in missing.items():
        some = "".join(letters[:12]) + ("…" if len(letters) > 12 else "")
        example = charts.one_line(next((t for t in _texts(page) if any(c in t for c in letters)), ""))
        where = f' (in "{example[:40]}")' if example not in ("", some) else ""
        out.append(say("no font here has the characters {some}{where}: install one such as {font}", some=some, where=where, font=font))
    return out


def _font_for(letter: str) -> str:
    script, category = unicodedata.name(letter, "").split(" ")[0], unicodedata.category(letter)
    if script in FONTS:
        return FONTS[script]
    if category[0] in "LM" and script:
        return f"Noto Sans {script.title()}"
    return "Noto Emoji" if category == "So" else "Noto Sans"


def _texts(value: Any) -> Iterator[str]:
    """Every text of the page, in its order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from _texts(part)
