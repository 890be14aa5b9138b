"""The demo company in examples/company: made by examples/generate.py to the byte, and sound in itself.

Plain reading of the CSV files and plain arithmetic; nothing of the program is used, so that these files can serve as a yardstick
for it. How the program imports them is tested elsewhere.
"""

import csv
import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
COMPANY = ROOT / "examples" / "company"
ANCHOR = "2026-11-20"
STAGES = ["Prospecting", "Qualification", "Proposal", "Negotiation"]
RIVAL = "Vantora Sensors AG"
HOURS = {"EMEA": range(8, 16), "Americas": range(14, 22), "APAC": range(1, 9)}  # office hours in UTC

HEADERS = {
    "users": "name,email,manager,team,region,active,admin",
    "accounts": "name,parent,types,industry,employees,annual_revenue,currency,phone,website,street,city,postal_code,state,country,owner,"
    "source,external_id",
    "contacts": "first_name,last_name,account,title,email,phone,mobile,opt_out_email,owner,external_id",
    "products": "code,name,family,list_price,currency",
    "leads": "first_name,last_name,company,title,email,phone,country,source,status,rating,owner,created,external_id",
    "reasons": "name,outcome,group",
    "opportunities": "external_id,name,account,contact,owner,stage,amount,currency,close,closed,opened,product,source,type,next_step,"
    "reason,competitor",
    "opportunity_history": "opportunity,changed,stage,amount,close",
    "activities": "when,kind,owner,text,opportunity,contact,lead,account,next_step,due,done",
    "quotas": "owner,period,covers,amount,currency",
    "rates": "currency,base,date,rate",
    "forecast_calls": "owner,period,commit,best_case,rollup_commit,rollup_best_case,currency,note,made",
    "forecast_adjustments": "owner,manager,period,column,amount,gross,currency,note,made",
    "forecast_judgments": "opportunity,manager,period,column,included,note,made",
}

Rows = list[dict[str, str]]


def read(name: str) -> Rows:
    with (COMPANY / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


FILES: dict[str, Rows] = {name: read(name) for name in HEADERS}
DEALS = FILES["opportunities"]
DEAL = {d["external_id"]: d for d in DEALS}
CLOSED = [d for d in DEALS if d["stage"] in ("Won", "Lost")]
PEOPLE = {  # Chinese names put the family first, without a blank
    c["last_name"] + c["first_name"] if "\u3400" <= c["last_name"][0] <= "\u9fff" else f"{c['first_name']} {c['last_name']}": c
    for c in FILES["contacts"]
}
TEAM = {u["name"]: u["team"] for u in FILES["users"]}


def states() -> dict[str, Rows]:
    """The history rows of each deal, in the file's order."""
    found: dict[str, Rows] = {}
    for row in FILES["opportunity_history"]:
        found.setdefault(row["opportunity"], []).append(row)
    return found


STATES = states()


def quarter(day: str) -> str:
    return f"{day[:4]}-Q{(int(day[5:7]) + 2) // 3}"


def win_rate(deals: Iterable[dict[str, str]]) -> float:
    counts = Counter(d["stage"] for d in deals)
    return counts["Won"] / (counts["Won"] + counts["Lost"])


def pushes(deal: dict[str, str]) -> int:
    """Moves of the close date into a later month; '2026-03' sorts as it should."""
    months = [row["close"][:7] for row in STATES[deal["external_id"]]]
    return sum(after > before for before, after in pairwise(months))


@pytest.mark.parametrize("seed", ["0", "4711"])
def test_the_generator_writes_what_is_kept_to_the_byte(tmp_path: Path, seed: str) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    done = subprocess.run([sys.executable, ROOT / "examples" / "generate.py", tmp_path], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    made = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    kept = {file.name: file.read_bytes() for file in COMPANY.iterdir()}
    assert sorted(made) == sorted(kept) == sorted(f"{name}.csv" for name in HEADERS)
    assert [name for name in made if made[name] != kept[name]] == [], "run python examples/generate.py"
    assert sum(map(len, made.values())) < 1_500_000


@pytest.mark.parametrize("name", HEADERS)
def test_files_are_plain_utf8_csv_with_the_agreed_header(name: str) -> None:
    raw = (COMPANY / f"{name}.csv").read_bytes()
    assert b"\r" not in raw and not raw.startswith(b"\xef\xbb\xbf") and raw.endswith(b"\n")
    assert raw.decode("utf-8").splitlines()[0] == HEADERS[name]
    width = len(HEADERS[name].split(","))
    assert all(len(row) == width and None not in row.values() for row in FILES[name])
    assert all(cell == cell.strip() and "\n" not in cell for row in FILES[name] for cell in row.values())


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("users", "name"),
        ("users", "email"),
        ("accounts", "name"),
        ("accounts", "external_id"),
        ("contacts", "email"),
        ("contacts", "external_id"),
        ("products", "code"),
        ("products", "name"),
        ("leads", "email"),
        ("leads", "external_id"),
        ("reasons", "name"),
        ("opportunities", "external_id"),
        ("opportunities", "name"),
    ],
)
def test_keys_are_unique(name: str, field: str) -> None:
    values = [row[field].lower() for row in FILES[name] if row[field]]
    assert values and [value for value, n in Counter(values).items() if n > 1] == []


