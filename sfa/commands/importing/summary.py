"""What became of an import, for a person."""

from __future__ import annotations

from typing import Any

from sfa import output
from sfa.sales.kinds import KINDS, Kind


def remedies(kind: Kind, reasons: list[str], on_missing: str) -> str:
    """What can be done about rows that cannot be loaded, by the reasons against them."""
    mend = "Mend the file or the map, or add --rejects FILE to load the others"
    parts = []
    missing = [r for r in reasons if " is called " in r and r.startswith("no ")]
    if missing and on_missing in ("", "reject"):
        made = ", ".join(dict.fromkeys(_plural(r.split()[1]) for r in missing))
        if any(r.startswith(("no pipeline", "no opportunity", "no activity", "no lead")) for r in missing):
            made = "what the rows refer to as far as it can"
        parts.append(f"--on-missing create makes {made}, --on-missing blank leaves these cells out.")
        mend = "Otherwise mend" + mend[4:]
    parts.append(f"{mend}.")
    if words := [r.split(":")[0] for r in reasons if "is not one of its values" in r]:
        field = next((f.name for f in kind.fields if f.title == words[0]), words[0])
        parts.append(f"Which of our values a word means, [values.{field}] in a map file says: --save-map FILE writes one to correct.")
    if any(r.startswith(("the same as ", "likely the same as ")) for r in reasons):
        parts.append("--yes loads rows that are likely there already, too.")
    if any("no such column" in r for r in reasons):
        parts.append("--set field=value gives a value to every row.")
    return " ".join(parts)


def _plural(word: str) -> str:
    return next((k.plural for k in KINDS.values() if k.word == word and k.plural), f"{word}s")


def tell_summary(kind: Kind, summary: dict[str, Any]) -> None:
    """The summary for a person."""
    counts = [f"{summary[n]:,} {n}" for n in ("new", "updated", "unchanged", "skipped", "rejected") if summary[n]]
    rows = f"{summary['read']:,} row{'s' if summary['read'] != 1 else ''} of {summary['file']}"
    if kind.name == "quota":
        # A row may hold several quotas, or none: what is new are quotas, what is rejected are rows.
        rows += f" with {summary['quotas']:,} quota{'s' if summary['quotas'] != 1 else ''}"
        counts = [c.replace("rejected", "row rejected" if summary["rejected"] == 1 else "rows rejected") for c in counts]
    counts = [
        f"{c} ({summary['fields_changed']:,} field{'s' if summary['fields_changed'] != 1 else ''})" if c.endswith(" updated") else c
        for c in counts
    ]
    text = f"{rows}: {', '.join(counts) or 'nothing to do'}"
    tell_outcome(summary, text)
    if by := summary["matched_by"]:
        of = kind.by_name
        called = {name: " and ".join(of[n].title if n in of else n.replace("_", " ") for n in name.split(",")) for name in by}
        output.message("  already there by " + ", ".join(f"{called[name]}: {many:,}" for name, many in by.items()))
    if summary["duplicates"]:
        output.message(f"  {summary['duplicates']:,} of them are the record of an earlier row")
    tell_likely(summary)
    if summary["seconds"] >= 1:
        output.message(f"  {summary['seconds']:.1f} s, {summary['read'] / summary['seconds']:,.0f} rows a second")
    for name, of in summary["created_fields"].items():
        output.message(f"  new field {name} ({of})")
    for reason in summary["reasons"][:5]:
        more = f" and {reason['rows'] - 1:,} more" if reason["rows"] > 1 else ""
        output.message(f"  line {reason['line']}{more}: {reason['reason']}")
    tell_created(summary)
    tell_notes(summary)
    if summary["left_out"]:
        cells = [f"{c['column']} ({c['cells']:,} cell{'s' if c['cells'] > 1 else ''})" for c in summary["left_out"]]
        output.message("  left out: " + ", ".join(cells))


def tell_outcome(summary: dict[str, Any], text: str) -> None:
    """The line that says what was read and what became of it, with whether anything was written."""
    if summary["dry_run"]:
        output.message(f"{text}. Nothing was written.")
    elif summary["operation"] is None:
        output.message(f"{text}. Nothing was changed.")
    else:
        output.changed(text)


def tell_likely(summary: dict[str, Any], indent: str = "  ") -> None:
    """How many of the new records are likely there twice, by what they agree in, and the command that shows them."""
    many, by = summary["likely_duplicates"], summary["likely_by"]
    if many is None or not (many or (summary["new"] and not summary["compared_whole"])):
        return
    told = "; ".join(f"{what}: {n:,}" for what, n in [*by.items()][:3]) + ("; …" if len(by) > 3 else "")
    shows = "" if summary["dry_run"] else f"`sfa duplicates {summary['kind']} --of last`"
    if summary["compared_whole"]:
        output.message(f"{indent}likely duplicates: {many:,} ({told})" + (f", see {shows}" if shows else ""))
    else:
        output.message(
            f"{indent}likely duplicates by what tells most alone: {many:,}"
            + (f" ({told})" if told else "")
            + (f"; {shows} looks further" if shows else "")
        )


def tell_created(summary: dict[str, Any]) -> None:
    """The records that rows referred to and that were made for it."""
    for name, many in summary["created"].items():
        output.message(f"  created {many:,} {KINDS[name].plural if many > 1 else KINDS[name].noun} that the rows refer to")


def tell_notes(summary: dict[str, Any], indent: str = "  ") -> None:
    """Cells left blank, who got what by the rules, and what else there is to say."""
    for name, many in summary["blanked"].items():
        output.message(f"{indent}{many:,} cell{'s' if many > 1 else ''} of {name} left blank")
    if summary.get("linked"):
        output.message(f"{indent}linked to the account that they belong to: {summary['linked']:,}")
    if summary.get("assigned"):
        output.message(f"{indent}assigned by the rules: " + ", ".join(f"{n:,} to {name}" for name, n in summary["assigned"].items()))
    for note in (*summary["notes"], *summary.get("assigned_notes", ())):
        output.message(f"{indent}{note}")
