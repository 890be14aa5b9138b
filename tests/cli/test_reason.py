"""Reasons, secondary reasons, competitors, fields that a stage requires, days to try again, and the report of lost deals that are due."""

from __future__ import annotations

import os
import pty
import random
import subprocess
import sys
import threading
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import pytest
from conftest import ROOT, Sfa

TODAY = "2026-11-23"
SAID = ("stage", "closed", "reason", "secondary_reason", "reason_note", "competitor", "revisit")


@pytest.fixture
def deal(sfa: Sfa) -> Sfa:
    for line in (
        "account|add|Acme",
        "account|add|Rival Corp|types=competitor",
        "account|add|Partner Co|types=partner",
        "opp|add|Big deal|account=Acme|amount=50k|opened=2026-01-05",
    ):
        sfa.ok(*line.split("|"))
    return sfa


def said(sfa: Sfa, ref: str = "O-1") -> dict[str, Any]:
    record = sfa.ok("opp", "show", ref, "--json").json
    return {n: record[n] for n in SAID}


# The catalogue ----------------------------------------------------------------------------------------------------------------------


def test_the_default_catalogue(deal: Sfa) -> None:
    rows = deal.ok("reason", "list", "outcome:lost", "--json").json
    assert {r["name"]: (r["recoverable"], r["revisit_months"]) for r in rows} == {
        "Too expensive": (True, 6),
        "Missing feature": (True, 12),
        "Lost to competitor": (True, 12),
        "No decision": (True, 6),
        "No budget": (True, 12),
        "Bad timing": (True, 6),
        "No longer responding": (True, 9),
    }
    assert not any(r["recoverable"] or r["revisit_months"] for r in deal.ok("reason", "list", "outcome:won", "--json").json)


def test_a_reason_of_ones_own(deal: Sfa) -> None:
    deal.ok("reason", "add", "Stayed with incumbent", "--group", "Competitor", "--weight", "2.5", "--revisit-months", "18")
    made = deal.ok("reason", "list", "ref:R-11", "--json").json[0]
    assert (made["group"], made["weight"], made["recoverable"], made["revisit_months"]) == ("competitor", 2.5, True, 18)
    assert "recoverable yes → no, months until revisit cleared (was 18)" in deal.ok("reason", "edit", "R-11", "recoverable=no").err
    deal.ok("undo", "--yes")
    assert deal.ok("reason", "list", "ref:R-11", "--json").json == [made]


@pytest.mark.parametrize(
    ("argv", "code", "says"),
    [
        (("add", "X", "weight=0"), 2, "above 0"),
        (("add", "X", "weight=much"), 2, "not a number"),
        (("add", "X", "revisit_months=1.5"), 2, "whole number"),
        (("add", "X", "revisit_months=6", "recoverable=no"), 4, "for good"),
        (("add", "X", "outcome=won", "recoverable=yes"), 4, "only a lost deal"),
        (("edit", "Best fit", "revisit_months=6"), 4, "only a lost deal"),
        (("edit", "No budget", "weight=-1"), 2, "above 0"),
        (("edit", "No budget", "outcome=won"), 4, "a deal was lost for 'No budget'"),
        (("edit", "Bad timing", "outcome=won"), 4, "a deal was lost for 'Bad timing'"),
    ],
)
def test_what_a_reason_cannot_be(deal: Sfa, argv: tuple[str, ...], code: int, says: str) -> None:
    deal.ok("opp", "lose", "O-1", "--reason", "no budget", "--secondary-reason", "bad timing")
    before = deal.ok("reason", "list", "--json").json
    result = deal("reason", *argv)
    assert result.code == code and says in result.err, result
    assert deal.ok("reason", "list", "--json").json == before


