"""What became of an import, for a person."""

from __future__ import annotations

from typing import Any

from sfa import output
from sfa.messages import say, together
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
        parts.append(say("--on-missing create makes {made}, --on-missing blank leaves these cells out.", made=made))
        mend = "Otherwise mend" + mend[4:]
    parts.append(f"{mend}.")
    if words := [r.split(":")[0] for r in reasons if "is not one of its values" in r]:
        field = next((f.name for f in kind.fields if f.title == words[0]), words[0])
        parts.append(
            say(
                "Which of our values a word means, [values.{field}] in a map file says: --save-map FILE writes one to correct.", field=field
            )
        )
    if any(r.startswith(("the same as ", "likely the same as ")) for r in reasons):
        parts.append("--yes loads rows that are likely there already, too.")
    if any("no such column" in r for r in reasons):
        parts.append("--set field=value gives a value to every row.")
    return " ".join(parts)


def _plural(word: str) -> str:
    return next((k.plural for k in KINDS.values() if k.word == word and k.plural), f"{word}s")


def tell_summary(kind: Kind, summary: dict[str, Any]) -> None:
    """The summary for a person."""
    counts = {
        n: say("{many:,} {what}", many=summary[n], what=n) for n in ("new", "updated", "unchanged", "skipped", "rejected") if summary[n]
    }
    rows = say("{read:,} row{s} of {file}", read=summary["read"], s="s" if summary["read"] != 1 else "", file=summary["file"])
    if kind.name == "quota":
        # A row may hold several quotas, or none: what is new are quotas, what is rejected are rows.
        rows += say(" with {quotas:,} quota{s}", quotas=summary["quotas"], s="s" if summary["quotas"] != 1 else "")
        if summary["rejected"]:
            what = "row rejected" if summary["rejected"] == 1 else "rows rejected"
            counts["rejected"] = say("{many:,} {what}", many=summary["rejected"], what=what)
    if "updated" in counts:
        changed = summary["fields_changed"]
        counts["updated"] = say("{c} ({changed:,} field{s})", c=counts["updated"], changed=changed, s="s" if changed != 1 else "")
    text = say("{rows}: {counts}", rows=rows, counts=together(", ", counts.values()) if counts else "nothing to do")
    tell_outcome(summary, text)
    if by := summary["matched_by"]:
        of = kind.by_name
        titles = {n: of[n].title if n in of else n.replace("_", " ") for name in by for n in name.split(",")}
        called = {name: together(" and ", [say("{title}", title=titles[n]) for n in name.split(",")]) for name in by}
        found = [say("{called}: {many:,}", called=called[name], many=many) for name, many in by.items()]
        output.message(say("  already there by {found}", found=together(", ", found)))
    if summary["duplicates"]:
        output.message(say("  {duplicates:,} of them are the record of an earlier row", duplicates=summary["duplicates"]))
    tell_likely(summary)
    if summary["seconds"] >= 1:
        output.message(
            say("  {seconds:.1f} s, {read:,.0f} rows a second", seconds=summary["seconds"], read=summary["read"] / summary["seconds"])
        )
    for name, of in summary["created_fields"].items():
        output.message(say("  new field {name} ({of})", name=name, of=of))
    for reason in summary["reasons"][:5]:
        more = say(" and {rows:,} more", rows=reason["rows"] - 1) if reason["rows"] > 1 else ""
        output.message(say("  line {line}{more}: {reason}", line=reason["line"], more=more, reason=reason["reason"]))
    tell_created(summary)
    tell_notes(summary)
    if summary["left_out"]:
        cells = [
            say("{column} ({cells:,} cell{s})", column=c["column"], cells=c["cells"], s="s" if c["cells"] > 1 else "")
            for c in summary["left_out"]
        ]
        output.message("  left out: " + ", ".join(cells))


def tell_outcome(summary: dict[str, Any], text: str) -> None:
    """The line that says what was read and what became of it, with whether anything was written."""
    if summary["dry_run"]:
        output.message(say("{text}. Nothing was written.", text=text))
    elif summary["operation"] is None:
        output.message(say("{text}. Nothing was changed.", text=text))
    else:
        output.changed(text)


def tell_likely(summary: dict[str, Any], indent: str = "  ") -> None:
    """How many of the new records are likely there twice, by what they agree in, and the command that shows them."""
    many, by = summary["likely_duplicates"], summary["likely_by"]
    if many is None or not (many or (summary["new"] and not summary["compared_whole"])):
        return
    told = together("; ", (say("{what}: {n:,}", what=what, n=n) for what, n in [*by.items()][:3])) + ("; …" if len(by) > 3 else "")
    shows = "" if summary["dry_run"] else f"`sfa duplicates {summary['kind']} --of last`"
    if summary["compared_whole"]:
        output.message(
            say("{indent}likely duplicates: {many:,} ({told})", indent=indent, many=many, told=told)
            + (say(", see {shows}", shows=shows) if shows else "")
        )
    else:
        output.message(
            say("{indent}likely duplicates by what tells most alone: {many:,}", indent=indent, many=many)
            + (say(" ({told})", told=told) if told else "")
            + (say("; {shows} looks further", shows=shows) if shows else "")
        )


def tell_created(summary: dict[str, Any]) -> None:
    """The records that rows referred to and that were made for it."""
    for name, many in summary["created"].items():
        output.message(
            say(
                "  created {many:,} {plural} that the rows refer to", many=many, plural=KINDS[name].plural if many > 1 else KINDS[name].noun
            )
        )


def tell_notes(summary: dict[str, Any], indent: str = "  ") -> None:
    """Cells left blank, who got what by the rules, and what else there is to say."""
    for name, many in summary["blanked"].items():
        output.message(say("{indent}{many:,} cell{s} of {name} left blank", indent=indent, many=many, s="s" if many > 1 else "", name=name))
    if summary.get("linked"):
        output.message(say("{indent}linked to the account that they belong to: {linked:,}", indent=indent, linked=summary["linked"]))
    if summary.get("assigned"):
        output.message(
            say("{indent}assigned by the rules: ", indent=indent)
            + together(", ", (say("{n:,} to {name}", n=n, name=name) for name, n in summary["assigned"].items()))
        )
    for note in (*summary["notes"], *summary.get("assigned_notes", ())):
        output.message(say("{indent}{note}", indent=indent, note=note))