def test_people_quotas_and_rates_are_unique() -> None:
    assert len(PEOPLE) == len(FILES["contacts"])
    assert len({(q["owner"], q["period"]) for q in FILES["quotas"]}) == len(FILES["quotas"])
    assert len({(r["currency"], r["date"]) for r in FILES["rates"]}) == len(FILES["rates"])


@pytest.mark.parametrize(
    ("name", "field", "target", "key"),
    [
        ("users", "manager", "users", "name"),
        ("accounts", "parent", "accounts", "name"),
        ("accounts", "owner", "users", "name"),
        ("contacts", "account", "accounts", "name"),
        ("contacts", "owner", "users", "name"),
        ("leads", "owner", "users", "name"),
        ("opportunities", "account", "accounts", "name"),
        ("opportunities", "owner", "users", "name"),
        ("opportunities", "product", "products", "name"),
        ("opportunities", "reason", "reasons", "name"),
        ("opportunities", "competitor", "accounts", "name"),
        ("opportunity_history", "opportunity", "opportunities", "external_id"),
        ("activities", "owner", "users", "name"),
        ("activities", "opportunity", "opportunities", "external_id"),
        ("activities", "lead", "leads", "external_id"),
        ("activities", "account", "accounts", "name"),
        ("quotas", "owner", "users", "name"),
        ("forecast_calls", "owner", "users", "name"),
        ("forecast_adjustments", "owner", "users", "name"),
        ("forecast_adjustments", "manager", "users", "name"),
        ("forecast_judgments", "opportunity", "opportunities", "external_id"),
        ("forecast_judgments", "manager", "users", "name"),
    ],
)
def test_references_name_a_record(name: str, field: str, target: str, key: str) -> None:
    known = {row[key] for row in FILES[target]}
    used = {row[field] for row in FILES[name]} - {""}
    assert used and used - known == set()


def test_accounts_come_after_their_parents_and_users_after_their_managers() -> None:
    for name, field in (("accounts", "parent"), ("users", "manager")):
        order = {row["name"]: n for n, row in enumerate(FILES[name])}
        assert [row["name"] for row in FILES[name] if row[field] and order[row[field]] > order[row["name"]]] == []


def test_contacts_of_deals_and_activities_belong_to_the_same_account() -> None:
    assert [d["external_id"] for d in DEALS if PEOPLE[d["contact"]]["account"] != d["account"]] == []
    for row in (a for a in FILES["activities"] if a["contact"]):
        account = DEAL[row["opportunity"]]["account"] if row["opportunity"] else row["account"]
        assert PEOPLE[row["contact"]]["account"] == (account or PEOPLE[row["contact"]]["account"]), row


