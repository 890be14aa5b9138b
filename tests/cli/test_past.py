"""`sfa import history`: the past of deals, and of what they refer to, before this database was made."""

from __future__ import annotations

from typing import Any

ROWS = """OpportunityId,CreatedDate,StageName,Amount,CloseDate
D-1,2026-03-05T09:00:00Z,Qualification,80,2026-09-30
D-1,2026-01-05T09:00:00Z,Prospecting,50,2026-06-30
"""


def _world(sfa: Any) -> None:
    sfa.ok("user", "add", "Bo", "email=bo@house.example")
    sfa.ok("user", "add", "Al", "manager=Bo")
    sfa.ok("account", "add", "Acme")
    sfa.ok("opp", "add", "Deal", "external_id=D-1", "amount=100", "stage=proposal", "account=Acme", "owner=Al")
    (sfa.folder / "history.csv").write_text(ROWS)


def test_a_moment_before_the_database_shows_deals_with_stage_owner_and_account(sfa: Any) -> None:
    _world(sfa)
    sfa.ok("import", "history", "history.csv")
    seen = {}
    for day in ("2026-01-01", "2026-02-01", "2026-04-01", "2026-11-23"):
        deals = sfa.ok("opp", "list", "is:open", "--json", "--as-of", day).json
        seen[day] = [(d["stage"], d["amount"]["amount"], d["owner"], d["account"]) for d in deals]
    assert seen == {
        "2026-01-01": [],
        "2026-02-01": [("Prospecting", "50.00", "Al", "Acme")],
        "2026-04-01": [("Qualification", "80.00", "Al", "Acme")],
        "2026-11-23": [("Proposal", "100.00", "Al", "Acme")],
    }
    rows = sfa.ok("forecast", "--by", "manager", "--period", "2026-Q2", "--as-of", "2026-02-01", "--json").json["rows"]
    assert [(r["manager"], r["pipeline"]["amount"]) for r in rows] == [("Bo", "50.00")]


def test_undo_hides_the_past_and_redo_shows_it_again(sfa: Any) -> None:
    _world(sfa)
    sfa.ok("import", "history", "history.csv")

    def past() -> tuple[int, int]:
        return tuple(len(sfa.ok(kind, "list", "--json", "--as-of", "2026-02-01").json) for kind in ("opp", "account"))

    assert past() == (1, 1)
    sfa.ok("undo", "--yes")
    assert past() == (0, 0)
    sfa.ok("redo", "--yes")
    assert past() == (1, 1)
    assert sfa.ok("import", "history", "history.csv", "--json").json["unchanged"] == 2
