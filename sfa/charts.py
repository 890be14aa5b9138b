"""Three charts as SVG: waterfall, lines, bars (with intervals and running sums). Lengths are points; signs, patterns and labels carry the
meaning, colour only helps.

Text stays text. Classes beside the colours let a style sheet change them for a dark screen.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from html import escape

from sfa.page import Bars, Chart, Level, Lines, Waterfall
from sfa.sales.values import visible

INK, MUTED, RULE, ACCENT, LIGHT = "#1b2430", "#5b6675", "#d4dae2", "#2f5d8a", "#c9d8e8"
SIZE = 8.5
"""Height of the letters."""
LINE = 11.0
"""From one line of text to the next."""
STYLES = (
    (ACCENT, "accent", "", "circle"),
    (INK, "ink", "5 2.5", "square"),
    (MUTED, "muted", "1.5 2", "diamond"),
    (ACCENT, "accent", "8 2 1.5 2", "triangle"),
    (INK, "ink", "", "ring"),
    (MUTED, "muted", "6 3", "cross"),
)
"""How the series of a chart differ: colour and its class, dashes, marks."""


def svg(chart: Chart, width: float, family: str, key: str) -> str:
    """The chart, `width` points wide, in the font family; `key` keeps the names inside apart from another chart's on the same page."""
    if isinstance(chart, Waterfall):
        body, height = _waterfall(chart, width, key)
    elif isinstance(chart, Lines):
        body, height = _lines(chart, width)
    else:
        body, height = _bars(chart, width)
    title = one_line(chart.title)
    heading = wrapped(title, width / 11)
    down = 12 * (len(heading) - 1)
    height += down
    hatch = (
        f'<defs><pattern id="hatch-{key}" width="4" height="4" patternUnits="userSpaceOnUse">'
        f'<path class="s-accent" d="M-1 1L1 -1M0 4L4 0M3 5L5 3" stroke="{ACCENT}" stroke-width="0.9"/></pattern></defs>'
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(title)}" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}pt" height="{height:g}pt" font-family="{escape(family)}" font-size="{SIZE}">'
        f"<title>{escape(title)}</title>{hatch if f'#hatch-{key})' in body else ''}"
        f"{''.join(_words(0, 9 + 12 * i, t, size=10, weight='bold') for i, t in enumerate(heading))}"
        f'<g transform="translate(0 {down})">{body}</g></svg>'
    )


def one_line(text: str) -> str:
    """`text` without what XML or a terminal would choke on, on one line."""
    return " ".join(visible(text).replace("\ufffe", "").replace("\uffff", "").split())


def measure(text: str) -> float:
    """About how wide a text is, in heights of its letters; Chinese, Japanese and Korean are square."""
    if text.isascii():
        return 0.58 * len(text)
    return sum(
        0.0 if unicodedata.category(c) in ("Mn", "Me", "Cf") else 1.0 if unicodedata.east_asian_width(c) in "WF" else 0.6 for c in text
    )


def wrapped(text: str, room: float) -> list[str]:
    """`text` in lines of at most `room` (heights of its letters): broken between words, and within what is longer than a line."""
    lines, line = [], ""
    for word in one_line(text).split(" "):
        if measure(f"{line} {word}".strip()) <= room:
            line = f"{line} {word}".strip()
            continue
        if line:
            lines.append(line)
        line = ""
        for letter in word:
            if line and measure(line + letter) > room:
                lines.append(line)
                line = ""
            line += letter
    return [*lines, line]


def compact(value: float) -> str:
    """A round number for an axis: 1500000 is 1.5M."""
    for unit, name in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= unit:
            return f"{value / unit:.4g}{name}".replace("-", "−")
    return f"{value:.4g}".replace("-", "−")