def test_the_sales_force_has_three_levels() -> None:
    manager = {u["name"]: u["manager"] for u in FILES["users"]}
    (top,) = [name for name, above in manager.items() if not above]
    middle = [name for name, above in manager.items() if above == top]
    sellers = [name for name, above in manager.items() if above in middle]
    assert (len(middle), len(sellers), len(manager)) == (3, 12, 16)
    with_quota = {q["owner"] for q in FILES["quotas"]} & set(sellers)
    assert with_quota < set(sellers) and len(with_quota) == 11
    (own,) = [q for q in FILES["quotas"] if q["owner"] not in sellers]
    assert own["owner"] in middle and own["covers"] == "own"
    assert [u["name"] for u in FILES["users"] if u["admin"] == "yes"] == [top]
    assert {q["period"] for q in FILES["quotas"]} == {f"{y}-Q{q}" for y in (2024, 2025, 2026) for q in (1, 2, 3, 4)} | {"2027-Q1"}


def test_choices_are_of_the_lists() -> None:
    types = {"prospect", "customer", "supplier", "partner", "competitor", "internal", "consumer"}
    found = [row["types"].split(",") for row in FILES["accounts"]]
    assert {t for cell in found for t in cell} == types and any(len(cell) > 1 for cell in found)
    sources = {"web", "referral", "trade show", "cold call", "partner", "campaign"}
    assert {row["source"] for row in DEALS} == {row["source"] for row in FILES["leads"]} == sources
    assert {row["status"] for row in FILES["leads"]} == {"new", "working", "qualified", "disqualified"}
    assert {row["rating"] for row in FILES["leads"]} == {"hot", "warm", "cold", ""}
    assert {row["kind"] for row in FILES["activities"]} == {"call", "email", "visit", "note"}
    assert {row["type"] for row in DEALS} == {"new", "existing", "renewal"}
    outcome = {row["name"]: row["outcome"] for row in FILES["reasons"]}
    assert all(outcome[d["reason"]] == d["stage"].lower() for d in DEALS if d["reason"])
    rivals = {row["name"] for row in FILES["accounts"] if "competitor" in row["types"].split(",")}
    assert {d["competitor"] for d in DEALS} - {""} == rivals


def test_deals_are_sound() -> None:
    for d in DEALS:
        is_closed = d["stage"] in ("Won", "Lost")
        assert bool(d["closed"]) == is_closed and (is_closed or d["stage"] in STAGES), d
        assert bool(d["reason"]) or d["stage"] != "Lost", d
        assert not d["reason"] or is_closed, d
        assert d["amount"] or d["stage"] != "Won", d
        assert d["opened"] < (d["closed"] or ANCHOR) and d["opened"] >= "2023-11-20" and d["closed"] < ANCHOR, d
        assert d["opened"] < d["close"], d
        assert d["currency"] == ("EUR" if TEAM[d["owner"]] == "EMEA" else "USD"), d


def test_history_begins_with_the_creation_and_ends_with_the_deal() -> None:
    assert set(STATES) == set(DEAL)
    for key, rows in STATES.items():
        deal, last = DEAL[key], rows[-1]
        assert rows[0]["changed"][:10] == deal["opened"] and rows[0]["stage"] in STAGES, key
        assert [last[f] for f in ("stage", "amount", "close")] == [deal[f] for f in ("stage", "amount", "close")], key
        assert not deal["closed"] or last["changed"][:10] == deal["closed"], key
        assert all(row["stage"] in STAGES for row in rows[:-1]), key
        order = [STAGES.index(row["stage"]) for row in rows if row["stage"] in STAGES]
        assert order == sorted(order), key


def test_history_moves_forward_on_working_days_and_every_row_changes_something() -> None:
    for key, rows in STATES.items():
        assert all(a["changed"] < b["changed"] for a, b in pairwise(rows)), key
        assert all({**a, "changed": ""} != {**b, "changed": ""} for a, b in pairwise(rows)), key
        for row in rows:
            when = datetime.strptime(row["changed"], "%Y-%m-%dT%H:%M:%SZ")
            assert when.weekday() < 5 and when.hour in HOURS[TEAM[DEAL[key]["owner"]]] and row["changed"] < ANCHOR, row


