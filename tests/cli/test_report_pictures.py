"""Reports as pictures and as pages: what is drawn is what the same report says in JSON, on a terminal, as HTML, as PDF."""

from __future__ import annotations

import csv
import io
import random
import re
import sys
import unicodedata
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from conftest import Sfa
from exports import folder_of, rows
from pypdf import PdfReader

BUILT: dict[str, bytes] = {}
REPS = ("Anna", "<b>Eve</b> & Co", "北京王伟", "Few")
REASONS = ("Too expensive", "No budget", "Bad timing", "Missing feature")
DRAWN = ("winloss", "competitors", "lost-from", "leaderboard", "reasons", "funnel", "cycle", "concentration", "cohort")
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def firm(sfa: Sfa, monkeypatch: pytest.MonkeyPatch) -> Sfa:
    """150 closed deals of four reps, one of whom has few; three open ones."""
    if "db" not in BUILT:
        dice = random.Random(4)
        users, deals, accounts = io.StringIO(), io.StringIO(), io.StringIO()
        csv.writer(users).writerows([["name", "email"], *([name, f"u{i}@x.example"] for i, name in enumerate(REPS))])
        csv.writer(accounts).writerows([["name", "types"], *([f"Account {i}", "customer"] for i in range(30)), ["Rival <i>", "competitor"]])
        write = csv.writer(deals)
        write.writerow(["external_id", "name", "owner", "account", "amount", "stage", "opened", "closed", "close", "reason", "competitor"])
        for i in range(153):
            rep = REPS[i % 3] if i >= 9 else "Few"
            stage = "Negotiation" if i >= 150 else dice.choice(("Won", "Lost", "Lost"))
            opened = f"2026-0{1 + i % 4}-{1 + i % 28:02}"
            closed = "" if i >= 150 else f"2026-{5 + i % 6:02}-{1 + i % 27:02}"
            reason = dice.choice((*REASONS, "Too expensive")) if stage == "Lost" else ""
            account, rival = f"Account {dice.randrange(30)}", dice.choice(("", "Rival <i>"))
            close = closed or "2026-12-20"
            write.writerow([f"D{i}", f"Deal {i}", rep, account, 1000 + i * 37, stage, opened, closed, close, reason, rival])
        for kind, made in (("users", users), ("accounts", accounts), ("opportunities", deals)):
            (sfa.folder / f"{kind}.csv").write_text(made.getvalue(), encoding="utf-8")
            sfa.ok("import", kind, f"{kind}.csv")
        BUILT["db"] = sfa.db.read_bytes()
    sfa.db.write_bytes(BUILT["db"])
    return sfa


def terminal(firm: Sfa, columns: int = 80, lang: str = "C.UTF-8") -> None:
    for name in ("LC_ALL", "LC_CTYPE"):
        firm.monkeypatch.delenv(name, raising=False)
    firm.monkeypatch.setenv("LANG", lang)
    firm.monkeypatch.setenv("COLUMNS", str(columns))
    firm.monkeypatch.setattr(type(sys.stdout), "isatty", lambda stream: True, raising=False)