def test_a_file_of_reasons(deal: Sfa) -> None:
    """Files go by the same rules, row by row; new reasons and those that are there."""
    (deal.folder / "r.csv").write_text(
        "name,outcome,group,weight,recoverable,revisit months\n"
        "Security review,lost,Compliance,3,,9\n"
        "Certificate,lost,COMPLIANCE,,no,\n"
        "Bad,lost,,0,,\n"
        "Worse,won,,,yes,\n"
        "No budget,lost,,,no,\n"
        "Too expensive,lost,,,no,3\n",
        encoding="utf-8",
    )
    done = deal("import", "reason", "r.csv", "--on-duplicate", "update", "--rejects", "bad.csv", "--json")
    assert (done.code, done.json["new"], done.json["updated"], done.json["rejected"]) == (7, 2, 1, 3), done
    why = (deal.folder / "bad.csv").read_text(encoding="utf-8")
    assert all(text in why for text in ("0 is not above 0", "only a lost deal", "for good"))
    rows = {r["name"]: r for r in deal.ok("reason", "list", "--json").json}
    shown = {n: tuple(rows[n][f] for f in ("group", "weight", "recoverable", "revisit_months")) for n in rows}
    assert shown["Security review"] == ("Compliance", 3, True, 9) and shown["Certificate"] == ("Compliance", None, False, None)
    assert shown["No budget"] == ("qualification", None, False, None) and shown["Too expensive"] == ("price", None, True, 6)


# Winning and losing -----------------------------------------------------------------------------------------------------------------


def test_losing_reopening_and_taking_back(deal: Sfa) -> None:
    before = said(deal)
    lost = deal.ok("opp", "lose", "O-1", "--reason", "too exp", "--secondary-reason", "feature", "--competitor", "rival",
                   "--reason-note", "15 % above Rival", "closed=2026-08-31")  # fmt: skip
    assert "reason Too expensive, secondary reason Missing feature, reason note 15 % above Rival" in lost.err
    assert "competitor Rival Corp, revisit 2027-02-28" in lost.err and "marked" not in lost.err
    values = ("Lost", "2026-08-31", "Too expensive", "Missing feature", "15 % above Rival", "Rival Corp", "2027-02-28")
    after = dict(zip(SAID, values, strict=True))
    assert said(deal) == after
    again = deal.ok("opp", "reopen", "O-1")
    assert "revisit cleared (was 2027-02-28)" in again.err and "secondary reason cleared (was Missing feature)" in again.err
    # Whom one was up against is known of an open deal as well.
    assert said(deal) == {**before, "competitor": "Rival Corp"}
    for taken_back in (after, before):
        deal.ok("undo", "--yes")
        assert said(deal) == taken_back
    deal.ok("redo")
    assert said(deal) == after


def test_winning_against_somebody(deal: Sfa) -> None:
    won = deal.ok("opp", "win", "O-1", "--reason", "best fit", "--secondary-reason", "best price", "--competitor", "partner")
    assert "Partner Co is not marked as a competitor; if it is one: sfa account edit A-3 types=partner,competitor" in won.err
    assert said(deal) == dict(zip(SAID, ("Won", TODAY, "Best fit", "Best price", None, "Partner Co", None), strict=True))
    deal.ok("account", "edit", "A-3", "types=partner,competitor")
    deal.ok("opp", "reopen", "O-1", "competitor=")
    assert "marked" not in deal.ok("opp", "win", "O-1", "--competitor", "partner").err


@pytest.mark.parametrize(
    ("argv", "code", "says"),
    [
        (("lose", "O-1", "--secondary-reason", "timing"), 2, "needs a reason"),
        (("lose", "O-1", "--reason", "timing", "--secondary-reason", "timing"), 4, "'Bad timing' is the primary reason already"),
        (("lose", "O-1", "--reason", "timing", "--secondary-reason", "best fit"), 4, "'Best fit' is a reason for won deals"),
        (("win", "O-1", "--reason", "best fit", "--secondary-reason", "timing"), 4, "'Bad timing' is a reason for lost deals"),
        (("win", "O-1", "--secondary-reason", "best fit"), 4, "beside a primary one"),
        (("win", "O-1", "--revisit", "+6m"), 2, "revisit"),
        (("win", "O-1", "revisit=+6m"), 4, "a deal that is won is not tried again"),
        (("edit", "O-1", "revisit=+6m"), 4, "a deal that is open is not tried again"),
        (("propose", "O-1", "revisit=+6m"), 4, "a deal that is open is not tried again"),
        (("lose", "O-1", "--reason", "timing", "--revisit", "sometime"), 2, "revisit: 'sometime'"),
        (("lose", "O-1", "--reason", "timing", "--competitor", "Rivl"), 3, "Did you mean A-2 Rival Corp?"),
        (("lose", "O-1", "--reason", "timing", "--competitor", "Xyzzy"), 3, "no account matches 'Xyzzy'"),
        (("lose", "O-1", "--reason", "too expnsive"), 3, "Did you mean 'Too expensive'?"),
    ],
)
def test_what_cannot_be_said_of_an_end(deal: Sfa, argv: tuple[str, ...], code: int, says: str) -> None:
    before = said(deal)
    result = deal("opp", *argv)
    assert result.code == code and says in result.err, result
    assert said(deal) == before


