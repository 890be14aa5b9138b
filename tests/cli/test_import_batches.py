"""Rows of one file that are one record find each other however far apart they stand: what is remembered of a batch outlives it."""

from __future__ import annotations

from pathlib import Path

from conftest import Sfa

FAR = 4_500


def leads(folder: Path, special: dict[int, str]) -> Path:
    """A file of leads with an id and an e-mail each, and special lines at their places."""
    path = folder / "leads.csv"
    plain = (special.get(i) or f"id{i},Lead {i},l{i}@firm.example" for i in range(FAR))
    path.write_text("Id,Name,Email\n" + "\n".join(plain) + "\n", encoding="utf-8")
    return path


def test_a_record_goes_by_the_id_of_a_row_far_before(sfa: Sfa, tmp_path: Path) -> None:
    path = leads(tmp_path, {10: "X,Ann,a@firm.example", 4_000: "X,Ann,b@firm.example"})
    got = sfa.ok("import", "lead", str(path), "--on-duplicate", "update", "--format", "json").json
    assert (got["new"], got["updated"], got["duplicates"], got["matched_by"]) == (FAR - 1, 1, 1, {"external_id": 1})


def test_a_changed_email_is_known_to_the_rows_after_it(sfa: Sfa, tmp_path: Path) -> None:
    for apart in (12, 3_000):
        special = {10: "X,Ann,a@firm.example", 11: "X,Ann,b@firm.example", apart: ",Ann,b@firm.example"}
        got = sfa.ok("import", "lead", str(leads(tmp_path, special)), "--on-duplicate", "update", "--format", "json").json
        assert (got["new"], got["matched_by"]) == (FAR - 2, {"external_id": 1, "email": 1})
        sfa.ok("undo", "--yes")


def test_an_id_that_nothing_was_written_of_still_means_its_record(sfa: Sfa, tmp_path: Path) -> None:
    for apart in (12, 3_000):
        special = {10: ",Ann,a@firm.example", 11: "X,Ann B,a@firm.example", apart: "X,Ann,"}
        got = sfa.ok("import", "lead", str(leads(tmp_path, special)), "--on-duplicate", "skip", "--format", "json").json
        assert (got["new"], got["matched_by"]) == (FAR - 2, {"email": 1, "external_id": 1})
        sfa.ok("undo", "--yes")


def test_the_second_run_finds_every_row_of_the_first(sfa: Sfa, tmp_path: Path) -> None:
    path = leads(tmp_path, {4_000: "id10,Lead 10,l10@firm.example"})
    sfa.ok("import", "lead", str(path))
    again = sfa.ok("import", "lead", str(path), "--format", "json").json
    assert (again["new"], again["unchanged"], again["duplicates"]) == (0, FAR, 1)
