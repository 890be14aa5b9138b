"""`sfa forecast calls`: roll-up, own call, manager's figure and adjusted roll-up side by side, what moved since, who has not called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from sfa import output
from sfa.commands.forecast.asking import Currency, Team, asking, told
from sfa.commands.nouns import AsOf, Format, Json
from sfa.commands.tables import Figure, PeriodOption, Table, extra, heading, write
from sfa.messages import say, together

if TYPE_CHECKING:
    from sfa.commands.forecast.said import Said
    from sfa.store.database import Store
    from sfa.store.queries.forecast import Ask

HEADS = {"commit": "Commit", "most_likely": "Likely", "best_case": "Best"}
SPARED = ("commit", "best_case", "most_likely")
"""The columns whose managers' figures go last where room is short, first."""


def calls(
    ctx: typer.Context,
    period: PeriodOption = "",
    team: Team = "",
    currency: Currency = "",
    format: Format = "",
    json: Json = False,
    as_of: AsOf = "",
) -> None:
    """Show who said what of a forecast beside what the deals add up to.

    Roll-up is what own deals and those of everyone below add up to, closed included. Call is what the person stated, Manager's what their
    manager says of them; Adjusted is own deals plus, of each report, the manager's figure, else their adjusted roll-up. A call or figure
    whose roll-up has moved since carries a *; who has not called is named.

    Examples:
      sfa forecast calls --period 2026-Q4
      sfa forecast calls --team EMEA --json
    """
    from sfa.commands.forecast.said import by_rep, gather

    chosen = output.chosen_format(format, json)
    with asking(ctx.obj, period, team=team, currency=currency, as_of=as_of) as (store, ask):
        found, made = by_rep(store, ask)
        said = gather(store, ask, found, made)
        write(store, table(store, ask, said, chosen, told(None, "", team)), chosen)


def table(store: Store, ask: Ask, said: Said, format: str, about: str) -> Table:
    """The call sheet: a row a person, as in the tree of managers."""
    from sfa.sales import calls as rules
    from sfa.sales.refs import show

    likely = "most_likely" in [a.column for a in said.adjustments] + [j.column for j in said.judgments]
    columns = [c for c in rules.COLUMNS if c != "most_likely" or likely or format in ("json", "ndjson", "tsv", "csv")]
    people = format in ("table", "md", "html")
    rows = []
    for person in said.lines.order:
        if not person:
            continue
        who, level = said.people[person], said.lines.level[person]
        row = {
            "rep": "  " * level + who.name if people else who.name,
            "rep#": person,
            "level": level,
            "ref": show("user", person, store.site),
        }
        rows.append(row | _row(said, person, columns))
    total: dict[str, Any] = {}
    for c in columns:
        whole, called = said.whole(c)
        total |= {f"{c}_rollup": whole.gross, f"{c}_adjusted": whole.adjusted, f"{c}_call": called}
    figures = [Figure("level", "count", people=False)]
    for c in columns:
        room = 2 * SPARED.index(c)
        figures += [
            Figure(f"{c}_rollup", "money", say("{heads} roll-up", heads=HEADS[c])),
            Figure(f"{c}_call", "money", say("{heads} call", heads=HEADS[c]), people=c != "most_likely"),
            Figure(f"{c}_call_moved", "money", people=False),
            Figure(
                f"{c}_manager",
                "money",
                say("{heads} manager's", heads=HEADS[c]),
                people=bool(said.adjustments or said.judgments),
                drop=room + 2,
            ),
            Figure(f"{c}_manager_moved", "money", people=False),
            Figure(
                f"{c}_adjusted",
                "money",
                say("{heads} adjusted", heads=HEADS[c]),
                people=bool(said.adjustments or said.judgments),
                drop=room + 1,
            ),
        ]
    figures += [Figure("made", "text", people=False), Figure("note", "text", people=False)]
    title = heading(store, "Calls", ask.period, "rep") + ("\n" + about if about else "")
    more = {**extra(store, ask.period), "no_call": [said.people[p].name for p in said.missing], "judgments": _judgments(store, said)}
    dims = [("rep", "")] if people else [("rep", "user")]
    return Table(dims, figures, rows, total, store.currency, title, _notes(store, ask, said), more, mark=_stale)


def _row(said: Said, person: int, columns: list[str]) -> dict[str, Any]:
    call = said.calls.get(person)
    out: dict[str, Any] = {"made": call.made if call else None, "note": call.note or None if call else None}
    for c in columns:
        stand = said.standings[c][person]
        own = call.of(c) if call else None
        out |= {f"{c}_rollup": stand.gross, f"{c}_call": own, f"{c}_manager": stand.figure, f"{c}_adjusted": stand.adjusted}
        out |= {f"{c}_call_moved": call.moved(c, stand.gross) if call and own is not None else None, f"{c}_manager_moved": stand.moved}
    return out


def _stale(row: dict[str, Any], figure: Figure, shown: str) -> str:
    return f"{shown}*" if shown and row.get(f"{figure.name}_moved") else shown


def _notes(store: Store, ask: Ask, said: Said) -> list[str]:
    """Every call and figure with its note and how far its roll-up has moved; who has not called."""
    from sfa.commands.forecast.table import View, human, said_notes

    view = View(store, ask, None, None, said, "table", "rep")  # type: ignore[arg-type]
    out = []
    for person in (p for p in said.lines.order if p in said.calls):
        call = said.calls[person]
        moved = [
            say("{heads} roll-up {word}{amount} since", heads=HEADS[c].lower(), word="+" if m > 0 else "", amount=human(view, m))
            for c in ("commit", "best_case")
            if call.of(c) is not None and (m := call.moved(c, said.standings[c][person].gross))
        ]
        note = together("; ", [call.note or say("no note"), *moved])
        out.append(say("{name}, {day}: {note}", name=said.people[person].name, day=call.made[:10], note=note))
    for a in said.adjustments:
        if a not in said.out_of_force and a.note:
            by = said.names.get(a.manager or 0, "An administrator")
            out.append(
                say(
                    "{by} on {name}'s {heads}, {made}: {note}",
                    by=by,
                    name=said.people[a.owner].name,
                    heads=HEADS[a.column].lower(),
                    made=a.made[:10],
                    note=a.note,
                )
            )
    for j in _judgments(store, said):
        out.append(
            say(
                "{manager} counts {ref} {deal} {word} {column}",
                manager=j["manager"] or "An administrator",
                ref=j["ref"],
                deal=j["deal"],
                word="in" if j["included"] else "not in",
                column=j["column"],
            )
            + (say(": {note}", note=j["note"]) if j["note"] else "")
        )
    return out + (said_notes(view) if said.anything or said.missing else [])


def _judgments(store: Store, said: Said) -> list[dict[str, Any]]:
    from sfa.sales.refs import show
    from sfa.store import lookup

    return [
        {
            "ref": show("opportunity", j.deal, store.site),
            "deal": (lookup.get(store, "opportunity", j.deal) or {}).get("name"),
            "manager": said.names[j.manager] if j.manager else None,
            "column": j.column.replace("_", " "),
            "included": j.included,
            "note": j.note or None,
        }
        for j in said.judgments
    ]