def wide(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def charts_of(page: str) -> list[ET.Element]:
    """The pictures of a page, each of them XML."""
    return [ET.fromstring(svg) for svg in re.findall(r"<svg.*?</svg>", page, re.S)]


def texts(root: ET.Element) -> list[str]:
    return [t.text or "" for t in root.iter(SVG + "text")]


# In the terminal --------------------------------------------------------------------------------------------------------------------


def test_a_rate_stands_where_json_says_with_its_interval(firm: Sfa) -> None:
    rows = {r["rep"]: r for r in firm.ok("report", "winloss", "--by", "rep", "--json").json["rows"]}
    total = firm.ok("report", "winloss", "--by", "rep", "--json").json["total"]
    terminal(firm)
    lines = firm.ok("report", "winloss", "--by", "rep", "--chart").out.splitlines()
    axis = next(line for line in lines if line.strip().startswith("0 %"))
    start = wide(axis[: axis.index("0 %")])
    cells = wide(axis) - start
    assert set(rows) == {*REPS}
    for name, row in rows.items():
        line = next(x for x in lines if x.startswith(name))
        few = row["win_rate"] is not None and row["won_count"] + row["lost_count"] < 30
        assert few == (name == "Few")
        assert f"{row['win_rate'] * 100:.1f} %{'*' if few else ''} " in line
        at = {c: wide(line[: line.index(c)]) - start for c in ("├", "○" if few else "●", "┤")}
        found = [round(row[n] * cells) - 1 for n in ("win_rate_low", "win_rate", "win_rate_high")]
        assert [*at.values()] == found, (line, row)
    assert any(line.startswith("Dot: win rate") for line in lines)
    assert f"upright line: all, {total['win_rate'] * 100:.1f} %" in " ".join(lines).replace("  ", " ")
    assert lines[0] == "Win/loss all time by rep" and "* fewer than 30 deals: a weak rate" in lines


def test_the_funnel_falls_as_its_counts_do(firm: Sfa) -> None:
    rows = firm.ok("report", "funnel", "--json").json["rows"]
    terminal(firm, 100)
    lines = firm.ok("report", "funnel", "--chart").out.splitlines()
    counts = [(r["stage"], r["entered"]) for r in rows] + [("Won", rows[0]["won"])]
    drawn = [(line.split()[0], int(line.split()[1]), line.count("█")) for line in lines if "█" in line]
    assert [(s, n) for s, n, _ in drawn] == counts
    longest = drawn[0][2]
    assert [bar for *_, bar in drawn] == [round(n / counts[0][1] * longest) for _, n in counts]
    assert longest == 99 - len("Qualification  Entered  Conversion  ") == max(bar for *_, bar in drawn)


def test_reasons_add_up_to_the_whole(firm: Sfa) -> None:
    rows = firm.ok("report", "winloss", "--json").json["rows"]
    terminal(firm)
    lines = firm.ok("report", "winloss", "--chart").out.splitlines()
    drawn = [m.groups() for line in lines if (m := re.match(r"(.+?) {2,}(\d+) +([\d.]+) % +([\d.]+) %", line))]
    falling = sorted(((r["lost_count"], r["reason"]) for r in rows if r["lost_count"]), reverse=True)
    assert sorted((int(n), name) for name, n, *_ in drawn) == sorted((n, name or "(none)") for n, name in falling)
    assert [int(n) for _, n, *_ in drawn] == [n for n, _ in falling]
    whole, reached = sum(n for n, _ in falling), 0
    for _, n, share, up_to in drawn:
        reached += int(n)
        assert (share, up_to) == (f"{int(n) / whole * 100:.1f}", f"{reached / whole * 100:.1f}")
    assert drawn[-1][3] == "100.0"


def test_the_histogram_counts_every_cycle_once(firm: Sfa) -> None:
    listed = firm.ok("opp", "list", "is:won", "--json", "--limit", "0", "--columns", "opened,closed").json
    from datetime import date

    days = [(date.fromisoformat(d["closed"]) - date.fromisoformat(d["opened"])).days for d in listed]
    terminal(firm)
    shown = firm.ok("report", "cycle", "is:won", "--chart").out
    bins = re.findall(r"^(\d+)(?:–(\d+)| (and more))? +(\d+) +[\d.]+ %", shown, re.M)
    assert len(bins) > 3 and sum(int(n) for *_, n in bins) == len(days)
    for low, high, more, n in bins:
        most = 10**6 if more else int(high or low)
        assert int(n) == sum(int(low) <= d <= most for d in days), (low, high)
    ordered = sorted(days)
    middle = (ordered[(len(days) - 1) // 2] + ordered[len(days) // 2]) / 2
    assert f"Median {middle:g} days, 90 % within {ordered[-(-len(days) * 9 // 10) - 1]}" in shown


@pytest.mark.parametrize("name", DRAWN)
def test_pictures_fit_a_terminal_and_need_no_blocks(firm: Sfa, name: str) -> None:
    for columns, lang in ((80, "C.UTF-8"), (60, "C"), (120, "C.UTF-8")):
        terminal(firm, columns, lang)
        shown = firm.ok("report", name, "--chart").out
        assert max(map(wide, shown.splitlines())) < columns, shown
        blocks = set("█░●○├┤┊│⠒⠤⣀") & set(shown)
        assert not blocks if lang == "C" else blocks
        assert re.search(r"#|\[-*[Oo]", shown) or lang != "C"
    firm.monkeypatch.undo()


@pytest.mark.parametrize("name", [*DRAWN, "funnel --leads"])
def test_where_nothing_is_counted_nothing_is_drawn(sfa: Sfa, name: str) -> None:
    sfa.ok("account", "add", "Alone")
    done = sfa.ok("report", *name.split(), "--chart")
    assert "Nothing to draw." in done.err and not set("#[█|") & set(done.out)
    page = sfa.ok("report", *name.split(), "--format", "html").out
    assert not charts_of(page) and ("Nothing to show." in page or name == "cycle")


def test_the_trend_of_a_forecast_is_drawn(firm: Sfa) -> None:
    argv = ("forecast", "trend", "--every", "day", "--since", "-3d")
    firm.monkeypatch.setenv("SFA_TODAY", "2026-11-26T12:00:00Z")
    rows = firm.ok(*argv, "--json").json["rows"]
    terminal(firm)
    shown = firm.ok(*argv, "--chart").out
    assert "▁" not in shown and "How it stood each day" in shown
    assert [r["day"][5:] for r in rows] in [line.split() for line in shown.splitlines()], "the days stand below the lines"
    (chart,) = charts_of(firm.ok(*argv, "--format", "html").out)
    names = " ".join(texts(chart))
    assert all(label in names for label in ("Closed", "Commit", "Best case", "Open pipeline"))


def test_charts_are_for_people(firm: Sfa) -> None:
    for argv in (["--json"], ["--format", "csv"], ["-o", "x.tsv"]):
        done = firm("report", "winloss", "--chart", *argv)
        assert (done.code, done.out) == (2, "") and "--chart draws for people" in done.err
    assert not (firm.folder / "x.tsv").exists()
    # Into a pipe or a file: ASCII, 80 columns.
    assert firm.ok("report", "funnel", "--chart").out.isascii()
    firm.ok("report", "funnel", "--chart", "-o", "funnel.txt")
    assert (firm.folder / "funnel.txt").read_text() == firm.ok("report", "funnel", "--chart").out


# On paper ---------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DRAWN)
def test_a_page_has_picture_table_notes_and_definition(firm: Sfa, name: str) -> None:
    explained = firm.ok("report", name, "--explain").out.splitlines()
    firm.ok("report", name, "Deal", "-o", "report.html")
    page = (firm.folder / "report.html").read_text(encoding="utf-8")
    assert charts_of(page) and "<table" in page and "Only Deal" in page and "As of 2026-11-23" in page
    assert f"<code>sfa report {name} Deal -o report.html</code>" in page.replace("<wbr>", "")
    plain = re.sub(r"<wbr>|<[^>]+>", "", page)
    import html

    assert " ".join(explained[0].split()) in " ".join(html.unescape(plain).split())
    assert not re.search(r"<(script|b>Eve|i>)", page)
    done = firm("report", name, "-o", "report.html")
    assert done.code == 1 and "--yes" in done.err


def test_a_page_shows_what_json_says_and_no_name_is_markup(firm: Sfa) -> None:
    page = firm.ok("report", "winloss", "--by", "rep", "--format", "html").out
    rows = firm.ok("report", "winloss", "--by", "rep", "--json").json["rows"]
    (chart,) = charts_of(page)
    shown = texts(chart)
    assert {*REPS} <= {*shown}, "the name with a tag in it is a text"
    left, right = (float(t.get("x", "")) for t in chart.iter(SVG + "text") if t.text in ("0 %", "100 %"))
    dots = sorted(float(c.get("cx", "")) for c in chart.iter(SVG + "circle"))
    assert dots == pytest.approx(sorted(left + r["win_rate"] * (right - left) for r in rows), abs=0.02)
    assert [c.get("fill") for c in chart.iter(SVG + "circle")].count("#fff") == 1
    markdown = firm.ok("report", "winloss", "--by", "rep", "--format", "md").out
    assert markdown.startswith("# Win/loss all time\n\nBy rep\n") and "\\<b\\>Eve" in markdown and markdown.count("| Rep |") == 1


def test_a_pdf_has_the_pictures(firm: Sfa) -> None:
    done = firm.ok("report", "cycle", "-o", "cycle.pdf", "--paper", "letter")
    assert "Wrote cycle.pdf: 1 page" in done.err
    pdf = PdfReader(firm.folder / "cycle.pdf")
    text = pdf.pages[0].extract_text()
    assert "Sales cycle" in text and "What the figures mean" in text
    assert round(float(pdf.pages[0].mediabox.width)) == 612


def test_real_deals_are_drawn(sfa: Sfa, shared: Path) -> None:
    """Maven's 6,711 closed deals: every product's win rate stands in the picture as csv says it."""
    folder = folder_of(shared, "maven_crm")
    deals = [d for d in rows(folder / "sales_pipeline.csv") if d["deal_stage"] in ("Won", "Lost")]
    (sfa.folder / "map.toml").write_text('[values.stage]\nEngaging = "Qualification"\n')
    sfa.ok("import", "opportunities", str(folder / "sales_pipeline.csv"), "--map", "map.toml", "--on-missing", "create")
    shown = sfa.ok("report", "winloss", "--by", "product", "--chart").out
    for product in {d["product"] for d in deals}:
        of = [d["deal_stage"] == "Won" for d in deals if d["product"] == product]
        weak = "*" if len(of) < 30 else ""
        assert re.search(rf"^{re.escape(product)} +{len(of):,} +{sum(of) / len(of) * 100:.1f} %{re.escape(weak)} ", shown, re.M), product