def ticks(low: float, high: float) -> list[float]:
    """A few round values from at or below `low` to at or above `high`; 0 lies between the two, or is one of them."""
    rough = max(high - low, 0.001) / 4 if high > low else 0.25
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(unit * m for m in (1, 2, 2.5, 5, 10) if unit * m >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [step * i for i in range(first, max(last, first + 1) + 1)]


# Waterfall and bars: a row each ------------------------------------------------------------------------------------------------------


def _waterfall(chart: Waterfall, width: float, key: str) -> tuple[str, float]:
    """Labels left, amounts aligned, bars on one scale, each from where the one before ended."""
    rows, level = [], 0.0
    for step in chart.steps:
        start, end = (0.0, step.value) if step.total else (level, level + step.value)
        rows.append((step.label, step.text, start, end, "total" if step.total else "up" if step.value >= 0 else "down"))
        level = end
    label_room = _room([r[0] for r in rows], 0.36 * width)
    text_room = _room([r[1] for r in rows], width)
    left = label_room + text_room + 8
    low, high = min([0.0, *(min(r[2], r[3]) for r in rows)]), max([0.0, *(max(r[2], r[3]) for r in rows)])
    scale = (width - left - 2) / ((high - low) or 1.0)
    fills = {
        "total": f'class="f-accent" fill="{ACCENT}"',
        "up": f'class="f-light s-accent" fill="{LIGHT}" stroke="{ACCENT}" stroke-width="0.7"',
        "down": f'class="s-accent" fill="url(#hatch-{key})" stroke="{ACCENT}" stroke-width="0.7"',
    }
    out, top, before = [], 20.0, 0.0
    for i, (label, text, start, end, kind) in enumerate(rows):
        words, tall = _labelled(label, label_room, top, "bold" if kind == "total" else "")
        middle = top + tall / 2
        out += [*words, _words(label_room + text_room, middle + 3, one_line(text), anchor="end", weight="bold" if kind == "total" else "")]
        x, long = left + (min(start, end) - low) * scale, abs(end - start) * scale
        out.append(f'<rect x="{x:.2f}" y="{middle - 4.5:.2f}" width="{max(long, 0.6):.2f}" height="9" {fills[kind]}/>')
        if i:
            at = left + ((end if kind == "total" else start) - low) * scale
            out.append(_rule(at, before + 4.5, at, middle - 4.5, "muted", MUTED, "1.5 1.5"))
        top, before = top + tall, middle
    axis = left - low * scale
    return _rule(axis, 18, axis, top + 1, "rule", "#9aa5b1") + "".join(out), top + 4


def _bars(chart: Bars, width: float) -> tuple[str, float]:
    """Labels left, a column for each text with its head, then bars, or dots with whiskers, on one scale; a line joins the running sums."""
    if not chart.levels:
        return _words(0, 28, "No figures.", fill=MUTED, name="muted"), 36.0
    label_room = _room([v.label for v in chart.levels], 0.3 * width)
    rights, left = [], label_room
    for i, head in enumerate(chart.heads):
        left += _room([head, *(v.texts[i] for v in chart.levels)], width) + 6
        rights.append(left)
    left += 10
    scale = (width - left - 12) / full(chart)
    top = 32.0 if any(chart.heads) else 20.0
    out = [_words(x, 26, one_line(h), anchor="end", fill=MUTED, name="muted") for x, h in zip(rights, chart.heads, strict=True) if h]
    first, sums = top, []
    for v in chart.levels:
        words, tall = _labelled(v.label, label_room, top)
        middle = top + tall / 2
        out += words
        out += [_words(x, middle + 3, one_line(t), anchor="end") for x, t in zip(rights, v.texts, strict=True)]
        out.append(_level(v, left, middle, scale))
        if v.reached is not None:
            sums.append((left + v.reached * scale, middle))
        top += tall
    if sums:
        out.append(_line(sums, STYLES[1]))
    if chart.whole is not None:
        out.append(_rule(left + chart.whole * scale, first, left + chart.whole * scale, top, "ink", INK, "1 2"))
    behind = [_rule(left, first - 2, left, top + 1, "rule", "#9aa5b1")]
    if chart.shares:
        behind += [_rule(left + m * scale, first - 2, left + m * scale, top + 1, "rule", RULE) for m in (0.25, 0.5, 0.75, 1.0)]
        marks = ((m, f"{m:.0%}".replace("%", " %")) for m in (0.0, 0.5, 1.0))
        out += [_words(left + m * scale, top + 10, text, anchor="middle", fill=MUTED, name="muted") for m, text in marks]
        top += LINE
    for line in wrapped(chart.legend, width / SIZE) if chart.legend else ():
        top += LINE
        out.append(_words(0, top, line, fill=MUTED, name="muted"))
    return "".join((*behind, *out)), top + 4


def _level(v: Level, left: float, middle: float, scale: float) -> str:
    """The bar of a row, or its dot with a whisker."""
    if v.value is None:
        return ""
    x = left + v.value * scale
    if v.low is None or v.high is None:
        filled = (
            f'class="f-light s-accent" fill="{LIGHT}" stroke="{ACCENT}" stroke-width="0.7"'
            if v.weak
            else f'class="f-accent" fill="{ACCENT}"'
        )
        return f'<rect x="{left:.2f}" y="{middle - 4.5:.2f}" width="{max(x - left, 0.6 if v.value else 0):.2f}" height="9" {filled}/>'
    low, high = left + v.low * scale, left + v.high * scale
    whisker = f"M{low:.2f} {middle:.2f}H{high:.2f}M{low:.2f} {middle - 3:.2f}v6M{high:.2f} {middle - 3:.2f}v6"
    dashed = ' stroke-dasharray="2 1.5"' if v.weak else ""
    drawn = f'<path class="s-accent" d="{whisker}" fill="none" stroke="{ACCENT}" stroke-width="1.1"{dashed}/>'
    return drawn + _mark("ring" if v.weak else "circle", x, middle, ACCENT, "accent", 2.6)


def full(chart: Bars) -> float:
    """The value at which a bar is as long as can be."""
    known = (x for v in chart.levels for x in (v.value, v.high, v.reached, chart.whole) if x is not None)
    return 1.0 if chart.shares else max(known, default=0.0) or 1.0


def _room(texts: Sequence[str], most: float) -> float:
    """The width that texts below one another need."""
    return min(max(map(measure, texts), default=0) * SIZE * 1.06 + 4, most)


def _labelled(label: str, room: float, top: float, weight: str = "") -> tuple[list[str], float]:
    """The label of a row in as many lines as it needs, and the row's height."""
    lines = wrapped(label, room / SIZE)
    return [_words(0, top + 10 + LINE * j, line, weight=weight) for j, line in enumerate(lines)], LINE * len(lines) + 4


# Lines -------------------------------------------------------------------------------------------------------------------------------


def _lines(chart: Lines, width: float) -> tuple[str, float]:
    known = [v for s in chart.series for v in s.values if v is not None]
    if not known:
        return _words(0, 28, "No figures.", fill=MUTED, name="muted"), 36.0
    marks = ticks(min(0.0, *known), max(0.0, *known))
    room = 0.34 * width
    ends = [wrapped(f"{one_line(s.name)} {one_line(s.text)}", room / SIZE) for s in chart.series]
    left = max(measure(compact(m)) for m in marks) * SIZE + 6
    right = width - min(room, max(measure(line) for lines in ends for line in lines) * SIZE * 1.06) - 16
    top, bottom = 24.0, max(156.0, 24.0 + LINE * sum(map(len, ends)))
    across = (right - left) / max(len(chart.labels) - 1, 1)

    def height(value: float) -> float:
        return bottom - (value - marks[0]) / (marks[-1] - marks[0]) * (bottom - top)

    out = []
    for mark in marks:
        out.append(_rule(left, height(mark), right, height(mark), "rule", "#9aa5b1" if mark == 0 else RULE))
        out.append(_words(left - 4, height(mark) + 3, compact(mark), anchor="end", fill=MUTED, name="muted"))
    out += _below(chart.labels, left, across, bottom + 13)
    placed = []
    for i, series in enumerate(chart.series):
        points = [(left + across * j, height(v)) if v is not None else None for j, v in enumerate(series.values)]
        out.append(_line(points, STYLES[i % len(STYLES)]))
        if last := next((p for p in reversed(points) if p), None):
            placed.append((last, ends[i], STYLES[i % len(STYLES)]))
    return "".join(out) + _end_labels(placed, right, top, bottom), bottom + 20


def _below(labels: Sequence[str], left: float, across: float, y: float) -> list[str]:
    """The labels below the axis, as many as have room: the last, and every so manieth before it."""
    texts = [one_line(label) for label in labels]
    every = max(1, math.ceil((max(map(measure, texts), default=0) * SIZE + 8) / max(across, 0.1)))
    chosen = [i for i in range(len(texts)) if (len(texts) - 1 - i) % every == 0]
    return [_words(left + across * i, y, texts[i], anchor="middle", fill=MUTED, name="muted") for i in chosen]


def _line(points: Sequence[tuple[float, float] | None], style: tuple[str, str, str, str]) -> str:
    """A line with gaps where a value is missing, and its marks."""
    colour, name, dashes, shape = style
    path, pen = [], "M"
    for point in points:
        if point:
            path.append(f"{pen}{point[0]:.2f} {point[1]:.2f}")
        pen = "L" if point else "M"
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    drawn = f'<path class="s-{name}" d="{"".join(path)}" fill="none" stroke="{colour}" stroke-width="1.3"{dashed}/>' if path else ""
    return drawn + "".join(_mark(shape, *p, colour, name) for p in points if p)


def _mark(shape: str, x: float, y: float, colour: str, name: str, size: float = 2) -> str:
    paths = {
        "square": f"M{x - 2:.2f} {y - 2:.2f}h4v4h-4z",
        "diamond": f"M{x:.2f} {y - 2.8:.2f}l2.8 2.8l-2.8 2.8l-2.8 -2.8z",
        "triangle": f"M{x:.2f} {y - 2.6:.2f}l2.6 4.6h-5.2z",
        "cross": f"M{x - 2:.2f} {y - 2:.2f}l4 4m0 -4l-4 4",
    }
    if shape in paths:
        edge = f' stroke="{colour}" stroke-width="1"' if shape == "cross" else ""
        return f'<path class="f-{name}{f" s-{name}" if edge else ""}" d="{paths[shape]}" fill="{colour}"{edge}/>'
    if shape == "ring":
        return f'<circle class="f-paper s-{name}" cx="{x:.2f}" cy="{y:.2f}" r="{size:g}" fill="#fff" stroke="{colour}" stroke-width="1"/>'
    return f'<circle class="f-{name}" cx="{x:.2f}" cy="{y:.2f}" r="{size:g}" fill="{colour}"/>'


def _end_labels(
    placed: Sequence[tuple[tuple[float, float], list[str], tuple[str, str, str, str]]], right: float, top: float, bottom: float
) -> str:
    """What each line is called and where it ended, right of it; labels that would overlap are moved apart, a thin rule leads to them."""
    order = sorted(placed, key=lambda p: p[0][1])
    at: list[float] = []
    for (_, y), lines, _ in order:
        at.append(max(y - LINE * len(lines) / 2, at[-1] + LINE * len(order[len(at) - 1][1]) if at else top - 6))
    floor = bottom + 6
    for i in range(len(order) - 1, -1, -1):
        at[i] = min(at[i], floor - LINE * len(order[i][1]))
        floor = at[i]
    out = []
    for y, ((px, py), lines, (colour, name, _, _)) in zip(at, order, strict=True):
        middle = y + LINE * len(lines) / 2
        out.append(_rule(px + 3, py, right + 12, middle, name, colour, "0.8 1.4"))
        out += [_words(right + 16, y + 8.5 + LINE * j, line) for j, line in enumerate(lines)]
    return "".join(out)


# Pieces ------------------------------------------------------------------------------------------------------------------------------


def _words(
    x: float, y: float, text: str, *, anchor: str = "", size: float = 0, weight: str = "", fill: str = INK, name: str = "ink"
) -> str:
    asked = (("text-anchor", anchor), ("font-size", f"{size:g}" if size else ""), ("font-weight", weight))
    extra = "".join(f' {k}="{v}"' for k, v in asked if v)
    return f'<text class="f-{name}" x="{x:.2f}" y="{y:.2f}" fill="{fill}"{extra}>{escape(text)}</text>'


def _rule(x1: float, y1: float, x2: float, y2: float, name: str, colour: str, dashes: str = "") -> str:
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    where = f'x1="{x1:.2f}" y1="{y1:.2f}" x2="{x2:.2f}" y2="{y2:.2f}"'
    return f'<line class="s-{name}" {where} stroke="{colour}" stroke-width="0.6"{dashed}/>'
