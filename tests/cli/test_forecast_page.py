"""The manager's page on paper, in a browser and as Markdown: what stands on it, where it is written and when it is not."""

from __future__ import annotations

import csv
import io
import os
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from conftest import Sfa
from pypdf import PdfReader

BUILT: dict[str, bytes] = {}
HOSTILE = {
    "Pipe": "Pipe | Star * _under_ `tick`",
    "Script": "<script>alert(1)</script> & <b>bold</b>",
    "Hash": "# Heading #set page(width: 1pt)",
    "Rtl": "שרה כהן",
    "Cjk": "王伟 · 김민준",
}


@pytest.fixture
def firm(sfa: Sfa, monkeypatch: pytest.MonkeyPatch) -> Sfa:
    """Six managers over forty reps with a deal or two each, quotas, a call and a figure; a week later some have moved."""
    if "db" not in BUILT:
        monkeypatch.setenv("SFA_TODAY", "2026-11-02T09:00:00Z")
        users, deals, quotas = io.StringIO(), io.StringIO(), io.StringIO()
        write = csv.writer(users)
        write.writerow(["name", "email", "team", "manager", "admin"])
        write.writerow(["Boss", "boss@x.example", "HQ", "", "yes"])
        write.writerows([f"Manager {m}", f"m{m}@x.example", f"Team {m}", "Boss", "no"] for m in range(6))
        write.writerows([f"Rep {r:02}", f"r{r}@x.example", f"Team {r % 6}", f"Manager {r % 6}", "no"] for r in range(40))
        write = csv.writer(deals)
        write.writerow(["external_id", "name", "owner", "amount", "category", "close", "stage", "opened"])
        for i in range(80):
            category = ("commit", "best_case", "pipeline", "most_likely")[i % 4]
            write.writerow([f"D{i}", f"Deal {i}", f"Rep {i % 40:02}", 1000 + i * 137, category, f"2026-12-{1 + i % 28:02}", "Proposal"])
        (sfa.folder / "users.csv").write_text(users.getvalue(), encoding="utf-8")
        (sfa.folder / "deals.csv").write_text(deals.getvalue(), encoding="utf-8")
        sfa.ok("import", "users", "users.csv")
        sfa.ok("import", "opportunities", "deals.csv")
        write = csv.writer(quotas)
        write.writerow(["owner", "period", "amount"])
        write.writerows([f"Rep {r:02}", "2026-Q4", 10_000 + r] for r in range(40))
        (sfa.folder / "quotas.csv").write_text(quotas.getvalue(), encoding="utf-8")
        sfa.ok("import", "quotas", "quotas.csv")
        sfa.ok("forecast", "call", "--rep", "Rep 00", "--commit", "9k", "--note", "Signed soon")
        sfa.ok("--me", "Manager 0", "forecast", "adjust", "Rep 00", "commit", "5k", "--note", "He hopes")
        monkeypatch.setenv("SFA_TODAY", "2026-11-23T12:00:00Z")
        for n in (1, 3, 5):
            sfa.ok("opp", "win", f"O-{n}")
        sfa.ok("opp", "edit", "O-9", "close=2027-02-01")
        sfa.ok("opp", "edit", "O-41", "amount=9,999.50")
        BUILT["db"] = sfa.db.read_bytes()
    sfa.db.write_bytes(BUILT["db"])
    monkeypatch.setenv("SFA_ME", "Boss")
    return sfa


