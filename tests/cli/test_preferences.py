"""What contacts wish and do not want: obeyed by log, today and exports, and reported."""

from __future__ import annotations

import random
from datetime import date, timedelta
from math import ceil, floor

import pytest


@pytest.fixture
def world(sfa):
    sfa.ok("user", "add", "anna", "team=EMEA")
    sfa.ok("user", "add", "Ben Okafor", "team=APAC", "manager=anna")
    sfa.ok("account", "add", "Acme Corp")
    sfa.ok("contact", "add", "Wei Zhang", "account=Acme Corp", "email=wei@acme.example", "phone=+353 1 555 0100")
    sfa.ok("contact", "add", "Anna Li", "account=Acme Corp", "phone=+353 1 555 0101")
    return sfa


def sections(sfa, *argv: str) -> dict[str, list[tuple[str, str]]]:
    made = sfa.ok(*(argv or ("today",)), "--json").json["sections"]
    return {name: [(i["ref"], i["command"]) for i in items] for name, items in made.items() if items}


# Logged ------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wish", "kind", "warned", "said"),
    [
        ("opt_out_phone=2026-03-04 asked", "call", "Wei Zhang wants no calls (since 2026-03-04, asked)", ""),
        ("opt_out_phone=2026-03-04 asked", "email", "", ""),
        ("opt_out_visit=2026-03-04 ill", "visit", "Wei Zhang wants no visits (since 2026-03-04, ill)", ""),
        ("do_not_contact=2026-03-04 left", "meeting", "Wei Zhang is not to be contacted (since 2026-03-04, left)", ""),
        ("do_not_contact=2026-03-04 left", "note", "", ""),
        ("channel=email", "call", "", "Wei Zhang prefers e-mail."),
        ("channel=email", "email", "", ""),
    ],
)
def test_log_warns_and_does_not_refuse(world, wish: str, kind: str, warned: str, said: str) -> None:
    world.ok("contact", "edit", "C-1", wish)
    done = world.ok("log", "acme", kind, "x with @wei")
    warnings = [line for line in done.err.splitlines() if line.startswith("Warning:")]
    assert warnings == ([f"Warning: {warned}"] if warned else [])
    assert [line for line in done.err.splitlines() if "prefers" in line] == ([said] if said else [])
    assert done.out == "AC-1\n"


def test_each_of_several_people_and_the_strictest_of_one_persons_records(world) -> None:
    world.ok("contact", "edit", "C-1", "opt_out_phone=2026-03-04")
    world.ok("lead", "add", "A. Li", "email=li@acme.example", "opt_out_phone=2026-01-02 web form")
    world.ok("contact", "edit", "C-2", "email=li@acme.example", "opt_out_phone=2026-05-05")
    told = world.ok("log", "acme", "call", "x @wei @anna").err
    assert "Wei Zhang wants no calls (since 2026-03-04, asked)" in told and "Anna Li wants no calls (since 2026-01-02, web form)" in told
    assert "A. Li wants no calls" in world.ok("log", "L-1", "call", "x").err


# Today -------------------------------------------------------------------------------------------------------------------------------


def test_who_is_due_by_the_channel_that_they_want(world) -> None:
    world.ok("contact", "edit", "C-1", "cadence=monthly", "channel=email", "times=mornings")
    world.ok("contact", "edit", "C-2", "cadence=weekly", "opt_out_phone=yes")
    assert sections(world)["contacts"] == [("C-2", "sfa log C-2 meeting"), ("C-1", "sfa log C-1 email")]
    world.ok("log", "C-1", "email", "hello", "--when", "2026-10-24")
    world.ok("log", "C-2", "email", "hello", "--when", "2026-11-17")
    assert "contacts" not in sections(world), "a month after 24 October is tomorrow, a week after 17 November too"
    assert [r for r, _ in sections(world, "agenda", "tomorrow")["contacts"]] == ["C-2", "C-1"]
    assert [r for r, _ in sections(world, "week")["contacts"]] == ["C-2", "C-1"]
    world.monkeypatch.setenv("SFA_TODAY", "2026-11-27T09:00:00Z")
    shown = world.ok("today", "--format", "table").out
    assert "Revisits due" in shown and "3 d late  Wei Zhang: monthly, prefers e-mail, mornings · Acme Corp" in shown


@pytest.mark.parametrize(
    ("kind", "more", "counts"),
    [
        ("call", (), True),
        ("web", (), True),
        ("note", (), False),
        ("call", ("--outcome", "no answer"), False),
        ("call", ("--outcome", "left message"), True),
        ("meeting", ("--outcome", "no show"), False),
        ("call", ("--when", "tomorrow 9:00"), False),
    ],
)
def test_what_counts_as_a_contact(world, kind: str, more: tuple[str, ...], counts: bool) -> None:
    world.ok("contact", "edit", "C-1", "cadence=monthly")
    world.ok("log", "C-2", kind, "x", "--contact", "wei", *more)
    assert ("contacts" in sections(world)) is not counts
    row = world.ok("report", "cadence", "--json").json["rows"][0]
    assert row["actual"] == int(counts)