def test_history_has_pushes_pulls_skips_and_changed_amounts() -> None:
    closes = [[row["close"] for row in rows] for rows in STATES.values()]
    assert sum(any(a > b for a, b in pairwise(days)) for days in closes) > 50
    assert sum(pushes(d) >= 2 for d in DEALS) > 150
    amounts = [[row["amount"] for row in rows if row["amount"]] for rows in STATES.values()]
    assert sum(len(set(values)) > 1 for values in amounts) > 600
    skipped = [d for d in CLOSED if d["stage"] == "Won" and not {row["stage"] for row in STATES[d["external_id"]]}.issuperset(STAGES)]
    assert 100 < len(skipped) < 600


def test_activities_are_sound() -> None:
    lead = {row["external_id"]: row for row in FILES["leads"]}
    for row in FILES["activities"]:
        assert 1 <= sum(bool(row[f]) for f in ("opportunity", "contact", "lead", "account")) <= 2, row
        assert bool(row["next_step"]) == bool(row["due"]) == bool(row["done"]) and row["done"] in ("", "yes", "no"), row
        assert datetime.strptime(row["when"], "%Y-%m-%dT%H:%M:%SZ").weekday() < 5 and row["when"] < ANCHOR, row
        assert not row["due"] or row["when"][:10] <= row["due"], row
        if row["opportunity"]:
            assert DEAL[row["opportunity"]]["opened"] <= row["when"][:10] <= (DEAL[row["opportunity"]]["closed"] or ANCHOR), row
        if row["lead"]:
            assert lead[row["lead"]]["created"] <= row["when"][:10] and lead[row["lead"]]["status"] != "new", row
    todo = [row["due"] for row in FILES["activities"] if row["done"] == "no"]
    assert sum("2026-11-09" <= due < ANCHOR for due in todo) > 15 and sum(ANCHOR <= due <= "2026-12-15" for due in todo) > 60


def test_what_is_open_and_unworked_around_the_anchor() -> None:
    assert date.fromisoformat(ANCHOR).strftime("%A") == "Friday"
    alive = [d for d in DEALS if d["stage"] in STAGES]
    assert 110 <= len(alive) <= 160
    assert sum(quarter(d["close"]) in ("2026-Q4", "2027-Q1", "2027-Q2") for d in alive) > 0.9 * len(alive)
    assert 3 <= sum(d["close"] < ANCHOR for d in alive) <= 15 and 3 <= sum(not d["amount"] for d in alive) <= 12
    fresh = [row for row in FILES["leads"] if row["created"] >= "2026-10-30"]
    assert sum(row["status"] == "new" for row in fresh) > 20 and any(not row["owner"] for row in fresh)


def test_seasons_peak_at_the_end_of_quarters_and_years() -> None:
    full = [d for d in CLOSED if d["closed"] < "2026-10-01"]
    of_quarter = Counter(int(d["closed"][5:7]) % 3 for d in full)
    assert of_quarter[0] > of_quarter[2] > of_quarter[1]
    for year in ("2024", "2025"):
        counts = Counter(quarter(d["closed"]) for d in full if d["closed"][:4] == year)
        assert counts.most_common(1)[0][0] == f"{year}-Q4"


def test_attainment_looks_like_people() -> None:
    """Won in the quarter in USD at the rate of its first day, by quota, over the eleven ended quarters: 121 figures."""
    rate = {row["date"]: float(row["rate"]) for row in FILES["rates"]}
    won: defaultdict[tuple[str, str], float] = defaultdict(float)
    for d in (d for d in CLOSED if d["stage"] == "Won"):
        period = quarter(d["closed"])
        first = f"{period[:4]}-{3 * int(period[-1]) - 2:02}-01"
        won[d["owner"], period] += float(d["amount"]) * (rate[first] if d["currency"] == "EUR" else 1)
    figures = [won[q["owner"], q["period"]] / float(q["amount"]) for q in FILES["quotas"] if q["period"] <= "2026-Q3"]
    assert len(figures) == 121
    assert 0.03 <= sum(f > 1.2 for f in figures) / 121 <= 0.08
    assert sum(0.7 <= f <= 1.1 for f in figures) / 121 > 0.7


