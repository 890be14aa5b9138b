"""Retention: what `sfa db purge` shows, what it erases, what it never does."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def old(sfa, monkeypatch: pytest.MonkeyPatch):
    """A database of three years ago with something recent in it."""
    at = lambda day: monkeypatch.setenv("SFA_TODAY", f"{day}T12:00:00Z")  # noqa: E731
    at("2023-05-01")
    sfa.ok("account", "add", "Pier")
    for name, *more in (
        ("Silent Sid", "email=sid@s.example", "phone=+353 1 5550101"),
        ("Touched Tim", "email=tim@t.example"),
        ("Called Cat", "email=cat@c.example"),
        ("Out Olga", "email=olga@o.example", "opt_out_email=2023-04-01 letter"),
        ("Nomail Ned", "opt_out_phone=yes", "phone=+353 1 5550102"),
        ("Become Bea", "email=bea@b.example", "company=Pier"),
        ("Twice Tom", "email=tom+old@t.example"),
        ("Due Dan", "email=dan@d.example"),
    ):
        sfa.ok("lead", "add", name, *more)
    sfa.ok("lead", "convert", "Become Bea", "--no-opp", "--account", "Pier")
    sfa.ok("contact", "add", "Deal Dora", "account=Pier")
    sfa.ok("contact", "add", "Gone Gus", "account=Pier", "email=gus@g.example")
    sfa.ok("opp", "add", "Cranes", "account=Pier", "contact=Deal Dora", "close=2027-01-01")
    sfa.ok("log", "Silent Sid", "call", "private matters")
    sfa.ok("log", "O-1", "call", "about cranes")
    sfa.ok("account", "edit", "Pier", "description=Silent Sid and Touched Tim came; call +353 1 5550101")
    at("2023-06-01")
    sfa.ok("log", "Due Dan", "call", "old", "--next", "ring", "--due", "2027-01-01")
    at("2026-11-01")
    sfa.ok("lead", "edit", "Touched Tim", "rating=hot")
    sfa.ok("log", "Called Cat", "call", "hello")
    sfa.ok("contact", "add", "Tom New", "email=tom@t.example")
    at("2026-11-23")
    return sfa


def due(sfa) -> list[str]:
    return [r["name"] for r in sfa.ok("db", "purge", "--dry-run", "--json").json]


def test_leads_that_nothing_happened_with(old) -> None:
    old.ok("config", "set", "retention.lead", "24m")
    shown = old.ok("db", "purge", "--dry-run")
    assert due(old) == ["Silent Sid", "Out Olga"]
    assert "nothing since 2023-05-01; retention.lead is 24m" in shown.out
    assert "Kept although old: 1 converted, 1 opted out without an e-mail, 1 with the e-mail of somebody who stays." in shown.err
    assert "Nothing was written; 2 leads would be erased." in shown.err
    assert old("db", "purge").code == 1
    assert len(due(old)) == 2
    done = old.ok("db", "purge", "--yes")
    assert "Erased 2 leads" in done.err
    assert due(old) == []
    assert "Nothing has been kept too long." in old.ok("db", "purge", "--yes").err
    assert old.ok("db", "check").out.endswith("ok\n")
    assert old.ok("account", "show", "Pier", "--json").json["description"] == "(erased) and Touched Tim came; call (erased)"
    data = b"".join(f.read_bytes() for f in Path().glob("sfa.db*"))
    for secret in (b"Silent Sid", b"sid@s.example", b"5550101", b"private matters", b"Olga"):
        assert secret not in data, secret


def test_it_is_for_good(old) -> None:
    old.ok("config", "set", "retention.lead", "2y")
    old.ok("db", "purge", "--yes")
    purged = old.ok("history", "--limit", "1", "--json").json[0]
    assert purged["command"] == "db purge"
    refused = old("undo", purged["operation"])
    assert refused.code == 4 and "erasure" in refused.err


def test_who_opted_out_does_not_come_back_by_an_import_and_others_may(old) -> None:
    old.ok("config", "set", "retention.lead", "24m")
    old.ok("db", "purge", "--yes")
    Path("l.csv").write_text("Name,Email\nSid,sid@s.example\n")
    old.ok("import", "lead", "l.csv")
    Path("l.csv").write_text("Name,Email\nOlga,olga+again@o.example\n")
    assert old("import", "lead", "l.csv").code == 4


def test_contacts_and_activities(old) -> None:
    old.ok("config", "set", "retention.contact", "24m")
    assert due(old) == ["Become Bea", "Gone Gus"]
    assert "1 on an open deal" in old.ok("db", "purge", "--dry-run").err
    old.ok("config", "set", "retention.activity", "12m")
    assert due(old) == ["Become Bea", "Gone Gus", "private matters"]
    assert "Erased 2 contacts and the text of 1 activity" in old.ok("db", "purge", "--yes").err
    leads = {r["name"] for r in old.ok("lead", "list", "--json").json}
    assert "Become Bea" not in leads and "Silent Sid" in leads, "the lead that a contact was goes with it"
    texts = [r["text"] for r in old.ok("activity", "list", "--json").json]
    assert sorted(texts) == ["(erased)", "about cranes", "hello", "old"]
    assert old.ok("db", "check").out.endswith("ok\n")


def test_the_name_of_somebody_who_stays_is_left_in_texts(old) -> None:
    old.ok("lead", "add", "Sid Silent", "email=another@x.example")
    old.ok("config", "set", "retention.lead", "24m")
    old.ok("db", "purge", "--yes")
    assert old.ok("account", "show", "Pier", "--json").json["description"].startswith("Silent Sid and")


def test_settings(sfa, monkeypatch: pytest.MonkeyPatch) -> None:
    sfa.ok("lead", "add", "A")
    assert "No retention is set" in sfa.ok("db", "purge", "--dry-run").err
    assert sfa("config", "set", "retention.lead", "soon").code == 2
    sfa.ok("config", "set", "retention.lead", "3Y")
    assert sfa.ok("config", "get", "retention.lead").out == "3y\n"
    Path("config.toml").write_text("[retention]\nlead = '18m'\n")
    assert sfa.ok("config", "get", "retention.lead").out == "18m\n"
    monkeypatch.setenv("SFA_RETENTION_CONTACT", "1y")
    assert sfa.ok("config", "get", "retention.contact").out == "1y\n"
    sfa.ok("config", "unset", "retention.lead")
    assert sfa.ok("config", "get", "retention.lead").out == "\n"
    Path("config.toml").write_text("[retention]\nquota = '18m'\n")
    assert sfa("config", "list").code == 2
