"""The printed page: what stands in it is shown and never interpreted; it fits its sheets; what a font lacks is named."""

from __future__ import annotations

import functools
import io
import itertools
import re
import sys
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
import typst
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from pypdf import PdfReader

from sfa import charts, printing
from sfa.errors import Refused
from sfa.page import Bar, Bars, Block, Grid, Head, Heading, Level, Lines, Notes, Page, Paper, Row, Series, Step, Text, Waterfall

MADE = datetime(2026, 11, 20, 12, tzinfo=UTC)
COMMAND = "sfa forecast --period 2026-Q4 --by rep"
HOSTILE = (
    "</td><script>alert(1)</script>",
    "#sys.inputs.page",
    '#panic("x") [a](b) ![c](d)',
    "$x$ \\ `code` ~e~",
    "*a*_b_|c|",
    "- item",
    "1. item",
    "<!-- &amp; &lt; -->",
    'say "x"; } body { display: none }',
)
MOVED = Waterfall(
    "What moved",
    (Step("Opening", "400", 400, True), Step("New", "+150", 150), Step("Lost", "−250", -250), Step("Closing", "300", 300, True)),
)
TREND = Lines(
    "Each week",
    ("11-06", "11-13", "11-20"),
    (Series("Commit", (1e6, None, 1.5e6), "1,500,000"), Series("Closed", (0.0, 2e5, 9e5), "900,000")),
)


def page_of(*blocks: Block, title: str = "Forecast 2026-Q4", command: str = COMMAND) -> Page:
    return Page(title, "All teams", "As of 2026-11-20 12:00, in USD", ("Filters: none",), blocks, command)


def team_table(managers: int, reps: int, columns: int = 11) -> Grid:
    """A block a manager: a subtotal and the reps below; each name is there once, each figure says its row and column."""
    heads = (Head("Name"), *(Head(f"Column {c}", right=True) for c in range(1, columns)))

    def row(name: str, number: int, level: int, strong: bool) -> Row:
        figures = [f"{number:03},{c:03},000" for c in range(1, columns)]
        return Row((name, Bar(figures[0], number / 200), *figures[1:]), level, strong)

    groups, number = [], 0
    for m in range(managers):
        rows = [row(f"Manager{m:03}", number, 0, True)]
        rows += [row(f"Rep{m:03}x{r:03}", number + 1 + r, 1, False) for r in range(reps)]
        number += len(rows)
        groups.append(tuple(rows))
    return Grid(heads, tuple(groups), row("Total", 999, 0, False))


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u200b]", "", text)


def sheets(printed: printing.Printed) -> list[str]:
    """The text of each sheet, without blanks."""
    return [squeezed(sheet.extract_text()) for sheet in PdfReader(io.BytesIO(printed.data)).pages]