@pytest.mark.parametrize(
    ("more", "revisit"),
    [
        (("--reason", "too expensive"), "2027-05-23"),
        (("--reason", "no budget", "closed=2024-02-29"), "2025-02-28"),
        (("--reason", "too expensive", "--revisit", "2027-01-15"), "2027-01-15"),
        (("--reason", "too expensive", "--revisit", "none"), None),
        (("--reason", "too expensive", "revisit="), None),
        (("--reason", "Went bankrupt"), None),
        (("--reason", "Went bankrupt", "--revisit", "2028-01-03"), "2028-01-03"),
        (("--reason", "Went bankrupt", "--secondary-reason", "too expensive"), None),
        (("--reason", "Merger"), None),
    ],
)
def test_when_a_lost_deal_is_tried_again(deal: Sfa, more: tuple[str, ...], revisit: str | None) -> None:
    deal.ok("reason", "add", "Went bankrupt", "recoverable=no")
    deal.ok("reason", "add", "Merger", "recoverable=yes")
    done = deal.ok("opp", "lose", "O-1", *more)
    assert said(deal)["revisit"] == revisit and (f"revisit {revisit}" in done.err) == (revisit is not None)


def test_correcting_a_loss_corrects_its_revisit(deal: Sfa) -> None:
    deal.ok("opp", "lose", "O-1", "--reason", "too expensive")
    for edit, wanted in (
        ("reason=No budget", "2027-11-23"),
        ("closed=2026-10-31", "2027-10-31"),
        ("revisit=2027-01-01", "2027-01-01"),  # from here on somebody has said so
        ("reason=Bad timing", "2027-01-01"),
        ("closed=2026-09-30", "2027-01-01"),
        ("revisit=", None),
        ("reason=No budget", None),
    ):
        deal.ok("opp", "edit", "O-1", edit)
        assert said(deal)["revisit"] == wanted, edit
    assert "before it was lost" in deal.ok("opp", "edit", "O-1", "revisit=2026-01-01").err


# Required fields --------------------------------------------------------------------------------------------------------------------


def test_a_stage_requires_fields(deal: Sfa) -> None:
    deal.ok("stage", "edit", "Lost", "required_fields=reason, Competitor,reason")
    deal.ok("stage", "edit", "Proposal", "--required-fields", "close")
    deal.ok("stage", "edit", "Won", "required_fields=reason-note")
    kept = {r["name"]: r["required_fields"] for r in deal.ok("stage", "list", "--json").json}
    assert (kept["Lost"], kept["Proposal"], kept["Won"]) == ("reason,competitor", "close", "reason_note")
    for argv, lacking in (
        (("lose", "O-1"), "Lost requires reason, competitor"),
        (("lose", "O-1", "--reason", "timing"), "Lost requires competitor"),
        (("lose", "O-1", "--reason", "timing", "competitor="), "Lost requires competitor"),
        (("move", "O-1", "lost", "competitor=Rival Corp"), "Lost requires reason"),
        (("edit", "O-1", "stage=lost", "reason=timing"), "Lost requires competitor"),
        (("add", "Y", "stage=lost", "reason=timing"), "Lost requires competitor"),
        (("propose", "O-1"), "Proposal requires close"),
        (("win", "O-1", "--reason", "best fit"), "Won requires reason_note"),
    ):
        refused = deal("opp", *argv)
        assert refused.code == 4 and lacking in refused.err and "in the same command: " in refused.err, refused
    assert said(deal)["stage"] == "Prospecting"
    deal.ok("opp", "qualify", "O-1")
    deal.ok("opp", "negotiate", "O-1")  # Proposal is skipped, not come into
    deal.ok("opp", "edit", "O-1", "competitor=rival")
    deal.ok("opp", "lose", "O-1", "--reason", "timing")
    deal.ok("opp", "add", "New")  # the first stage is come into by being made, which asks for nothing
    deal.ok("pipeline", "add", "Copy", "--like", "Sales")
    assert deal.ok("stage", "list", "pipeline:Copy", "name:lost", "--json").json[0]["required_fields"] == "reason,competitor"
    deal.ok("stage", "edit", "S-6", "required_fields=")
    deal.ok("opp", "lose", "New", "--reason", "timing")


