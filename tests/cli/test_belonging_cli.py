"""New leads and contacts linked to the account that they belong to: the setting `duplicates` says link."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Sfa


@pytest.fixture
def firms(sfa: Sfa) -> Sfa:
    for name, *more in (("Blue Harbor Ltd", "--website", "blueharbor.example"), ("Acme GmbH",), ("Acme Inc",), ("Old Mill",)):
        sfa.ok("account", "add", name, *more)
    sfa.ok("config", "set", "duplicates", "link")
    return sfa


def matched(sfa: Sfa) -> dict[str, str | None]:
    return {r["name"]: r["matched_account"] for r in sfa.ok("lead", "list", "--json").json}


def test_a_new_lead_is_linked_and_says_so(firms: Sfa) -> None:
    said = firms.ok("lead", "add", "Jo Park", "--email", "jo@blueharbor.example")
    assert "Added L-1 Jo Park, of A-1 Blue Harbor Ltd (domain)" in said.err
    unsure = firms.ok("lead", "add", "Ana Silva", "--company", "Acme").err
    assert "it may belong to A-2 Acme GmbH, A-3 Acme Inc, and was linked to none: sfa lead edit L-2 matched_account=A-2" in unsure
    firms.ok("lead", "add", "Pat Doe", "--email", "pat@gmail.com")
    firms.ok("lead", "add", "Own", "--email", "own@blueharbor.example", "matched_account=Old Mill")
    assert matched(firms) == {"Jo Park": "Blue Harbor Ltd", "Ana Silva": None, "Pat Doe": None, "Own": "Old Mill"}
    assert [r["name"] for r in firms.ok("lead", "list", "matched_account:Blue Harbor Ltd", "--json").json] == ["Jo Park"]
    assert "matched account" in firms.ok("lead", "show", "L-1", "--format", "table").out
    firms.ok("undo")
    firms.ok("contact", "add", "Lee Moss", "--email", "lee@blueharbor.example")
    assert [c["account"] for c in firms.ok("contact", "list", "--json").json] == ["Blue Harbor Ltd"]
    firms.ok("config", "set", "duplicates", "warn")
    firms.ok("lead", "add", "Kit", "--email", "kit@blueharbor.example")
    assert matched(firms)["Kit"] is None


def test_a_lead_is_converted_into_its_account(firms: Sfa) -> None:
    firms.ok("lead", "add", "Jo Park", "--company", "Harbor Holding", "--email", "jo@x.example", "matched_account=Old Mill")
    firms.ok("lead", "convert", "L-1")
    assert [(c["name"], c["account"]) for c in firms.ok("contact", "list", "--json").json] == [("Jo Park", "Old Mill")]
    assert len(firms.ok("account", "list", "--json").json) == 4


def test_an_import_links_and_counts(firms: Sfa, tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text(
        "Name,Company,Email\nJo,Blue Harbor,jo@q.example\nKit,Acme,k@q.example\nAna,New One,a@blueharbor.example\nPat,,p@gmail.com\n"
    )
    tried = firms.ok("import", "lead", "l.csv", "--dry-run", "--json").json
    done = firms.ok("import", "lead", "l.csv", "--json").json
    assert done["linked"] == tried["linked"] == 2
    assert "not linked to an account, as several may be meant or it is not sure: 1" in done["notes"]
    assert matched(firms) == {"Jo": "Blue Harbor Ltd", "Kit": None, "Ana": "Blue Harbor Ltd", "Pat": None}
    assert firms.ok("import", "lead", "l.csv", "--json").json["unchanged"] == 4


def test_rules_know_the_account(firms: Sfa, tmp_path: Path) -> None:
    firms.ok("user", "add", "Ben Okafor")
    firms.ok("rule", "add", "Harbor", "matched_account:Blue Harbor Ltd", "--to", "Ben Okafor")
    firms.ok("lead", "add", "Jo Park", "--email", "jo@blueharbor.example")
    (tmp_path / "l.csv").write_text("Name,Email\nKit,kit@blueharbor.example\nAna,ana@else.example\n")
    firms.ok("import", "lead", "l.csv")
    owners = {r["name"]: r["owner"] for r in firms.ok("lead", "list", "--json").json}
    assert owners["Jo Park"] == owners["Kit"] == "Ben Okafor" != owners["Ana"]
