"""Forecasts crossed, opened, by measure, currency and team: each figure against the listing of deals, added up here."""

from __future__ import annotations

import csv
import io
import shlex
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest
from conftest import Sfa

PEOPLE = {"Boss": None, "Nora": "Boss", "Ben": "Nora", "王伟": "Nora", "Sam: South": "Boss"}
TEAMS = {"Boss": "HQ", "Nora": "North", "Ben": "North", "王伟": "North", "Sam: South": "South"}
PRODUCTS = {"Flow Meter": "sensors", "Pump A / B": "pumps", "Service: yearly": None}
RATES = {"EUR": Fraction("1.0842"), "GBP": Fraction("1.2711"), "USD": Fraction(1)}
BUILT: dict[str, bytes] = {}
QUOTAS = {"Ben": 200_000, "王伟": 150_000, "Sam: South": 90_000}


HEADS = "external_id name account owner product type source stage category probability amount currency close closed opened"
COLUMNS = "ref,name,owner,owner.team,product,product.family,type,source,stage,stage.outcome,category,probability,amount,currency"


def deals_csv() -> str:
    """48 deals: owners, products, types, sources, categories, currencies and days in every mixture; some late, undated, blank, lost."""
    out = io.StringIO()
    write = csv.writer(out)
    write.writerow(HEADS.split())
    people, products, types = [*PEOPLE, ""], [*PRODUCTS, ""], ["new", "existing", "renewal", ""]
    for i in range(48):
        stage = ("Prospecting", "Proposal", "Won", "Negotiation", "Lost", "Qualification")[(i + i // 6) % 6]
        ended = stage in ("Won", "Lost")
        category = "" if ended else ("commit", "most_likely", "best_case", "pipeline", "omitted")[i % 5]
        close = "" if i % 16 == 9 else f"2026-{(9, 10, 11, 12)[i % 4]:02}-{1 + i * 5 % 28:02}"
        closed = f"2026-{(10, 11)[i % 2]:02}-{1 + i % 22:02}" if ended else ""
        amount = "" if i == 21 else f"{1000 + 7919 * i % 61_000}.{i * 37 % 100:02}"
        row = [people[i % 6], products[i // 3 % 4], types[i // 2 % 4], ("web", "event", "")[i % 3], stage, category, i * 9 % 101]
        account = ("Blue Harbor", "Rival Corp", "")[i % 3]
        write.writerow([f"D{i}", f"Deal {i}", account, *row, amount, ("USD", "EUR", "USD", "GBP")[i // 4 % 4], close, closed, "2026-08-01"])
    return out.getvalue()


@pytest.fixture
def house(sfa: Sfa, monkeypatch: pytest.MonkeyPatch) -> Sfa:
    """The company is made once; it is 23 November 2026, and it was so all along."""
    if "db" not in BUILT:
        for name, over in PEOPLE.items():
            sfa.ok("user", "add", name, f"team={TEAMS[name]}", *([f"manager={over}"] if over else []), "region=World")
        for name, industry in (("Blue Harbor", "logistics"), ("Rival Corp", "steel")):
            sfa.ok("account", "add", name, "--industry", industry)
        for name, family in PRODUCTS.items():
            sfa.ok("product", "add", name, *([f"family={family}"] if family else []))
        for code in ("EUR", "GBP"):
            sfa.ok("rate", "set", code, str(float(RATES[code])), "--date", "2026-01-01")
        (sfa.folder / "deals.csv").write_text(deals_csv(), encoding="utf-8")
        sfa.ok("import", "opportunities", "deals.csv")
        for name, amount in QUOTAS.items():
            sfa.ok("quota", "set", name, "2026-Q4", str(amount))
        BUILT["db"] = sfa.db.read_bytes()
    sfa.db.write_bytes(BUILT["db"])
    return sfa


def even(x: Fraction) -> int:
    whole, rest = divmod(x, 1)
    return int(whole) + (rest > Fraction(1, 2) or (rest == Fraction(1, 2) and whole % 2 == 1))


def minor(amount: dict[str, str] | None) -> int:
    """Minor units of two decimals."""
    return 0 if amount is None else int(Fraction(amount["amount"]) * 100)


class Book:
    """The deals of 2026-Q4 as `sfa opp list` shows them, and the forecast's figures added up from them."""

    def __init__(self, sfa: Sfa, *filters: str, into: Fraction = Fraction(1)) -> None:
        columns = f"{COLUMNS},close,closed,account,account.industry"
        listed = sfa.ok("opp", "list", *filters, "--columns", columns, "--json", "--limit", "0").json
        self.deals = [self._deal(d, into) for d in listed]

    @staticmethod
    def _deal(d: dict[str, Any], into: Fraction) -> dict[str, Any]:
        won, open_ = d["stage.outcome"] == "won", d["stage.outcome"] == "open"
        day = d["closed"] if won else d["close"]
        inside = bool(day) and "2026-10-01" <= day < "2027-01-01" and (won or open_)
        value = even(minor(d["amount"]) * RATES[d["currency"]] / into) if d["amount"] else 0
        return {
            **d,
            "rep": d["owner"],
            "team": d["owner.team"],
            "family": d["product.family"],
            "industry": d["account.industry"],
            "month": (day or "")[:7],
            "quarter": "2026-Q4",
            "category": "closed" if won else d["category"],
            "inside": inside,
            "value": value,
            "weighted": even(Fraction(value * d["probability"], 100)) if open_ else 0,
            "late": open_ and inside and day < "2026-11-23",
        }

    def counted(self, **only: Any) -> list[dict[str, Any]]:
        return [d for d in self.deals if d["inside"] and d["category"] != "omitted" and all(d[k] == v for k, v in only.items())]

    def of(self, figure: str, among: Sequence[dict[str, Any]]) -> int:
        parts = {
            "closed": ["closed"],
            "commit": ["closed", "commit"],
            "most_likely": ["closed", "commit", "most_likely"],
            "best_case": ["closed", "commit", "most_likely", "best_case"],
            "open_pipeline": ["commit", "most_likely", "best_case", "pipeline"],
        }
        if figure == "weighted":
            return sum(d["weighted"] for d in among)
        if figure == "overdue":
            return sum(d["value"] for d in among if d["late"])
        return sum(d["value"] for d in among if d["category"] in parts[figure])


FIGURES = ("closed", "commit", "most_likely", "best_case", "open_pipeline", "weighted", "overdue")


def figure(row: dict[str, Any], name: str) -> int:
    cumulative = name in ("commit", "most_likely", "best_case", "open_pipeline")
    return minor(row["cumulative"][name] if cumulative else row[name])


# By one and by two dimensions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["rep", "team", "product", "family", "month", "quarter", "stage", "category", "source", "type", "industry"])
def test_every_row_from_the_listing(house: Sfa, by: str) -> None:
    book = Book(house)
    found = house.ok("forecast", "--by", by, "--json").json
    rows = {r[by]: r for r in found["rows"]}
    for value, row in rows.items():
        among = book.counted(**{by: value})
        assert {f: figure(row, f) for f in FIGURES} == {f: book.of(f, among) for f in FIGURES}, (by, value)
    assert {d[by] for d in book.counted()} <= {*rows}
    assert {f: figure(found["total"], f) for f in FIGURES} == {f: book.of(f, book.counted()) for f in FIGURES}
    assert book.of("commit", book.counted()) > book.of("closed", book.counted()) > 0


PAIRS = [("rep", "month"), ("month", "rep"), ("rep", "product"), ("team", "month"), ("manager", "month"), ("stage", "category"),
         ("category", "source"), ("source", "type"), ("type", "currency"), ("currency", "industry"), ("family", "rep"),
         ("product", "quarter"), ("region", "stage"), ("industry", "account")]  # fmt: skip


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_crossed(house: Sfa, a: str, b: str) -> None:
    """Cells are those of --by A,B; row totals are the forecast by A, column totals the one by B, the corner is the total."""
    for name in ("commit", "attainment" if (a, b) == ("rep", "month") else "open_pipeline"):

        def value(row: dict[str, Any], name: str = name) -> float | None:
            return row["attainment"] if name == "attainment" else figure(row, name) / 100

        def label(row: dict[str, Any], by: str) -> str:
            return "(none)" if row[by] is None else row[by].replace("_", " ") if by == "category" == b else row[by]

        both = house.ok("forecast", "--by", f"{a},{b}", "--json").json
        lines = list(csv.reader(io.StringIO(house.ok("forecast", "--by", a, "--across", b, "--figure", name, "-f", "csv").out)))
        heads, rows = lines[0][1:], {r[0]: [float(x) if x else None for x in r[1:]] for r in lines[1:]}
        expected = {(label(r, a), label(r, b)): pytest.approx(v, rel=1e-5) for r in both["rows"] if (v := value(r)) is not None}
        got = {(row, h): v for row, values in rows.items() for h, v in zip(heads, values, strict=True) if v is not None and h != "Total"}
        assert got == expected and got
        alone = {label(r, a): value(r) for r in house.ok("forecast", "--by", a, "--json").json["rows"]}
        for row, values in rows.items():
            whole = alone.pop(row)
            assert values[-1] == (None if whole is None else pytest.approx(whole, rel=1e-5))
        assert not any(alone.values()), "whom a quota alone gives a row is missing where quotas are not known"
        printed = house.ok("forecast", "--by", a, "--across", b, "--figure", name, "-f", "md").out.splitlines()
        cells = [c.strip() for c in next(x for x in printed if x.startswith("| Total")).strip("|").split("|")]
        columns = {label(r, b): value(r) for r in house.ok("forecast", "--by", b, "--json").json["rows"]}
        wanted = [*(columns[h] for h in heads[:-1]), value(both["total"])]
        assert cells[1:] == [f"{v * 100:.1f} %" if name == "attainment" else f"{v:,.2f}" for v in wanted]


def test_two_people_of_one_name_have_a_column_each(house: Sfa) -> None:
    house.ok("user", "add", "Ben", "team=South")
    house.ok("opp", "add", "Other Ben's", "amount=5", "close=2026-12-01", "owner=U-7", "category=commit")
    crossed = list(csv.reader(io.StringIO(house.ok("forecast", "--by", "month", "--across", "rep", "-f", "csv").out)))
    at = [i for i, head in enumerate(crossed[0]) if head.startswith("Ben")]
    assert [crossed[0][i] for i in at] == ["Ben", "Ben (2)"]
    december = next(r for r in crossed if r[0] == "2026-12")
    assert "5.00" in [december[i] for i in at] and len({december[i] for i in at}) == 2


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("--across", "month", "--figure", "comit"), "Did you mean 'commit'?"),
        (("--across", "mont"), "Did you mean 'month'?"),
        (("--across", "rep"), "names 'rep' twice"),
        (("--by", "rep,month", "--across", "type"), "--across takes one dimension"),
        (("--across", "month", "--explain", "Ben:commit"), "exclude each other"),
        (("--explain", "Ben"), "As in 'Ben:commit'"),
        (("--explain", "Ben:comit"), "Did you mean 'commit'?"),
        (("--by", "rep,month", "--explain", "Ben:commit"), "rows are of 2 dimensions"),
        (("--by", "month", "--explain", "2026-11:call"), "by rep of all deals alone"),
        (("--measure", "margin"), "Measures: revenue, count"),
        (("--currency", "XXQ"), "XXQ"),
        (("--rep", "Ben", "--team", "North"), "exclude each other"),
        (("--period", "2026-Q5"), "2026 has Q1 to Q4"),
    ],
)
def test_what_cannot_be_shown_says_what_can(house: Sfa, argv: tuple[str, ...], words: str) -> None:
    done = house("forecast", *argv)
    assert (done.code, done.out) == (2, "") and words in done.err, done


# One cell opened ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["rep", "product", "team", "rep,month", "product,rep", "type"])
def test_every_cell_opens_into_its_deals(house: Sfa, by: str) -> None:
    book = Book(house)
    names = by.split(",")
    rows = house.ok("forecast", "--by", by, "--json").json["rows"]
    for row in rows:
        label = ":".join("(none)" if row[n] is None else row[n] for n in names)
        if by == "rep" and row["rep"] in ("Boss", "Nora"):
            label += " (own)"
        for name in FIGURES if len(names) == 1 else ("commit",):
            opened = house.ok("forecast", "--by", by, "--explain", f"{label}:{name}", "--json").json
            among = book.counted(**{n: row[n] for n in names})
            column = "counted" if name == "weighted" else "amount"
            assert sum(minor(d[column]) for d in opened["rows"]) == book.of(name, among) == minor(opened["value"]), (label, name)
            assert {d["deal"] for d in opened["rows"]} <= {d["name"] for d in among}


def test_managers_open_with_all_below_and_the_total_with_everything(house: Sfa) -> None:
    book = Book(house)
    north = [d for d in book.counted() if d["owner"] in ("Nora", "Ben", "王伟")]
    found = house.ok("forecast", "--json").json
    nora = next(m for m in found["managers"] if m["manager"] == "Nora")
    for name in FIGURES:
        opened = house.ok("forecast", "--explain", f"nora:{name}", "--json").json
        assert minor(opened["value"]) == book.of(name, north) == figure(nora, name)
        whole = house.ok("forecast", "--explain", f"total:{name}", "--json").json
        assert minor(whole["value"]) == book.of(name, book.counted())
    closed = book.of("closed", [d for d in north if d["owner"] in QUOTAS])
    opened = house.ok("forecast", "--explain", "Nora:attainment", "--json").json
    assert opened["value"] == pytest.approx(closed / 35_000_000)
    assert "÷ quota 350,000 USD" in opened["formula"]
    gap = house.ok("forecast", "--explain", "Nora:gap", "--json").json
    assert minor(gap["value"]) == 35_000_000 - closed
    covered = house.ok("forecast", "--explain", "Nora:coverage", "--json").json
    assert covered["value"] == pytest.approx(book.of("open_pipeline", north) / (35_000_000 - closed))
    assert house.ok("forecast", "--explain", "Nora:quota", "--json").json["rows"] == []


def test_names_with_colons_and_slashes(house: Sfa) -> None:
    book = Book(house)
    for argv, only in (
        (("--explain", "Sam: South:commit"), {"rep": "Sam: South"}),
        (("--explain", "王伟:commit"), {"rep": "王伟"}),
        (("--by", "product", "--explain", "Pump A / B:commit"), {"product": "Pump A / B"}),
        (("--by", "product", "--explain", "service: yearly:commit"), {"product": "Service: yearly"}),
        (("--by", "rep,product", "--explain", "Sam: South:Pump A / B:commit"), {"rep": "Sam: South", "product": "Pump A / B"}),
        (("--by", "rep,product", "--explain", "Nora:Service: yearly:commit"), {"rep": "Nora", "product": "Service: yearly"}),
        (("--by", "product,rep", "--explain", "Pump A / B:Sam: South:commit"), {"rep": "Sam: South", "product": "Pump A / B"}),
        (("--by", "type", "--explain", "(none):commit"), {"type": None}),
        (("--explain", "(none):commit"), {"rep": None}),
    ):
        opened = house.ok("forecast", *argv, "--json").json
        assert minor(opened["value"]) == book.of("commit", book.counted(**only)), argv
    assert house("forecast", "--explain", "N:commit").code in (3, 5)
    missing = house("forecast", "--explain", "Zoe:commit")
    assert missing.code == 3 and "Rows: " in missing.err


def test_what_was_said_is_opened_too(house: Sfa) -> None:
    house.ok("user", "edit", "Boss", "admin=yes")
    house.ok("forecast", "call", "--rep", "Ben", "--commit", "120k", "--note", "Pier")
    house.ok("--me", "Nora", "forecast", "adjust", "Ben", "commit", "90k", "--note", "slips")
    deal = next(d for d in Book(house).counted(rep="王伟") if d["category"] == "best_case")
    house.ok("--me", "Nora", "forecast", "judge", deal["ref"], "include", "--note", "promised")
    book = Book(house)
    own, wei = (book.of("commit", book.counted(rep=n)) for n in ("Nora", "王伟"))
    told = {}
    for name in ("Ben:call", "Ben:manager's", "Nora:adjusted", "王伟:manager", "total:adjusted", "total:call"):
        told[name] = house.ok("forecast", "--explain", name, "--json").json
    assert minor(told["Ben:call"]["value"]) == 12_000_000 and minor(told["Ben:manager's"]["value"]) == 9_000_000
    assert minor(told["王伟:manager"]["value"]) == wei + deal["value"]
    assert minor(told["Nora:adjusted"]["value"]) == own + 9_000_000 + wei + deal["value"]
    others = sum(book.of("commit", book.counted(rep=n)) for n in ("Boss", "Sam: South", None))
    assert minor(told["total:adjusted"]["value"]) == others + own + 9_000_000 + wei + deal["value"]
    assert minor(told["total:call"]["value"]) == 12_000_000
    text = house.ok("forecast", "--explain", "Ben:call", "-f", "table").out
    assert "Called 120,000 USD on 2026-11-23: Pier" in text and "Manager's figure 90,000 USD of 2026-11-23: slips" in text
    assert f"with {deal['ref']} in (promised)" in house.ok("forecast", "--explain", "王伟:commit", "-f", "table").out
    assert "Manager's" not in house.ok("forecast", "--explain", "Nora (own):commit", "-f", "table").out


# Whose deals ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argv", "people"),
    [
        (("--team", "North"), {"Nora", "Ben", "王伟"}),
        (("--team", "nora"), {"Nora", "Ben", "王伟"}),
        (("--team", "HQ"), {"Boss"}),
        (("--team", "Boss"), {*PEOPLE}),
        (("--team", "sam"), {"Sam: South"}),
        (("--rep", "Nora"), {"Nora"}),
        (("--rep", "王伟"), {"王伟"}),
    ],
)
def test_only_these_people(house: Sfa, argv: tuple[str, ...], people: set[str]) -> None:
    book = Book(house)
    among = [d for d in book.counted() if d["owner"] in people]
    found = house.ok("forecast", *argv, "--json").json
    assert {f: figure(found["total"], f) for f in FIGURES} == {f: book.of(f, among) for f in FIGURES}
    quota = sum(q for n, q in QUOTAS.items() if n in people)
    assert minor(found["total"]["quota"]) == quota * 100
    assert {r["rep"] for r in found["rows"]} <= people
    for by in ("month", "product"):
        sliced = house.ok("forecast", *argv, "--by", by, "--json").json
        assert sum(figure(r, "commit") for r in sliced["rows"]) == book.of("commit", among)
    text = house.ok("forecast", *argv, "-f", "table").out
    assert f"Only {argv[0][2:]} {argv[1]}" in text
    assert house("forecast", argv[0], "Nobody").code == 3


def test_a_rep_who_changes_teams_takes_open_deals_along_from_then_on(house: Sfa, monkeypatch: pytest.MonkeyPatch) -> None:
    def north() -> int:
        return figure(house.ok("forecast", "--period", "2026-Q4", "--team", "North", "--json").json["total"], "commit")

    before, ben = north(), Book(house).of("commit", Book(house).counted(rep="Ben"))
    house.ok("user", "edit", "Ben", "team=South", "manager=Sam: South")
    assert north() == before - ben != before
    house.ok("undo", "--yes")
    monkeypatch.setenv("SFA_TODAY", "2027-01-10T12:00:00Z")
    ended = north()
    house.ok("user", "edit", "Ben", "team=South", "manager=Sam: South")
    assert north() == ended, "the quarter has ended with Ben in the North"


# Measures -------------------------------------------------------------------------------------------------------------------------


def test_counts(house: Sfa) -> None:
    book = Book(house)
    found = house.ok("forecast", "--measure", "count", "--json").json
    for row in [*found["rows"], found["total"]]:
        among = book.counted() if row is found["total"] else book.counted(rep=row["rep"])
        assert row["closed"] == sum(d["category"] == "closed" for d in among)
        assert row["cumulative"]["open_pipeline"] == sum(d["category"] != "closed" for d in among)
        assert row["weighted"] == pytest.approx(sum(d["probability"] for d in among if d["stage.outcome"] == "open") / 100)
    assert found["total"]["quota"] is None, "quotas of amounts are none of counts"
    house.ok("quota", "set", "Ben", "2026-Q4", "4", "--measure", "count")
    row = next(r for r in house.ok("forecast", "--measure", "count", "--json").json["rows"] if r["rep"] == "Ben")
    won = sum(d["category"] == "closed" for d in book.counted(rep="Ben"))
    assert (row["quota"], row["attainment"], row["gap"]) == (4, pytest.approx(won / 4), 4 - won)
    opened = house.ok("forecast", "--measure", "count", "--explain", "Ben:weighted", "--json").json
    assert opened["value"] == pytest.approx(row["weighted"])
    assert sum(d["counted"] for d in opened["rows"]) == pytest.approx(row["weighted"])
    assert house.ok("forecast", "--json").json["total"]["quota"]["amount"] == "440000.00"
    assert "0.0" not in house.ok("forecast", "--measure", "count", "--by", "month", "--across", "type", "-f", "table").out


def test_a_money_field_of_ones_own(house: Sfa) -> None:
    house.ok("config", "field", "add", "opp", "arr", "money")
    book = Book(house)
    mine = [d for d in book.counted(rep="Ben") if d["category"] == "closed"][:1] + [
        d for d in book.counted(rep="王伟") if d["category"] == "commit"
    ][:1]
    assert len(mine) == 2
    for deal, arr in zip(mine, ("1234.56", "1000"), strict=True):
        house.ok("opp", "edit", deal["ref"], f"arr={arr}")
    worth = [even(Fraction(arr) * 100 * RATES[d["currency"]]) for d, arr in zip(mine, ("1234.56", "1000"), strict=True)]
    found = house.ok("forecast", "--measure", "arr", "--json").json
    assert (figure(found["total"], "closed"), figure(found["total"], "commit")) == (worth[0], sum(worth))
    assert minor(found["total"]["weighted"]) == even(Fraction(worth[1] * mine[1]["probability"], 100))
    house.ok("quota", "set", "Ben", "2026-Q4", "10k", "--measure", "arr")
    row = next(r for r in house.ok("forecast", "--measure", "arr", "--json").json["rows"] if r["rep"] == "Ben")
    assert row["attainment"] == pytest.approx(worth[0] / 1_000_000, abs=1e-6)
    assert "Forecast of arr" in house.ok("forecast", "--measure", "arr", "-f", "table").out
    opened = house.ok("forecast", "--measure", "arr", "--explain", "total:commit", "--json").json
    assert sum(minor(d["amount"]) for d in opened["rows"]) == sum(worth)


def test_quotas_of_families(house: Sfa) -> None:
    house.ok("quota", "set", "Ben", "2026-Q4", "50k", "--family", "sensors")
    house.ok("quota", "set", "王伟", "2026-Q4", "30k", "--family", "sensors")
    house.ok("quota", "set", "Ben", "2026-Q4", "70k", "--family", "pumps")
    book = Book(house)
    rows = {r["family"]: r for r in house.ok("forecast", "--by", "family", "--json").json["rows"]}
    who = {"sensors": ("Ben", "王伟"), "pumps": ("Ben",)}
    for family, quota in (("sensors", 80_000), ("pumps", 70_000)):
        closed = sum(book.of("closed", book.counted(family=family, rep=n)) for n in who[family])
        assert minor(rows[family]["quota"]) == quota * 100
        assert rows[family]["attainment"] == pytest.approx(closed / quota / 100, abs=1e-6)
    assert rows[None]["quota"] is None
    plain = house.ok("forecast", "-f", "table").out
    assert "Quotas of product families are not in these: --by family shows pumps, sensors" in plain
    only = house.ok("forecast", "product.family:sensors", "--json").json
    by_rep = {r["rep"]: r for r in only["rows"]}
    assert minor(by_rep["Ben"]["quota"]) == 5_000_000 and minor(only["total"]["quota"]) == 8_000_000
    among = book.counted(family="sensors")
    assert {f: figure(only["total"], f) for f in FIGURES} == {f: book.of(f, among) for f in FIGURES}
    assert house.ok("forecast", "source:web", "--json").json["total"]["quota"] is None, "no quota is of web deals"


def test_new_existing_and_renewal_business_apart(house: Sfa) -> None:
    book = Book(house)
    rows = {r["type"]: figure(r, "best_case") for r in house.ok("forecast", "--by", "type", "--json").json["rows"]}
    assert rows == {t: book.of("best_case", book.counted(type=t)) for t in ("new", "existing", "renewal", None)}
    filtered = Book(house, "type:renewal")
    found = house.ok("forecast", "type:renewal", "--json").json["total"]
    assert figure(found, "best_case") == filtered.of("best_case", filtered.counted()) == rows["renewal"] > 0


# Currencies -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["EUR", "GBP"])
def test_in_another_currency_by_way_of_the_companys(house: Sfa, code: str) -> None:
    """Pounds into euros have no rate of their own: both rates to the dollar make one."""
    book = Book(house, into=RATES[code])
    found = house.ok("forecast", "--currency", code.lower(), "--json").json
    assert found["currency"] == code and found["total"]["closed"]["currency"] == code
    for row in found["rows"]:
        among = book.counted(rep=row["rep"])
        assert {f: figure(row, f) for f in FIGURES} == {f: book.of(f, among) for f in FIGURES}
    assert minor(found["total"]["quota"]) == sum(even(q * 100 / RATES[code]) for q in QUOTAS.values())
    opened = house.ok("forecast", "--currency", code, "--explain", "total:commit", "--json").json
    assert sum(minor(d["amount"]) for d in opened["rows"]) == book.of("commit", book.counted())
    assert {d["rate_day"] for d in opened["rows"]} == {"", "2026-01-01"}
    assert f"in {code}, rates: " in house.ok("forecast", "--currency", code, "-f", "table").out


def test_a_missing_rate_stops_by_its_name(house: Sfa) -> None:
    for argv in (("--currency", "JPY"), ("--currency", "JPY", "--explain", "total:commit"), ("--currency", "JPY", "--across", "month")):
        done = house("forecast", *argv)
        assert (done.code, done.out) == (4, "") and " to JPY on 2026-" in done.err
    hint = done.err.partition("Hint: sfa ")[2].replace("RATE", "2").strip()
    house.ok(*shlex.split(hint))
    house.ok("rate", "delete", "RT-2", "--yes")
    done = house("forecast")
    assert done.code == 4 and "there is no exchange rate of GBP to USD on 2026-" in done.err


# Pace -----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "period", "share"),
    [
        ("2026-09-30", "2026-Q4", Fraction(0)),
        ("2026-10-01", "2026-Q4", Fraction(1, 92)),
        ("2026-12-31", "2026-Q4", Fraction(1)),
        ("2027-03-01", "2026-Q4", Fraction(1)),
        ("2028-02-29", "2028-02", Fraction(1)),
        ("2028-02-28", "2028-Q1", Fraction(59, 91)),
        ("2028-12-30", "2028", Fraction(365, 366)),
    ],
)
def test_the_share_of_the_period_that_has_passed(
    sfa: Sfa, monkeypatch: pytest.MonkeyPatch, today: str, period: str, share: Fraction
) -> None:
    monkeypatch.setenv("SFA_TODAY", f"{today}T12:00:00Z")
    sfa.ok("user", "add", "Ann")
    sfa.ok("quota", "set", "Ann", period, "1000")
    found = sfa.ok("forecast", "pace", "--period", period, "--json").json
    assert found["elapsed"] == pytest.approx(float(share), abs=1e-6)
    row = found["rows"][0]
    assert (row["attainment"], row["pace"]) == (0.0, 0.0 if share else None)
    assert f"{float(share) * 100:.0f} % of the period has passed" in sfa.ok("forecast", "pace", "--period", period, "-f", "table").out


def test_pace_and_required_coverage_by_hand(sfa: Sfa, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four quarters: deals open at the start of each and due in it, some of them won in it; the fifth back is not looked at."""

    def at(day: str) -> None:
        monkeypatch.setenv("SFA_TODAY", f"{day}T12:00:00Z")

    at("2025-06-01")
    sfa.ok("user", "add", "Mia")
    for name in ("Ann", "Bob"):
        sfa.ok("user", "add", name, "manager=Mia")
    quarters = [("2025-09-20", "2025-11-05", "2025-12-15"), ("2025-12-20", "2026-02-05", "2026-03-15"),
                ("2026-03-20", "2026-05-05", "2026-06-15"), ("2026-06-20", "2026-08-05", "2026-09-15")]  # fmt: skip
    start: dict[str, int] = {"Ann": 0, "Bob": 0}
    won = dict(start)
    number = 0
    for before, day, due in [("2025-06-20", "2025-08-05", "2025-09-15"), *quarters]:
        at(before)
        made = []
        for who, amount, wins in (("Ann", 400 + number, True), ("Ann", 600, False), ("Bob", 900, number % 8 == 4)):
            number += 1
            sfa.ok("opp", "add", f"D{number}", f"amount={amount}", f"close={due}", f"owner={who}")
            made.append((f"O-{number}", wins))
            if before != "2025-06-20":
                start[who] += amount
                won[who] += amount if wins else 0
        at(day)
        for ref, wins in made:
            sfa.ok("opp", *(("win", ref) if wins else ("lose", ref, "--reason", "Bad timing")))
        number += 1
        sfa.ok("opp", "add", f"D{number}", "amount=5000", f"close={due}", "owner=Ann")  # was not there at the start
        sfa.ok("opp", "win", f"O-{number}")
    at("2026-11-15")
    sfa.ok("opp", "add", "Now", "amount=300", "close=2026-12-01", "owner=Ann")
    sfa.ok("opp", "add", "Done", "amount=250", "owner=Ann")
    sfa.ok("opp", "win", f"O-{number + 2}")
    for name, quota in (("Ann", 1000), ("Bob", 0)):
        sfa.ok("quota", "set", name, "2026-Q4", str(quota))
    found = sfa.ok("forecast", "pace", "--json").json
    rows = {r["rep"]: r for r in found["rows"]}
    assert found["required_from_periods"] == 4
    for who in ("Ann", "Bob"):
        assert rows[who]["required_coverage"] == pytest.approx(start[who] / won[who], abs=1e-6)
    both = sum(start.values()) / sum(won.values())
    assert rows["Mia"]["required_coverage"] == found["total"]["required_coverage"] == pytest.approx(both, abs=1e-6)
    ann = rows["Ann"]
    assert (ann["attainment"], ann["gap"]["amount"], ann["coverage"]) == (0.25, "750.00", pytest.approx(300 / 750))
    assert ann["pace"] == pytest.approx(0.25 / (46 / 92))
    assert (rows["Bob"]["attainment"], rows["Bob"]["pace"], rows["Bob"]["coverage"]) == (None, None, None)
    lines = sfa.ok("forecast", "pace", "-f", "table").out.splitlines()
    assert next(x for x in lines if x.strip().startswith("Bob")).split()[-2:] == ["met", f"{start['Bob'] / won['Bob']:.1f}×"]