def test_who_is_not_to_be_contacted_is_never_proposed(world) -> None:
    world.ok("contact", "edit", "C-1", "cadence=weekly", "birthday=11-23", "do_not_contact=yes")
    world.ok("lead", "add", "Mary Cole", "do_not_contact=yes")
    world.ok("lead", "add", "Jo Park", "opt_out_phone=yes", "email=jo@park.example")
    world.ok("opp", "add", "Renewal", "account=Acme Corp", "contact=C-1")
    found = sections(world)
    assert found == {"stepless": [("O-1", "sfa opp show O-1")], "leads": [("L-2", "sfa log L-2 email")]}


def test_only_ones_own_contacts(world) -> None:
    world.ok("contact", "edit", "C-1", "cadence=weekly")
    world.ok("contact", "edit", "C-2", "cadence=weekly", "owner=Ben")
    assert [r for r, _ in sections(world)["contacts"]] == ["C-1"]
    assert [r for r, _ in sections(world, "today", "--rep", "Ben")["contacts"]] == ["C-2"]
    assert [r for r, _ in sections(world, "today", "--team")["contacts"]] == ["C-2", "C-1"]


def test_the_rest_is_counted_and_found(world) -> None:
    for n in range(7):
        world.ok("contact", "add", f"Person {n}", "cadence=monthly")
    made = world.ok("today", "--json").json
    assert (len(made["sections"]["contacts"]), made["left_out"]["contacts"]) == (5, 2)
    shown = world.ok("today", "--format", "table").out
    rest = shown.partition("and 2 more: sfa ")[2].splitlines()[0]
    assert len(world.ok(*rest.split(), "--json").json["rows"]) == 7


# Exported ----------------------------------------------------------------------------------------------------------------------------


def test_do_not_contact_is_enforced_on_every_channel(world) -> None:
    world.ok("contact", "edit", "C-1", "do_not_contact=2026-03-04 left", "street=Quay 1", "city=Dublin", "mobile=+353 86 555 0100")
    world.ok("contact", "edit", "C-2", "street=Quay 2", "email=li@acme.example", "mobile=+353 86 555 0101")
    for channel in ("email", "phone", "mail", "sms", "visit"):
        done = world.ok("export", "contact", "--for", channel, "--columns", "name")
        assert done.out == "name\nAnna Li\n" and "1 contact who opted out" in done.err
    world.ok("contact", "edit", "C-2", "opt_out_visit=yes")
    assert world.ok("export", "contact", "--for", "visit", "--columns", "name").out == "name\n"
    assert world.ok("export", "contact", "--for", "mail", "--columns", "name").out == "name\nAnna Li\n"
    blank = world.ok("export", "contact", "--columns", "name,email,opt_out_email")
    assert "wei@" not in blank.out and "do_not_contact" in blank.err
    assert "wei@" in world.ok("export", "contact", "--columns", "name,email,opt_out_email,do_not_contact").out
    card = world.ok("export", "contact", "C-1", "--format", "vcard").out
    assert "Do not contact" in card and "X-SFA-DO-NOT-CONTACT:2026-03-04 left" in card


def test_it_is_never_lifted_by_an_import_a_merge_or_an_undo(world) -> None:
    world.ok("contact", "edit", "C-1", "do_not_contact=2026-03-04 left")
    world.ok("undo")
    assert world.ok("contact", "show", "C-1", "--json").json["do_not_contact"] == {"date": "2026-03-04", "source": "left"}
    world.ok("merge", "C-2", "C-1", "--yes")
    assert world.ok("contact", "show", "C-2", "--json").json["do_not_contact"]["source"] == "left"
    (world.folder / "c.csv").write_text("name,email,do_not_contact\nAnna Li,wei@acme.example,\n")
    world.ok("import", "contact", "c.csv", "--on-duplicate", "update")
    assert world.ok("contact", "show", "C-2", "--json").json["do_not_contact"]["source"] == "left"


# Reported ----------------------------------------------------------------------------------------------------------------------------

EVERY = {"1w": 7.0, "2w": 14.0, "1m": 365.25 / 12, "3m": 3 * 365.25 / 12}