def test_files_are_not_bound_by_required_fields(deal: Sfa) -> None:
    deal.ok("stage", "edit", "Lost", "required_fields=reason,competitor")
    (deal.folder / "o.csv").write_text("Id,Name,Account,Stage,Amount,Close Date\n1,Old,Acme,Lost,5,2024-01-31\n", encoding="utf-8")
    deal.ok("import", "opp", "o.csv")
    assert said(deal, "O-2") == {**dict.fromkeys(SAID), "stage": "Lost", "closed": "2024-01-31"}


@pytest.mark.parametrize(
    ("names", "says"),
    [("amout", "Did you mean 'amount'"), ("reason,nothing", "opp has no field 'nothing'"), ("external_id", "no field 'external_id'")],
)
def test_what_a_stage_cannot_require(deal: Sfa, names: str, says: str) -> None:
    refused = deal("stage", "edit", "Lost", f"required_fields={names}")
    assert refused.code == 2 and "required fields: " in refused.err and says in refused.err


def test_fields_of_the_companys_own_are_required(deal: Sfa) -> None:
    deal.ok("config", "field", "add", "opp", "debrief", "bool")
    deal.ok("stage", "edit", "Won", "required_fields=debrief")
    assert deal("opp", "win", "O-1").code == 4
    deal.ok("opp", "win", "O-1", "debrief=no")


def typed(sfa: Sfa, answers: list[str], *argv: str) -> tuple[int, str]:
    """(exit code, what the terminal shows) of a command whose stdin, stdout and stderr are a terminal on which a person types."""
    ours, theirs = pty.openpty()
    shown: list[bytes] = []

    def read() -> None:
        try:
            while data := os.read(ours, 65536):
                shown.append(data)
        except OSError:
            return  # the other end was closed

    process = subprocess.Popen(
        [sys.executable, "-m", "sfa", *argv], stdin=theirs, stdout=theirs, stderr=theirs, cwd=sfa.folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "200"},
    )  # fmt: skip
    os.close(theirs)
    reader = threading.Thread(target=read)
    reader.start()
    os.write(ours, "".join(f"{a}\n" for a in answers).encode())
    code = process.wait(60)
    reader.join(10)
    os.close(ours)
    return code, b"".join(shown).decode("utf-8", "replace")


def test_a_person_at_a_terminal_is_asked(deal: Sfa) -> None:
    deal.ok("stage", "edit", "Lost", "required_fields=competitor,type,reason_note")
    code, shown = typed(deal, ["too exp", "rival", "new", "dear"], "opp", "lose", "O-1")
    assert code == 0, shown
    for question in ("Reasons: ", "Reason: ", "Competitor (sfa account list shows them): ", "Reason note: "):
        assert question in shown
    assert "Type (new, existing, renewal): " in shown and "revisit 2027-05-23" in shown
    assert said(deal) == dict(zip(SAID, ("Lost", TODAY, "Too expensive", None, "dear", "Rival Corp", "2027-05-23"), strict=True))
    assert deal.ok("opp", "show", "O-1", "--json").json["type"] == "new"


def test_only_what_is_missing_is_asked_for_and_a_blank_answer_is_none(deal: Sfa) -> None:
    deal.ok("stage", "edit", "Won", "required_fields=competitor,amount,reason")
    code, shown = typed(deal, [""], "opp", "win", "O-1", "--reason", "best fit")
    assert code == 4 and "stage Won requires competitor" in shown
    assert "Competitor (" in shown and "Amount" not in shown and "Reason (" not in shown
    assert said(deal)["stage"] == "Prospecting"
    assert typed(deal, ["partner"], "opp", "win", "O-1", "--reason", "best fit")[0] == 0


# Files and forgetting ---------------------------------------------------------------------------------------------------------------