def test_renewals_are_of_software_that_the_account_had() -> None:
    family = {p["name"]: p["family"] for p in FILES["products"]}
    won: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for d in (d for d in CLOSED if d["stage"] == "Won"):
        won[d["account"], d["product"]].append(d["closed"])
    for d in DEALS:
        had = family[d["product"]] == "Software" and any(day < d["opened"] for day in won[d["account"], d["product"]])
        assert had == (d["type"] == "renewal"), d


def test_calls_stand_beside_what_the_deals_added_up_to() -> None:
    """Each call, once per period and moment, cumulative; in the quarter in progress two people are silent and three calls are old."""
    calls = FILES["forecast_calls"]
    assert len({(c["owner"], c["period"], c["made"]) for c in calls}) == len(calls)
    assert {c["period"] for c in calls} == {f"2025-Q{q}" for q in (1, 2, 3, 4)} | {f"2026-Q{q}" for q in (1, 2, 3, 4)} | {"2024-Q4"}
    for c in calls:
        assert 0 < float(c["commit"]) <= float(c["best_case"]) and float(c["rollup_commit"]) <= float(c["rollup_best_case"]), c
        assert c["made"] < ANCHOR and datetime.strptime(c["made"], "%Y-%m-%dT%H:%M:%SZ").weekday() == 0, c
    last = {c["owner"]: c["made"] for c in sorted(calls, key=lambda c: c["made"]) if c["period"] == "2026-Q4"}
    assert set(TEAM) - set(last) == {"Oliver Hartley", "Renée Tremblay"}
    assert {who for who, made in last.items() if made < "2026-11-16"} == {"Claire Lefèvre", "Inês Gonçalves", "张敏"}
    of = {c["owner"]: c for c in calls if c["made"][:10] == "2026-11-16"}
    dana = [d for d in DEALS if d["owner"] == "Dana Whitfield"]
    won = sum(float(d["amount"]) for d in dana if d["stage"] == "Won" and d["closed"] >= "2026-10-01")
    signing = [d for d in dana if d["stage"] == "Negotiation" and "2026-10-01" <= d["close"] <= "2026-12-31"]
    assert all(STATES[d["external_id"]][-1]["changed"] < "2026-11-16" for d in dana if quarter(d["close"]) == "2026-Q4")
    assert float(of["Dana Whitfield"]["rollup_commit"]) == won + sum(float(d["amount"]) for d in signing)


def test_rates_cover_every_month_since_the_first_deal() -> None:
    months = [row["date"] for row in FILES["rates"]]
    assert months[0] <= min(d["opened"] for d in DEALS) and months[-1] == "2026-11-01"
    numbers = [12 * int(m[:4]) + int(m[5:7]) for m in months]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert all(row["currency"] == "EUR" and row["base"] == "USD" and 1.0 < float(row["rate"]) < 1.25 for row in FILES["rates"])


def test_the_built_in_effects_can_be_found() -> None:
    assert 0.50 <= win_rate(CLOSED) <= 0.60
    against = win_rate(d for d in CLOSED if d["competitor"] == RIVAL)
    others = win_rate(d for d in CLOSED if d["competitor"] != RIVAL)
    assert 0.4 < against / others < 0.65
    by_source = {s: win_rate(d for d in CLOSED if d["source"] == s) for s in {d["source"] for d in CLOSED}}
    referral = by_source.pop("referral")
    assert referral > max(by_source.values()) + 0.08
    assert win_rate(d for d in CLOSED if pushes(d) >= 2) < 0.7 * win_rate(d for d in CLOSED if pushes(d) < 2)


def test_two_sellers_push_more_than_the_others() -> None:
    of: dict[str, list[int]] = {}
    for d in CLOSED:
        of.setdefault(d["owner"], []).append(pushes(d))
    mean = sorted((sum(n) / len(n), owner) for owner, n in of.items() if len(n) > 50)
    assert {owner for _, owner in mean[-2:]} == {"Claire Lefèvre", "Marcus Boone"} and mean[-2][0] > 1.5 * mean[-3][0]