class Texts(HTMLParser):
    """The visible texts of a page, and whatever would run."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: set[str] = set()
        self.style = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.style = tag == "style"
        assert not any(name.startswith("on") or name in ("src", "href") for name, _ in attrs)

    def handle_endtag(self, tag: str) -> None:
        self.style = False

    def handle_data(self, data: str) -> None:
        if not self.style:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return "".join(self.texts)


def pages(path: Path) -> list[str]:
    """The text of each sheet of a PDF, blanks made one."""
    return [re.sub(r"\s+", " ", page.extract_text()) for page in PdfReader(path).pages]


def size(path: Path) -> tuple[int, int]:
    """Width and height of the first sheet in points, the shorter first."""
    box = PdfReader(path).pages[0].mediabox
    return tuple(sorted((round(box.width), round(box.height))))  # type: ignore[return-value]


def without_command(text: str) -> list[str]:
    """The lines without those of the footers, which have the command."""
    return [x for x in text.splitlines() if "bottom-left" not in x and "<footer>" not in x and not x.startswith("` sfa")]


# Where it goes ----------------------------------------------------------------------------------------------------------------------


def test_to_files_and_to_stdout(firm: Sfa) -> None:
    for ending, start in (("md", "# Forecast 2026-Q4"), ("html", "<!doctype html>")):
        shown = firm.ok("forecast", "--format", ending).out
        assert shown.startswith(start)
        done = firm.ok("forecast", "-o", f"page.{ending}")
        assert (done.out, done.err) == ("", f"Wrote page.{ending}\n")
        written = (firm.folder / f"page.{ending}").read_text(encoding="utf-8")
        assert f"sfa forecast -o page.{ending}" in written and f"sfa forecast --format {ending}" in shown
        assert without_command(written) == without_command(shown)
    assert firm.ok("forecast", "-o", "page.csv").err == "Wrote page.csv\n"
    assert (firm.folder / "page.csv").read_text(encoding="utf-8") == firm.ok("forecast", "-f", "csv").out
    assert firm.ok("forecast", "--by", "month", "--across", "type", "-o", "cross.md").out == ""
    assert "| month" in (firm.folder / "cross.md").read_text(encoding="utf-8")


def test_nothing_is_overwritten_unasked(firm: Sfa) -> None:
    for name in ("page.html", "page.md", "page.pdf", "page.json"):
        (firm.folder / name).write_text("mine", encoding="utf-8")
        done = firm("forecast", "-o", name)
        assert done.code == 1 and "is there already" in done.err and "--yes" in done.err
        assert (firm.folder / name).read_text(encoding="utf-8") == "mine"
    firm.ok("forecast", "-o", "page.html", "--yes")
    assert "mine" not in (firm.folder / "page.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("-o", "."), "is a folder"),
        (("-o", "none/page.html"), "cannot be written"),
        (("-o", "locked/page.md"), "cannot be written"),
        (("-o", "none/page.pdf"), "cannot be written"),
        (("-o", "page.html", "--paper", "a5"), "Values: a4, letter"),
        (("-f", "pdf", "--paper", "letters"), "Values: a4, letter"),
        (("-f", "docx"), "docx"),
        (("-f", "pdf", "--across", "month"), "a PDF is made of the whole forecast"),
        (("--explain", "Rep 00:commit", "-o", "page.pdf"), "a PDF is made of the whole forecast"),
        (("--by", "rpe", "-o", "page.html"), "Did you mean 'rep'"),
    ],
)
def test_refusals_write_nothing(firm: Sfa, argv: tuple[str, ...], words: str) -> None:
    locked = firm.folder / "locked"
    locked.mkdir()
    locked.chmod(0o500)
    if os.access(locked, os.W_OK) and "locked" in argv[1]:
        pytest.skip("this user may write anywhere")
    before = sorted(p.name for p in firm.folder.iterdir())
    done = firm("forecast", *argv)
    locked.chmod(0o700)
    assert (done.code, done.out) == (2, "") and words in done.err, done
    assert sorted(p.name for p in firm.folder.iterdir()) == before and not list(locked.iterdir())


def test_a_pdf_is_not_for_a_terminal(firm: Sfa, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(sys.stdout), "isatty", lambda stream: True, raising=False)
    done = firm("forecast", "-f", "pdf")
    assert (done.code, done.out) == (2, "") and "-o report.pdf" in done.err


def test_without_typst_it_says_what_to_install(firm: Sfa, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    done = firm("forecast", "-o", "page.pdf")
    assert done.code == 4 and "pip install 'sfa[print]'" in done.err and not (firm.folder / "page.pdf").exists(), done
    firm.ok("forecast", "-o", "page.html")


# What stands on it ------------------------------------------------------------------------------------------------------------------


def test_the_page_has_it_all(firm: Sfa) -> None:
    text = firm.ok("forecast", "-f", "md").out
    found = firm.ok("forecast", "--json").json
    total = next(line for line in text.splitlines() if line.startswith("| **Total**"))
    amount = {n: round(float(found["total"][n]["amount"])) for n in ("quota", "closed")}
    assert f"**{amount['quota']:,}**" in total and f"**{amount['closed']:,}**" in total
    for part in (
        "As of 2026-11-23 12:00, in USD",
        "## Movement and trend",
        "**Open pipeline, the 7 days to 2026-11-23**",
        "**How it stood each week**",
        "## Calls",
        "- Rep 00, 2026-11-02: Signed soon; commit roll-up",
        "- Manager 0 on Rep 00's commit, 2026-11-02: He hopes",
        "Stale: commit of Rep 00 5,000 USD; the gross has moved +3,519.50 USD since 2026-11-02",
        "Amounts are rounded to whole USD",
        "- No call yet: Boss, Manager 0, Rep 06, Rep 12",
        "` sfa forecast -f md `",
    ):
        assert part in text, part
    pipeline = found["total"]["cumulative"]["open_pipeline"]["amount"]
    closing = next(line for line in text.splitlines() if "Closing" in line)
    assert f"{round(float(pipeline)):,}" in closing
    trend = next(line for line in text.splitlines() if line.startswith("| 11-23 ")).split("|")
    assert float(trend[2].strip().rstrip("k")) == pytest.approx(amount["closed"] / 1000, rel=0.01)


def test_a_page_as_of_a_past_day_knows_nothing_later(firm: Sfa) -> None:
    text = firm.ok("forecast", "--as-of", "2026-11-10", "-f", "md").out
    assert "11-23" not in text and "11-15" not in text and "| 11-10 |" in text
    assert "Only" not in text and "As of 2026-11-10 23:59" in text


def test_filters_stand_on_it(firm: Sfa) -> None:
    text = firm.ok("forecast", "--team", "Team 3", "amount>2000", "-f", "md").out
    assert "Only team Team 3, amount\\>2000" in text and "Rep 03" in text and "Rep 04" not in text
    assert "## Calls" not in text, "calls are of all deals"


def test_hostile_names(firm: Sfa) -> None:
    for i, name in enumerate(HOSTILE.values()):
        firm.ok("user", "edit", f"Rep {i:02}", f"name={name}")
        firm.ok("opp", "edit", f"O-{i + 41}", f"name={name}")
        firm.ok("forecast", "call", "--rep", name, "--commit", "1k", "--note", f"of {name}")
    page = Texts(firm.ok("forecast", "-f", "html").out)
    assert not page.tags & {"script", "b2", "img", "link", "iframe"}
    for name in HOSTILE.values():
        assert name in page.text and f"of {name}" in page.text
    text = firm.ok("forecast", "-f", "md").out
    row = next(line for line in text.splitlines() if "Pipe" in line and "Star" in line and line.startswith("|"))
    heads = next(line for line in text.splitlines() if line.startswith("| Rep"))
    assert len(re.findall(r"(?<!\\)\|", row)) == heads.count("|")
    assert "<script>" not in text and not any(line.startswith("# Heading") for line in text.splitlines())
    done = firm.ok("forecast", "-o", "page.pdf")
    assert (firm.folder / "page.pdf").read_bytes().startswith(b"%PDF")
    whole = " ".join(pages(firm.folder / "page.pdf"))
    assert "<script>alert(1)</script>" in whole and "#set page(width: 1pt)" in whole
    assert done.err.splitlines()[-1].startswith("Wrote page.pdf: ")


@pytest.mark.parametrize(("paper", "points"), [("a4", (595, 842)), ("letter", (612, 792)), ("Letter", (612, 792))])
def test_paper(firm: Sfa, paper: str, points: tuple[int, int]) -> None:
    firm.ok("forecast", "--by", "team", "-o", "page.pdf", "--paper", paper)
    assert size(firm.folder / "page.pdf") == points
    assert f"size: {'letter' if paper.lower() == 'letter' else 'A4'}" in firm.ok("forecast", "-f", "html", "--paper", paper).out


def test_forty_reps_under_six_managers(firm: Sfa) -> None:
    """Every rep stands on some sheet under their manager's; every sheet of the table has the heads, every sheet the command and its
    number."""
    done = firm.ok("forecast", "-o", "page.pdf")
    found = pages(firm.folder / "page.pdf")
    assert f"Wrote page.pdf: {len(found)} pages" in done.err and len(found) >= 2
    for i, text in enumerate(found, 1):
        assert f"page {i} of {len(found)}" in text and "sfa forecast -o page.pdf" in text
    table = [text for text in found if re.search(r"Rep \d\d", text.partition("Calls")[0])]
    for text in table:
        assert all(head in text for head in ("Quota", "Closed", "Commit", "Attainment")), text[:200]
    whole = " ".join(found)
    assert {f"Rep {r:02}" for r in range(40)} <= {*re.findall(r"Rep \d\d", whole)}
    order = [m[0] for m in re.finditer(r"(?:Manager \d|Rep \d\d)(?= [\d–])", whole)]
    for r in range(40):
        above = [x for x in order[: order.index(f"Rep {r:02}")] if x.startswith("Manager")]
        assert above and above[-1] == f"Manager {r % 6}"


def test_the_footer_keeps_secrets(firm: Sfa) -> None:
    argv = ("forecast", "text~password: hunter2", "--by", "team")
    footer = firm.ok(*argv, "-f", "md").out.splitlines()[-1]
    assert footer.startswith("` sfa forecast") and "password: ***" in footer and "hunter2" not in footer
    footer = firm.ok(*argv, "-f", "html").out.rpartition("<footer>")[2]
    assert "password: ***" in footer and "hunter2" not in footer
    firm.ok(*argv, "-o", "page.pdf")
    footer = pages(firm.folder / "page.pdf")[-1].rpartition("sfa forecast")[2]
    assert "password: ***" in footer and "hunter2" not in footer


# Hardly anything to show --------------------------------------------------------------------------------------------------------------


def test_without_a_database_it_says_how_to_start(sfa: Sfa) -> None:
    done = sfa("forecast", "-o", "page.html")
    assert done.code == 6 and not (sfa.folder / "page.html").exists()


@pytest.mark.parametrize("format", ["md", "html", "pdf"])
def test_nobody_and_nothing(sfa: Sfa, format: str) -> None:
    steps: list[tuple[str, ...]] = [
        ("account", "add", "Acme"),
        ("opp", "add", "Undated", "amount=5"),
        ("opp", "add", "Due", "close=2026-12-01"),
    ]
    for i, step in enumerate(steps):
        sfa.ok(*step)
        done: Any = sfa.ok("forecast", "-o", f"page{i}.{format}")
        assert f"Wrote page{i}.{format}" in done.err
    if format == "md":
        text = (sfa.folder / "page1.md").read_text(encoding="utf-8")
        assert "Open without an expected close, in no column: 1 deal, 5 USD" in text
        assert "Deals without an amount, counted as 0: 1" in (sfa.folder / "page2.md").read_text(encoding="utf-8")