def test_exports_of_other_products(deal: Sfa) -> None:
    (deal.folder / "o.csv").write_text(
        "Opportunity ID,Opportunity Name,Account Name,Stage,Amount,Close Date,Loss Reason,Secondary Loss Reason,Loss Reason Details,"
        "Lost To,Revisit Date\n"
        "1,A,Acme,Closed Lost,5,2026-01-31,Too expensive,No budget,\"asked for 20 %, twice\",Rival Corp,2026-12-01\n"
        "2,B,Acme,Closed Lost,5,2026-01-31,,No budget,,,\n"
        "3,C,Acme,Closed Lost,5,2026-01-31,No budget,No budget,,,\n"
        "4,D,Acme,Closed Won,5,2026-01-31,Best fit,,,Rival Corp,2026-12-01\n",
        encoding="utf-8",
    )  # fmt: skip
    done = deal.ok("import", "opp", "o.csv", "--json").json
    assert (done["new"], done["left_out"], done["blanked"]) == (4, [], {"secondary_reason": 1, "revisit": 1})
    rows = {r["name"]: tuple(r[n] for n in SAID[2:]) for r in deal.ok("opp", "list", "closed:2026-01", "--json").json}
    assert rows == {
        "A": ("Too expensive", "No budget", "asked for 20 %, twice", "Rival Corp", "2026-12-01"),
        "B": ("No budget", None, None, None, None),
        "C": ("No budget", None, None, None, None),
        "D": ("Best fit", None, None, "Rival Corp", None),
    }
    again = deal.ok("import", "opp", "o.csv", "--json").json
    assert (again["unchanged"], again["operation"]) == (4, None)


def test_what_people_wrote_of_a_loss_is_forgotten_with_the_person(deal: Sfa) -> None:
    deal.ok("contact", "add", "Xiaoming Zhang", "account=Acme", "email=xz@acme.example")
    deal.ok("opp", "lose", "O-1", "--reason", "timing", "--reason-note", "Xiaoming Zhang left, write to xz@acme.example")
    deal.ok("opp", "edit", "O-1", "reason_note=ask Xiaoming Zhang in May")
    deal.ok("erase", "C-1", "--yes")
    assert said(deal)["reason_note"] == "ask (erased) in May" and said(deal)["revisit"] == "2027-05-23"
    held = b"".join(p.read_bytes() for p in deal.folder.glob("sfa.db*"))
    assert b"timing" in held and b"Xiaoming" not in held and b"xz@acme" not in held


# Winning back -----------------------------------------------------------------------------------------------------------------------

RATES = {"EUR": [("2024-01-01", "1.10"), ("2026-01-01", "1.20")], "JPY": [("2024-01-01", "0.0067")]}
DIGITS = {"USD": 2, "EUR": 2, "JPY": 0}


def book(sfa: Sfa, seed: int) -> dict[str, list[tuple[int, str]]]:
    """Deals over a few accounts, written through the program's own writer in four operations: opened, changed, closed, changed again.
    Returns deal → (amount, currency) in the order in which it had them while it was open."""
    from sfa.settings import Settings
    from sfa.store import deals as writer
    from sfa.store.database import connect
    from sfa.store.lookup import get
    from sfa.store.operations import operation

    dice = random.Random(seed)
    store = connect(str(sfa.db), Settings().calendar(), write=True, me="anna", currency="USD")
    kind = store.kinds["opportunity"]
    had: dict[str, list[tuple[int, str]]] = {}
    made: list[int] = []
    with operation(store, "book") as op:
        anna = store.db.execute("SELECT id FROM user").fetchone()[0]
        people = [anna, op.insert("user", {"name": "Ben", "active": 1}), None]
        accounts = [op.insert("account", {"name": f"Account {i}", "types": "prospect"}) for i in range(14)] + [None]
        for currency, dated in RATES.items():
            for day, rate in dated:
                op.insert("rate", {"currency": currency, "base": "USD", "date": day, "rate": rate})
        good = op.insert("reason", {"name": "Gone", "outcome": "lost", "recoverable": 0})
        for i in range(120):
            opened = None if dice.random() < 0.1 else str(date(2024, 6, 1) + timedelta(dice.randrange(900)))
            amount, currency = dice.choice([None, 0, dice.randrange(10**6)]), dice.choice(["USD", "USD", "EUR", "JPY"])
            given = {"name": f"D{i}", "account": dice.choice(accounts), "owner": dice.choice(people), "opened": opened}
            given |= {"amount": amount, "currency": currency}
            made.append(writer.add(op, kind, given))
            had[f"D{i}"] = [(amount, currency)]
    for closing in (False, True):
        with operation(store, "book") as op:
            stages = dict(store.db.execute("SELECT name,id FROM stage").fetchall())
            reasons = [r[0] for r in store.db.execute("SELECT id FROM reason WHERE outcome='lost'")]
            for number in made:
                before = get(store, "opportunity", number) or {}
                if not closing and dice.random() < 0.5:
                    change = {"amount": dice.choice([None, 0, dice.randrange(10**6)])}
                    writer.change(op, kind, before, change)
                    had[before["name"]].append((change["amount"], before["currency"]))
                elif closing and dice.random() < 0.85:
                    closed = str(date(2025, 6, 1) + timedelta(dice.randrange(540)))
                    end = {"stage": stages["Lost"], "reason": dice.choice([*reasons, good]), "closed": closed}
                    end = {"stage": stages["Won"], "closed": closed} if dice.random() < 0.12 else end
                    if "reason" in end and dice.random() < 0.2:
                        end["revisit"] = dice.choice([None, "2026-11-23", "2026-11-24", "2026-12-23"])
                    writer.change(op, kind, before, {**end, "amount": before["amount"] if dice.random() < 0.7 else 77})
    store.db.close()
    return had