class Reader(HTMLParser):
    """The elements, attributes and visible text of an HTML page."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.cells: list[str] = []
        self.inside = False
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag in ("td", "th"):
            self.cells.append("")
            self.inside = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self.inside = False

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.inside:
            self.cells[-1] += data


# What stands in a page is data ------------------------------------------------------------------------------------------------------


def hostile_page() -> Page:
    grid = Grid((Head("Name"), Head("Note"), Head("7")), (tuple(Row((h, h, "7")) for h in HOSTILE),))
    steps = tuple(Step(h, "1", 1.0) for h in HOSTILE)
    lines = Lines("T", ("a", "b"), tuple(Series(h, (1.0, 2.0), "2") for h in HOSTILE))
    texts = [block(h) for h in HOSTILE for block in (Heading, Text)]
    return page_of(grid, *texts, Notes(HOSTILE), Waterfall("W", steps), lines, title="".join(HOSTILE), command=HOSTILE[0])


def test_html_shows_hostile_texts_and_runs_none() -> None:
    page = hostile_page()
    seen = Reader(printing.html(page, "a4"))
    assert not {"script", "link", "img", "iframe", "object", "a"} & set(seen.tags)
    assert not [a for a in seen.attributes if a[0].startswith("on") or a[0] in ("href", "src")]
    for text in HOSTILE:
        assert seen.cells.count(text) == 2, text
        assert squeezed(seen.text).count(squeezed(text)) >= 8, text
    source = printing.html(page, "a4")
    assert source.count("</style>") == 1 and "http" not in source.replace("http-equiv", "").replace("http://www.w3.org/2000/svg", "")
    outside = [u for u in re.findall(r"url\((.*?)\)", source) if not u.startswith("#")]
    assert not outside and "@import" not in source
    style = source.partition("<style>")[2].partition("</style>")[0]
    assert "display: none" not in style, "the title must not end its string"
    assert style.count("{") == style.count("}")


def test_pdf_shows_hostile_texts() -> None:
    printed = printing.pdf(hostile_page(), "a4", MADE)
    text = "".join(sheets(printed))
    for hostile in HOSTILE:
        assert text.count(squeezed(hostile)) >= 5, hostile


def test_markdown_shows_hostile_texts() -> None:
    html = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(printing.markdown(hostile_page()))
    seen = Reader(html)
    for text in HOSTILE:
        assert seen.cells.count(text) >= 2, text
    allowed = {"h1", "h2", "p", "br", "table", "thead", "tbody", "tr", "th", "td", "strong", "ul", "li", "code"}
    assert set(seen.tags) <= allowed, set(seen.tags) - allowed
    assert seen.tags.count("li") == len(HOSTILE) and seen.tags.count("table") == 3
    assert seen.tags.count("code") == 1, "only the command"


def test_markdown_gives_charts_as_tables() -> None:
    text = printing.markdown(page_of(MOVED, TREND, Bars("Rate", ("",), (Level("Anna", ("92.5 %",), 0.925),)), Text("2026-10-01 is a day")))
    for line in (
        "| **Opening** | **400** |",
        "| Lost | −250 |",
        "|  | Commit | Closed |",
        "| 11-06 | 1M | 0 |",
        "| 11-13 |  | 200k |",
        "| 11-20 | 1.5M | 900k |",
        "| **last** | **1,500,000** | **900,000** |",
        "| Anna | 92.5 % |",
        "2026-10-01 is a day",
        f"` {COMMAND} `",
    ):
        assert f"\n{line}\n" in text, line


def test_line_ends_and_controls_do_not_break_a_row() -> None:
    grid = Grid((Head("Name"), Head("Sum", True)), ((Row(("one\ntwo \x1bred\x07 \u202eevil\ufffe", "5")),),))
    page = page_of(grid, Waterfall("W", (Step("a\nb\x00\uffff", "1\n", 1.0),)))
    assert "| one<br>two red evil | 5 |" in printing.markdown(page)
    source = printing.html(page, "a4")
    assert "one\ntwo red evil" in source and "\x1b" not in source and "\u202e" not in source
    assert "onetworedevil5" in sheets(printing.pdf(page, "a4", MADE))[0]


@given(st.text(max_size=40))
def test_any_text_can_stand_anywhere(text: str) -> None:
    page = Page(
        text,
        text,
        text,
        (text,),
        (Text(text), Grid((Head(text),), ((Row((text,)),),)), Bars(text, (text,), (Level(text, (text,), 1.0),), legend=text)),
        text,
    )
    seen = Reader(printing.html(page, "a4"))
    assert seen.tags.count("tr") == 2 and seen.tags.count("text") >= 3
    (chart,) = re.findall("<svg.*?</svg>", printing.html(page, "a4"), re.S)
    ET.fromstring(chart)
    assert printing.markdown(page).count("\n| ---") == 2


# Sheets ------------------------------------------------------------------------------------------------------------------------------


def forecast_page(managers: int = 6, reps: int = 7) -> Page:
    return page_of(team_table(managers, reps), Heading("Movement"), MOVED, TREND, Heading("Calls"), Notes(("Not called: nobody.",)))


@pytest.mark.parametrize("families", [printing.FAMILIES, ()])
@pytest.mark.parametrize(("paper", "size"), [("a4", (841.89, 595.28)), ("letter", (792, 612))])
def test_a_team_of_forty_fits_three_sheets(
    paper: Paper, size: tuple[float, float], families: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "FAMILIES", families)
    page = forecast_page()
    printed = printing.pdf(page, paper, MADE)
    read = PdfReader(io.BytesIO(printed.data))
    assert 2 <= printed.pages == len(read.pages) <= 3
    assert all([float(s.mediabox.width), float(s.mediabox.height)] == pytest.approx(size, abs=0.1) for s in read.pages)
    texts = sheets(printed)
    whole = "".join(texts)
    grid = page.blocks[0]
    assert isinstance(grid, Grid) and grid.total
    for row in [*(row for group in grid.groups for row in group), grid.total]:
        assert squeezed("".join(c.text if isinstance(c, Bar) else c for c in row.cells)) in whole, row
    for number, text in enumerate(texts, 1):
        assert f"page{number}of{len(texts)}" in text
        assert squeezed(COMMAND) in text and "Forecast2026-Q4" in text and "Asof2026-11-20" in text
        assert ("NameColumn1" in text) == ("Rep0" in text), "the heads stand on each sheet of the table, and only there"
    assert texts[0].index("Forecast2026-Q4") < texts[0].index("Allteams")
    for group in grid.groups:
        where = {i for row in group for i, text in enumerate(texts) if str(row.cells[0]) in text}
        assert len(where) == 1, f"{group[0].cells[0]} is torn apart"
    for word in ("Whatmoved", "Closing", "Eachweek", "Commit1,500,000", "Closed900,000"):
        assert word in whole, word


def test_a_narrow_table_stands_upright() -> None:
    page = page_of(team_table(2, 3, columns=4))
    assert not printing.layout(page, "a4").landscape and printing.layout(forecast_page(), "a4").landscape
    (sheet,) = PdfReader(io.BytesIO(printing.pdf(page, "letter", MADE).data)).pages
    assert (float(sheet.mediabox.width), float(sheet.mediabox.height)) == (612, 792)
    assert "size: A4;" in printing.html(page, "a4") and "size: letter landscape;" in printing.html(forecast_page(), "letter")


def test_a_group_longer_than_a_sheet_is_broken_and_loses_nothing() -> None:
    page = page_of(team_table(1, 150))
    texts = sheets(printing.pdf(page, "a4", MADE))
    names = [f"Rep000x{r:03}" for r in range(150)]
    assert [n for text in texts for n in names if n in text] == names
    assert "Manager000" in texts[0] and names[5] in texts[0], "the first sheet is used"
    assert all("NameColumn1" in text for text in texts)
    assert "<tbody class=long>" in printing.html(page, "a4") and "<tbody class=long>" not in printing.html(forecast_page(), "a4")


def test_a_table_wider_than_a_sheet_comes_in_parts_with_the_names_in_each() -> None:
    grid = team_table(1, 3, columns=30)
    printed = printing.pdf(page_of(grid), "a4", MADE)
    whole = "".join(sheets(printed))
    for row in grid.groups[0]:
        assert whole.count(str(row.cells[0])) >= 2
        assert all((c.text if isinstance(c, Bar) else c) in whole for c in row.cells)
    edges: list[float] = []

    def place(text: str, cm: Any, tm: list[float], font: Any, size: float) -> None:
        if re.search(r"\d{3},\d{3},000", text):
            edges.append(tm[4] * cm[0] + cm[4])

    for sheet in PdfReader(io.BytesIO(printed.data)).pages:
        sheet.extract_text(visitor_text=place)
        assert edges and max(edges) < float(sheet.mediabox.width) - printing.MARGIN, "no figure begins beyond the margin"
    parts = Reader(printing.html(page_of(grid), "a4"))
    assert parts.tags.count("table") >= 2 and parts.cells.count("Manager000") == parts.tags.count("table")


def test_a_row_of_notes_wraps_and_long_words_break() -> None:
    word = "x" * 70
    grid = Grid((Head("Who"), Head("Sum", True), Head("Note")), ((Row(("Anna", "1", "many words " * 120)), Row(("Bob", "2", word))),))
    text = "".join(sheets(printing.pdf(page_of(grid), "a4", MADE)))
    assert text.count("manywords") == 120 and word in text
    assert "<wbr>" in printing.html(page_of(grid), "a4")
    rows = tuple(Row((f"R{i}", "1", f"begin{i:03} {'and so on ' * 70} end{i:03}")) for i in range(60))
    texts = sheets(printing.pdf(page_of(Grid(grid.heads, (rows,))), "a4", MADE))
    assert len(texts) > 2
    for i in range(60):
        assert [f"begin{i:03}" in t for t in texts] == [f"end{i:03}" in t for t in texts], "a note is not torn"
    words = [f"w{i:04}" for i in range(3000)]
    texts = sheets(printing.pdf(page_of(Grid(grid.heads, ((Row(("Anna", "1", " ".join(words))),),))), "a4", MADE))
    assert len(texts) > 2 and "".join(re.findall(r"w\d{4}", "".join(texts))) == "".join(words), "unless it is longer than a sheet"


def test_a_long_command_is_short_in_the_footer_and_whole_at_the_end() -> None:
    command = "sfa forecast " + " ".join(f"region={i:03}" for i in range(60))
    page = page_of(Text("x"), command=command)
    (text,) = sheets(printing.pdf(page, "a4", MADE))
    assert text.count(squeezed(command)) == 1 and text.count("sfaforecast") == 2 and "…" in text
    assert Reader(printing.html(page, "a4")).text.count(command) == 1


def test_the_same_page_makes_the_same_pdf() -> None:
    first, second = (printing.pdf(forecast_page(), "a4", MADE).data for _ in range(2))
    assert first == second
    meta = PdfReader(io.BytesIO(first)).metadata
    assert meta and meta.title == "Forecast 2026-Q4" and meta.creation_date == MADE
    assert printing.pdf(forecast_page(), "a4", MADE.replace(year=2025)).data != first


def test_a_page_without_rows_can_be_printed() -> None:
    page = page_of(Grid((Head("Name"), Head("Sum", True)), ()), Lines("Nothing", ("a",), (Series("s", (None,), "–"),)), Waterfall("W", ()))
    (text,) = sheets(printing.pdf(page, "a4", MADE))
    assert "NameSum" in text and "Nofigures." in text
    assert "| Name | Sum |" in printing.markdown(page) and "<thead>" in printing.html(page, "a4")


def test_without_typst_the_way_to_get_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(Refused, match=r"pip install 'sfa\[print\]'"):
        printing.pdf(forecast_page(), "a4", MADE)
    assert printing.html(forecast_page(), "a4") and printing.markdown(forecast_page())


# Letters that a font lacks -----------------------------------------------------------------------------------------------------------


def names_page(*names: str) -> Page:
    return page_of(Grid((Head("Name"), Head("Sum", True)), (tuple(Row((n, "12")) for n in names),)), title="Names")


def test_letters_that_no_font_has_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typst, "Fonts", functools.partial(typst.Fonts, include_system_fonts=False))
    europe = names_page("Zoë Ångström", "Ιωάννα Παπαδοπούλου", "Иван Петров", "Łukasz Żółć", "−5 € … – “x”")
    assert printing.pdf(europe, "a4", MADE).lacking == ()
    printed = printing.pdf(names_page("Anna 张敏", "张伟", "สมชาย", "김철수", "🚀"), "a4", MADE)
    by_font = {sentence.rpartition(" such as ")[2]: sentence for sentence in printed.lacking}
    assert set(by_font) == {"Noto Sans CJK", "Noto Sans Thai", "Noto Emoji"}
    cjk = by_font["Noto Sans CJK"]
    assert cjk.startswith("no font here has the characters ") and '(in "Anna 张敏")' in cjk
    assert set("张敏伟김철수") <= set(cjk)
    assert printed.pages == 1 and sheets(printed)[0].count("12") == 5 + len(re.findall("12", "2026-11-20 12:00"))
    chart = printing.pdf(page_of(Bars("Bars", ("",), (Level("漢字", ("1",), 1.0),))), "a4", MADE)
    assert len(chart.lacking) == 1 and "漢" in chart.lacking[0]


def test_with_the_fonts_of_this_machine_a_name_is_printed_or_named() -> None:
    """Holds with and without a Chinese font installed: what is lacking is said, what is not lacking can be read back."""
    printed = printing.pdf(names_page("张敏"), "a4", MADE)
    if printed.lacking:
        assert len(printed.lacking) == 1 and "张敏" in printed.lacking[0] and "Noto Sans CJK" in printed.lacking[0]
    else:
        assert "张敏" in sheets(printed)[0]


# Charts ------------------------------------------------------------------------------------------------------------------------------

SVG = "{http://www.w3.org/2000/svg}"


def drawn(chart: Waterfall | Lines | Bars, width: float = 500) -> ET.Element:
    return ET.fromstring(charts.svg(chart, width, "sans-serif", "k"))


def test_the_bars_of_a_waterfall_are_as_long_as_their_amounts_and_join() -> None:
    root = drawn(MOVED)
    bars = [(float(r.get("x", "")), float(r.get("width", ""))) for r in root.iter(SVG + "rect")]
    scale = bars[0][1] / 400
    assert [w for _, w in bars] == pytest.approx([400 * scale, 150 * scale, 250 * scale, 300 * scale], abs=0.02)
    zero = bars[0][0]
    # 400 + 150 = 550, from which 250 are taken: 300.
    assert [x - zero for x, _ in bars] == pytest.approx([0, 400 * scale, 300 * scale, 0], abs=0.02)
    assert root.findtext(SVG + "title") == "What moved" and root.get("role") == "img"
    texts = [t.text for t in root.iter(SVG + "text")]
    assert {"Opening", "400", "New", "+150", "Lost", "−250", "Closing", "300"} <= set(texts)
    kinds = [r.get("fill", "") for r in root.iter(SVG + "rect")]
    assert kinds[0] == kinds[3] and len(set(kinds)) == 3 and kinds[2].startswith("url(#hatch"), "told apart without colour"


def test_lines_stand_at_their_values_with_a_gap_where_one_is_missing() -> None:
    root = drawn(TREND)
    marks = {t.text: float(t.get("y", "")) - 3 for t in root.iter(SVG + "text") if t.get("text-anchor") == "end"}
    assert list(marks) == ["0", "500k", "1M", "1.5M"]
    per_unit = (marks["0"] - marks["1M"]) / 1e6
    commit, closed = (p.get("d", "") for p in root.iter(SVG + "path") if p.get("fill") == "none")
    assert commit.count("M") == 2 and commit.count("L") == 0, "the gap is not bridged"
    heights = [float(n) for n in re.findall(r"[ML]\S+ (\S+?)(?=[ML]|$)", closed)]
    assert heights == pytest.approx([marks["0"] - v * per_unit for v in (0.0, 2e5, 9e5)], abs=0.02)
    dashes = [p.get("stroke-dasharray") for p in root.iter(SVG + "path") if p.get("fill") == "none"]
    assert len(set(dashes)) == 2, "told apart without colour"


@given(st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=14), st.integers(1, 30))
def test_the_names_of_lines_never_overlap(values: list[float], length: int) -> None:
    chart = Lines("T", ("a", "b"), tuple(Series(f"n{i} " + "w" * length, (0.0, v), "9") for i, v in enumerate(values)))
    root = drawn(chart, 380)
    high = float(root.get("viewBox", "").split()[3])
    names = sorted(float(t.get("y", "")) for t in root.iter(SVG + "text") if not t.get("text-anchor") and not t.get("font-weight"))
    assert all(b - a >= charts.LINE - 0.02 for a, b in itertools.pairwise(names))
    assert names[0] >= charts.SIZE and names[-1] <= high


@given(st.floats(-1e13, 0), st.floats(0, 1e13))
def test_an_axis_covers_its_values_with_few_marks(low: float, high: float) -> None:
    marks = charts.ticks(low, high)
    assert 2 <= len(marks) <= 7
    assert 0.0 in marks
    step = marks[1] - marks[0]
    assert marks[0] <= low + step * 1e-6 and marks[-1] >= high - step * 1e-6


def test_round_numbers_are_short() -> None:
    assert [charts.compact(v) for v in (0, 500, 1500, 2.5e6, -3e9)] == ["0", "500", "1.5k", "2.5M", "−3B"]


@given(st.text(max_size=60), st.integers(3, 30))
def test_wrapping_keeps_every_letter_and_the_width(text: str, room: int) -> None:
    lines = charts.wrapped(text, room)
    assert "".join(lines).replace(" ", "") == charts.one_line(text).replace(" ", "")
    assert all(charts.measure(line) <= room for line in lines)