def independently(every: str, contacts: list[date], known: date, today: date) -> tuple[float, int, str, str, bool]:
    """(wanted, actual, rating, next due, late) over the last 90 days, counted anew."""
    start = max(today - timedelta(days=89), known)
    wanted = ((today - start).days + 1) / EVERY[every]
    actual = len({d for d in contacts if start <= d <= today})
    last = max((d for d in contacts if d <= today), default=None)
    if last is None:
        due = None
    elif every.endswith("w"):
        due = last + timedelta(weeks=int(every[0]))
    else:
        year, month = divmod(last.year * 12 + last.month - 1 + int(every[0]), 12)
        days = [date(year, month + 1, d) for d in range(28, last.day + 1) if _is_day(year, month + 1, d)]
        due = days[-1] if days else date(year, month + 1, last.day)
    late = due is None or due < today
    rating = "over" if actual > ceil(wanted) else "under" if actual < floor(wanted) or late else "as wanted"
    return round(wanted, 1), actual, rating, due.isoformat() if due else "now", late


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("seed", range(3))
def test_figures_against_an_independent_count(world, seed: int) -> None:
    dice, today = random.Random(seed), date(2026, 11, 23)
    people: dict[str, tuple[str, list[date]]] = {}
    rows = ["when,kind,text,contact,others,outcome,external_id"]
    names = [f"Person {n:02}" for n in range(12)]
    lines = ["name,cadence,owner"]
    for name in names:
        people[name] = (dice.choice([*EVERY]), [])
        lines.append(f"{name},{people[name][0]},{dice.choice(['anna', 'Ben Okafor'])}")
    for n in range(160):
        day = today - timedelta(days=dice.randrange(200))
        some = dice.sample(names[:10], dice.choice((1, 1, 2)))
        kind, outcome = dice.choice(("call", "email", "note", "visit")), dice.choice(("", "", "reached", "no_answer"))
        rows.append(f"{day} {dice.randrange(24):02}:30,{kind},x,{some[0]},{';'.join(some[1:])},{outcome},X{n}")
        if kind != "note" and outcome != "no_answer":
            for name in some:
                people[name][1].append(day)
    (world.folder / "c.csv").write_text("\n".join(lines) + "\n")
    (world.folder / "a.csv").write_text("\n".join(rows) + "\n")
    world.ok("import", "contact", "c.csv", "--yes")
    world.ok("import", "activity", "a.csv")
    told = world.ok("report", "cadence", "--json").json
    known = {}
    for row in rows[1:]:
        when, _, _, main, others, *_ = row.split(",")
        for name in (main, *filter(None, others.split(";"))):
            known[name] = min(known.get(name, today), date.fromisoformat(when[:10]))
    assert len(told["rows"]) == len(names)
    for row in told["rows"]:
        every, days = people[row["contact"]]
        expected = independently(every, days, known.get(row["contact"], today), today)
        assert (row["wanted"], row["actual"], row["rating"], row["next_due"], row["late"]) == expected, row["contact"]
    for by in ("rep", "team", "cadence"):
        grouped = world.ok("report", "cadence", "--by", by, "--json").json
        for figure in ("contacts", "under", "over", "as_wanted", "late", "actual"):
            assert sum(r[figure] for r in grouped["rows"]) == grouped["total"][figure] == told["sums"][figure]
        for row in grouped["rows"]:
            assert row["contacts"] == row["under"] + row["over"] + row["as_wanted"]


def test_periods_as_of_and_filters(world) -> None:
    world.ok("contact", "edit", "C-1", "cadence=weekly")
    world.ok("log", "C-1", "call", "x", "--when", "2026-09-01")
    world.ok("log", "C-1", "call", "x", "--when", "2026-09-08 8:00")
    world.ok("log", "C-1", "call", "x", "--when", "2026-09-08 18:00")
    row = world.ok("report", "cadence", "--period", "2026-09", "--json").json["rows"][0]
    assert (row["days"], row["wanted"], row["actual"], row["last"], row["next_due"], row["late"]) == (
        30,
        4.3,
        2,
        "2026-09-08",
        "2026-09-15",
        True,
    )
    assert world.ok("report", "cadence", "owner:Ben", "--json").json["rows"] == []
    world.monkeypatch.setenv("SFA_TODAY", "2026-12-01T09:00:00Z")
    world.ok("contact", "edit", "C-1", "cadence=yearly")
    assert world.ok("report", "cadence", "--json").json["rows"][0]["cadence"] == "yearly"
    assert world.ok("report", "cadence", "--as-of", "2026-11-24", "--json").json["rows"][0]["cadence"] == "weekly"
    assert world("report", "cadence", "--by", "reps").code == 2
    assert "Contact = a day" in world.ok("report", "cadence", "--explain").out


def test_contacts_after_do_not_contact_are_over(world) -> None:
    world.ok("log", "C-1", "call", "before", "--when", "2026-11-01")
    world.ok("contact", "edit", "C-1", "do_not_contact=2026-11-10 left")
    assert world.ok("report", "cadence", "--json").json["rows"] == []
    world.ok("log", "C-1", "call", "after", "--when", "2026-11-11")
    row = world.ok("report", "cadence", "--json").json["rows"][0]
    assert (row["cadence"], row["wanted"], row["actual"], row["rating"], row["next_due"]) == ("never", 0.0, 1, "over", None)
    shown = world.ok("report", "cadence", "--format", "table").out
    assert "1 contact: 0 under, 1 over" in shown