def in_dollars(amount: int, currency: str, day: str) -> Decimal:
    value = Decimal(amount) / 10 ** DIGITS[currency]
    rate = Decimal(1) if currency == "USD" else Decimal([r for start, r in RATES[currency] if start <= day][-1])
    return (value * rate).quantize(Decimal("0.01"), ROUND_HALF_EVEN)


def expected(sfa: Sfa, had: dict[str, list[tuple[int, str]]], until: str, owner: str = "") -> tuple[list[tuple[Any, ...]], dict[str, int]]:
    """(ref, amount, days overdue) of the report's rows in order, and its counts, from the listing alone and from what the deals had."""
    deals = sfa.ok("opp", "list", "--json").json
    recoverable = {r["name"] for r in sfa.ok("reason", "list", "--json").json if r["recoverable"]}
    rows, counts = [], {"answered": 0, "undated": 0, "later": 0}
    for d in deals:
        if d["stage"] != "Lost" or (owner and d["owner"] != owner):
            continue
        counts["undated"] += d["revisit"] is None and d["reason"] in recoverable
        if d["revisit"] is None:
            continue
        newer = any(
            d["account"] is not None and n["account"] == d["account"] and n["ref"] != d["ref"]
            and ((n["stage"] == "Won" and n["closed"] >= d["closed"])
                 or (n["stage"] not in ("Won", "Lost") and n["opened"] is not None and n["opened"] >= d["closed"]))
            for n in deals
        )  # fmt: skip
        if d["revisit"] > until:
            counts["later"] += not newer
        elif newer:
            counts["answered"] += 1
        else:
            open_ones = [a for a in had[d["name"]] if a[0]]
            last = in_dollars(*open_ones[-1], d["closed"]) if open_ones else None
            if last is None and d["amount"] and Decimal(d["amount"]["amount"]):
                own = d["amount"]
                last = in_dollars(int(Decimal(own["amount"]) * 10 ** DIGITS[own["currency"]]), own["currency"], d["closed"])
            rows.append((d["ref"], last, (date.fromisoformat(TODAY) - date.fromisoformat(d["revisit"])).days, d["revisit"]))
    rows.sort(key=lambda r: (r[1] is None, -(r[1] or 0), r[3], int(r[0][2:])))
    return [r[:3] for r in rows], counts


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_winback_against_plain_python(sfa: Sfa, seed: int) -> None:
    sfa.ok("user", "add", "anna")
    had = book(sfa, seed)
    for argv, until, owner in (
        ((), TODAY, ""),
        (("is:mine",), TODAY, "anna"),
        (("--within", "1m"), "2026-12-23", ""),
        (("--until", "2027-06-30", "owner:Ben"), "2027-06-30", "Ben"),
        (("--until", "2026-02-01"), "2026-02-01", ""),
    ):
        wanted, counts = expected(sfa, had, until, owner)
        got = sfa.ok("report", "winback", *argv, "--json").json
        amounts = [None if r["lost_amount"] is None else Decimal(r["lost_amount"]["amount"]) for r in got["rows"]]
        assert [(r["ref"], a, r["days_overdue"]) for r, a in zip(got["rows"], amounts, strict=True)] == wanted
        assert Decimal(got["total"]["lost_amount"]["amount"]) == sum(a for _, a, _ in wanted if a)
        left = got["left_out"]
        assert (left["account_has_newer_deal"], left["recoverable_without_revisit"]) == (counts["answered"], counts["undated"])
        assert (got["due_later"]["count"], got["until"]) == (counts["later"], until)
        if not argv:
            assert wanted and counts["answered"] and counts["undated"] and counts["later"], "the book has a case of each"
            assert any(a is None for _, a, _ in wanted)


