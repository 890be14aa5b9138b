"""Bars and lines in a terminal and as SVG: where each thing stands follows from its figure, whatever the width and the names."""

from __future__ import annotations

import itertools
import re
import unicodedata
import xml.etree.ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sfa import charts, drawing
from sfa.page import Bars, Level, Lines, Series
from sfa.sales.statistics import histogram

SVG = "{http://www.w3.org/2000/svg}"
RATES = Bars(
    "Win rate",
    ("n", "Rate"),
    (
        Level("Anna", ("50", "64.0 %"), 0.64, 0.50, 0.76),
        Level("北京科技有限公司", ("5", "20.0 %*"), 0.2, 0.04, 0.62, weak=True),
        Level("all won", ("40", "100.0 %"), 1.0, 0.91, 1.0),
        Level("nobody", ("0", "–"), None),
    ),
    True,
    0.5,
    "Dot: rate",
)
PARTS = Bars(
    "Lost",
    ("", "Sum"),
    tuple(Level(n, (str(v), ""), v / 100, reached=s / 100) for n, v, s in (("a", 50, 50), ("b", 30, 80), ("c", 20, 100))),
    True,
)


def wide(text: str) -> int:
    """Columns of a terminal, counted apart from the program's way."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def column(line: str, letter: str, last: bool = False) -> int:
    return wide(line[: line.rindex(letter) if last else line.index(letter)])


# In a terminal ----------------------------------------------------------------------------------------------------------------------


def test_bars_are_as_long_as_their_figures() -> None:
    counts = (500, 300, 121, 60, 1, 0)
    text = drawing.bars(Bars("Funnel", ("Entered",), tuple(Level(f"Stage {i}", (f"{n}",), n) for i, n in enumerate(counts))), 79)
    head, *rows = text.splitlines()
    assert head.split() == ["Entered"]
    lengths = [row.count("█") for row in rows]
    assert lengths[0] == 79 - len("Stage 0  Entered  "), "the longest takes what room there is"
    assert lengths == [round(n / 500 * lengths[0]) or (1 if n else 0) for n in counts], "and what is above 0 is seen"


def test_dots_stand_at_rates_and_whiskers_end_where_intervals_do() -> None:
    head, anna, few, won, none, axis = drawing.bars(RATES, 79).splitlines()
    start, end = column(axis, "0 %"), wide(axis)
    cells = end - start

    def cell(value: float) -> int:
        return start + max(round(value * cells) - 1, 0)

    assert (column(anna, "├"), column(anna, "●"), column(anna, "┤")) == (cell(0.5), cell(0.64), cell(0.76))
    assert (column(few, "├"), column(few, "○"), column(few, "┤")) == (cell(0.04), cell(0.2), cell(0.62)), "CJK is two columns wide"
    assert column(won, "●") == end - 1 == cell(1.0)
    assert column(none, "┊") == cell(0.5) == column(won, "┊") and "●" not in none
    assert {wide(row[: row.index(t)]) + len(t) for row, t in ((anna, "64.0 %"), (few, "20.0 %*"), (won, "100.0 %"))} == {start - 2}
    assert head.split() == ["n", "Rate"]


def test_running_sums_begin_at_the_first_bars_end_and_end_at_the_whole() -> None:
    *rows, axis = drawing.bars(PARTS, 60).splitlines()[1:]
    cells = wide(axis) - column(axis, "0 %")
    assert column(rows[0], "●") == column(axis, "0 %") + cells // 2 - 1
    assert column(rows[-1], "●") == wide(axis) - 1, "100 %"
    # The dot of the first stands on its bar's last cell.
    assert [r.count("█") for r in rows] == [round(0.5 * cells) - 1, round(0.3 * cells), round(0.2 * cells)]


def test_in_ascii_nothing_needs_a_letter_beyond_it() -> None:
    chart = RATES._replace(levels=tuple(v for v in RATES.levels if v.label.isascii() and v.value is not None))
    line = Lines("T", ("a", "b", "c"), (Series("up", (0.0, 5.0, 9.0), "9"), Series("down", (9.0, None, -3.0), "-3")))
    for text in (drawing.bars(chart, 79, True), drawing.bars(PARTS, 79, True), drawing.lines(line, 79, True)):
        assert text.isascii() and text.strip()
    assert "[" in drawing.bars(chart, 79, True) and "#" in drawing.bars(PARTS, 79, True)


NAMES = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)


@given(
    st.lists(st.tuples(NAMES, st.none() | st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=12), st.integers(40, 130), st.booleans()
)
@example([("\x1b[31m\n红" * 9, 1.0, 1.0), ("", None, 0.0)], 40, True)
def test_bars_keep_to_the_width_whatever_the_names(rows: list[tuple[str, float | None, float]], room: int, ascii: bool) -> None:
    levels = tuple(Level(n, ("1,234", "99.9 %*"), v, min(v or 0, x), max(v or 0, x), x, x < 0.5) for n, v, x in rows)
    for chart in (Bars("T", ("Deals", "Rate"), levels, True, 0.3), Bars("T", ("", ""), tuple(v._replace(low=None) for v in levels))):
        text = drawing.bars(chart, room, ascii)
        assert "\x1b" not in text and len(rows) <= text.count("\n") <= len(rows) + 2, "heads, a row each, and an axis where it has room"
        assert all(drawing._measure(line) <= room for line in text.splitlines())


@given(
    st.integers(1, 40).flatmap(
        lambda n: st.lists(st.lists(st.none() | st.floats(-1e12, 1e12), min_size=n, max_size=n), min_size=1, max_size=7)
    ),
    NAMES,
    st.integers(40, 130),
    st.booleans(),
)
def test_lines_keep_to_the_width_and_name_each_line(values: list[list[float | None]], name: str, room: int, ascii: bool) -> None:
    labels = tuple(f"2026-{i:02}" for i in range(len(values[0])))
    text = drawing.lines(Lines("T", labels, tuple(Series(f"{i}{name}", tuple(v), "1.2m") for i, v in enumerate(values))), room, ascii)
    drawn = [i for i, v in enumerate(values) if any(x is not None for x in v)]
    if not drawn:
        assert text == ""
        return
    rows = text.splitlines()
    assert len(rows) == drawing.TALL + 1 and all(drawing._measure(row) <= room for row in rows)
    assert all(any(f"{drawing.MARKS[i]} {i}" in row for row in rows) for i in drawn)
    assert rows[-1].split()[-1] == labels[-1]


def test_marks_stand_at_their_values_and_a_gap_is_a_gap() -> None:
    text = drawing.lines(
        Lines("T", ("a", "b", "c"), (Series("up", (0.0, None, 110.0), "110"), Series("flat", (55.0, 55.0, 55.0), "55"))), 60
    )
    rows = text.splitlines()[:-1]
    marks = {i: int(row.split()[0]) for i, row in enumerate(rows) if row.split()[0].isdigit()}
    per_row = (max(marks.values()) - min(marks.values())) / (max(marks) - min(marks))

    def row_of(value: float) -> int:
        return len(rows) - 1 - round(value / per_row)

    plot = [row.partition("│")[2] for row in rows]
    assert [i for i, row in enumerate(plot) if "o" in row] == [row_of(110), row_of(0)]
    assert plot[row_of(55)].count("x") == 4, "three marks and the name"
    assert [set(row) & {"⠉", "⠒", "⠤", "⣀"} for i, row in enumerate(plot) if i != row_of(55)] == [set()] * 11, "no line across the gap"


# As SVG -----------------------------------------------------------------------------------------------------------------------------


def drawn(chart: Bars, width: float = 500) -> ET.Element:
    return ET.fromstring(charts.svg(chart, width, "sans-serif", "k"))


def scale_of(root: ET.Element) -> tuple[float, float]:
    """Where 0 % and 100 % are."""
    at = {t.text: float(t.get("x", "")) for t in root.iter(SVG + "text") if t.get("text-anchor") == "middle"}
    return at["0 %"], at["100 %"]


def test_svg_whiskers_end_where_intervals_do() -> None:
    root = drawn(RATES)
    left, right = scale_of(root)

    def at(value: float) -> float:
        return left + value * (right - left)

    paths = [p.get("d", "") for p in root.iter(SVG + "path")]
    ends = [(float(m[1]), float(m[2])) for d in paths if (m := re.match(r"M(\S+) \S+H([\d.]+)M", d))]
    assert ends == [pytest.approx((at(low), at(high)), abs=0.02) for low, high in ((0.5, 0.76), (0.04, 0.62), (0.91, 1.0))]
    dots = [(float(c.get("cx", "")), c.get("fill")) for c in root.iter(SVG + "circle")]
    assert [x for x, _ in dots] == pytest.approx([at(0.64), at(0.2), at(1.0)], abs=0.02)
    assert dots[1][1] == "#fff" and dots[0][1] != "#fff", "a weak rate is hollow"
    assert [p.get("stroke-dasharray") is not None for p in root.iter(SVG + "path")] == [False, True, False]
    whole = [x for x in root.iter(SVG + "line") if x.get("stroke-dasharray")]
    assert [float(x.get("x1", "")) for x in whole] == pytest.approx([at(0.5)], abs=0.02)
    assert float(root.get("viewBox", "").split()[2]) == 500 >= right


def test_svg_bars_are_as_long_as_their_shares_and_the_sum_ends_at_the_whole() -> None:
    root = drawn(PARTS)
    left, right = scale_of(root)
    bars = [(float(r.get("x", "")), float(r.get("width", ""))) for r in root.iter(SVG + "rect")]
    assert bars == [pytest.approx((left, share * (right - left)), abs=0.02) for share in (0.5, 0.3, 0.2)]
    line = next(p.get("d", "") for p in root.iter(SVG + "path") if p.get("fill") == "none")
    xs = [float(x) for x in re.findall(r"[ML](\S+) ", line)]
    assert xs == pytest.approx([left + s * (right - left) for s in (0.5, 0.8, 1.0)], abs=0.02)


@given(st.lists(NAMES, max_size=6), NAMES)
@example(["<script>alert(1)</script>", "a & b ]]>", "\x00\ufffe"], '"><svg onload=x>')
def test_svg_is_xml_whatever_the_names(names: list[str], title: str) -> None:
    levels = tuple(Level(n, (n,), i / 9, 0.0, 1.0, 0.5, bool(i % 2)) for i, n in enumerate(names))
    root = drawn(Bars(title, (title,), levels, True, 0.5, title))
    assert {e.tag.removeprefix(SVG) for e in root.iter()} <= {"svg", "title", "g", "text", "line", "rect", "path", "circle"}
    if not names:
        assert "No figures." in [t.text for t in root.iter(SVG + "text")]


# Histograms -------------------------------------------------------------------------------------------------------------------------


@given(st.dictionaries(st.integers(0, 4000), st.integers(1, 50), max_size=60))
def test_a_histogram_has_every_case_once_in_few_bins_of_one_width(counts: dict[int, int]) -> None:
    bins = histogram(counts)
    assert sum(n for *_, n in bins) == sum(counts.values())
    assert len(bins) <= 13 and all(high is not None for _, high, _ in bins[:-1])
    for low, high, n in bins:
        assert n == sum(c for v, c in counts.items() if low <= v and (high is None or v <= high))
    assert len({high - low for low, high, _ in bins if high is not None}) <= 1
    assert all(b[0] == (a[1] or 0) + 1 for a, b in itertools.pairwise(bins)), "no value lies between two"
    above = sum(n for _, high, n in bins if high is None)
    assert above * 100 <= 5 * sum(counts.values())


def test_a_histogram_by_hand() -> None:
    assert histogram({}) == []
    assert histogram({3: 2}) == [(3, 3, 2)]
    assert histogram({0: 1, 4: 1, 5: 2, 13: 1}) == [(0, 1, 1), (2, 3, 0), (4, 5, 3), (6, 7, 0), (8, 9, 0), (10, 11, 0), (12, 13, 1)]
    assert histogram({1: 60, 2: 39, 900: 1}) == [(1, 1, 60), (2, 2, 39), (3, None, 1)]