def test_winback_for_people(deal: Sfa) -> None:
    nothing = deal.ok("report", "winback", "--format", "table")
    assert nothing.out == "" and "No lost deal is due" in nothing.err
    deal.ok("opp", "lose", "O-1", "--reason", "too expensive", "--competitor", "rival", "closed=2026-02-10")
    deal.ok("opp", "add", "Later", "amount=9", "account=Acme", "opened=2026-01-01")
    deal.ok("opp", "lose", "Later", "--reason", "no budget")
    deal.ok("opp", "add", "Never said")
    deal.ok("opp", "lose", "Never said", "--reason", "no budget", "--revisit", "none")
    shown = deal.ok("report", "winback", "--format", "table").out
    assert "Lost deals to try again by 2026-11-23" in shown
    row = next(line for line in shown.splitlines() if line.startswith("O-1 "))
    for cell in ("Big deal", "Acme", "50,000", "Too expensive", "Rival Corp", "2026-08-10", "105"):
        assert cell in row
    assert "To take one up again: sfa opp reopen O-1" in shown
    assert "1 due later, the next on 2027-11-23" in shown and "1 lost for a recoverable reason without a revisit date" in shown
    deal.ok("opp", "reopen", "O-1")
    assert deal.ok("report", "winback").out.splitlines()[1:] == []
    deal.ok("undo", "--yes")
    head, *rest = deal.ok("report", "winback").out.splitlines()
    assert head.split("\t")[:2] == ["ref", "deal"] and len(rest) == 1 and "\t50000.00\t2026-02-10\t2026-08-10\t105\t" in rest[0]
    deal.ok("opp", "add", "Newer", "account=Acme")
    shown = deal.ok("report", "winback", "--format", "table").err
    assert "1 due but left out: the account has a newer open or won deal" in shown


def test_winback_as_it_was(deal: Sfa, monkeypatch: pytest.MonkeyPatch) -> None:
    deal.ok("opp", "lose", "O-1", "--reason", "too expensive", "--revisit", "2026-12-01")
    monkeypatch.setenv("SFA_TODAY", "2026-12-10T09:00:00Z")
    deal.ok("opp", "edit", "O-1", "revisit=2027-06-01")
    now = [deal.ok("report", "winback", *past, "--json").json for past in ((), ("--as-of", "2026-12-05"), ("--as-of", "2026-11-25"))]
    assert [[(r["ref"], r["days_overdue"]) for r in part["rows"]] for part in now] == [[], [("O-1", 4)], []]
    assert [part["due_later"]["next"] for part in now] == ["2027-06-01", None, "2026-12-01"]


@pytest.mark.parametrize(
    ("argv", "code", "says"),
    [
        (("--within", "30d", "--until", "2027-01-01"), 2, "exclude each other"),
        (("--within", "soon"), 2, "no length of time"),
        (("--within", "30x"), 2, "30x"),
        (("--until", "whenever"), 2, "whenever"),
        (("2026-Q4",), 2, "is a period, not a filter"),
        (("nothing:here",), 2, "nothing"),
    ],
)
def test_what_winback_cannot_be_asked(deal: Sfa, argv: tuple[str, ...], code: int, says: str) -> None:
    result = deal("report", "winback", *argv)
    assert result.code == code and says in result.err, result


def test_winback_explains_itself(deal: Sfa) -> None:
    told = deal.ok("report", "winback", "--explain").out
    assert "revisit date has come" in told and told.endswith("More: docs/figures.md#winning-back\n")
    assert "## Winning back" in (ROOT / "docs" / "figures.md").read_text(encoding="utf-8")


def test_a_missing_rate_stops_winback_by_name(deal: Sfa) -> None:
    deal.ok("opp", "edit", "O-1", "currency=EUR")
    deal.ok("opp", "lose", "O-1", "--reason", "timing", "--revisit", "today")
    refused = deal("report", "winback")
    assert refused.code == 4 and "no exchange rate of EUR to USD on 2026-11-23" in refused.err
