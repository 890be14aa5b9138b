"""The forecast as a table: its figures for people and for programs, the tree of managers, the notes below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from sfa.commands.tables import Figure, Table, extra, heading, labelled, ordered, quantity, record_of
from sfa.messages import say, together
from sfa.sales import targets
from sfa.sales.forecast import SINGLE as ALONE
from sfa.sales.forecast import cumulative
from sfa.store.queries.scope import calendar

if TYPE_CHECKING:
    from sfa.commands.forecast.said import Said
    from sfa.sales.goals import Forecast, Row
    from sfa.store.database import Store
    from sfa.store.queries.forecast import Ask, Counted

MACHINE = (
    Figure("quota", "money", "Quota", drop=3),
    Figure("closed", "money", "Closed"),
    Figure("commit", "money", people=False),
    Figure("most_likely", "money", people=False),
    Figure("best_case", "money", people=False),
    Figure("pipeline", "money", people=False),
    Figure("cumulative", "object", people=False),
    Figure("cumulative_commit", "money", "Commit"),
    Figure("cumulative_most_likely", "money", "Most likely", drop=8),
    Figure("called_commit", "money", "Call", drop=2),
    Figure("figure_commit", "money", "Manager's", drop=9),
    Figure("adjusted_commit", "money", "Adjusted", drop=10),
    Figure("cumulative_best_case", "money", "Best case"),
    Figure("cumulative_open_pipeline", "money", "Open pipeline", drop=4),
    Figure("weighted", "money", "Weighted", drop=6),
    Figure("attainment", "ratio", "Attainment", drop=1),
    Figure("gap", "money", "Gap", drop=7),
    Figure("coverage", "times", "Coverage", drop=5),
    Figure("pace", "times", people=False),
    Figure("overdue", "money", people=False),
    Figure("undated", "money", people=False),
    Figure("due_before", "money", people=False),
    Figure("closed_at_plan_rate", "money", people=False),
    Figure("counts", "object", people=False),
    Figure("call", "object", people=False),
    Figure("adjusted", "object", people=False),
)
NO_QUOTA = {"quota": None, "attainment": None, "gap": None, "coverage": None, "pace": None, "met": False}
SAID = ("called_commit", "figure_commit", "adjusted_commit")
SINGLE = {"commit": "Commit", "most_likely": "Most likely", "best_case": "Best case", "pipeline": "Pipeline"}
CUMULATIVE = ("cumulative_commit", "cumulative_most_likely", "cumulative_best_case", "cumulative_open_pipeline")


class View(NamedTuple):
    """A forecast that is to be shown, and how: `said` is None where calls cannot stand beside it, `by` what the heading says."""

    store: Store
    ask: Ask
    found: Counted
    made: Forecast
    said: Said | None
    format: str
    by: str
    about: str = ""
    cumulative: bool = True

    @property
    def currency(self) -> str:
        """Of its amounts; "" where deals are counted."""
        return "" if self.ask.measure == "count" else self.store.currency

    @property
    def nested(self) -> bool:
        """Whether programs get objects within rows."""
        return self.format in ("json", "ndjson")


def table(view: View) -> Table:
    """The rows of a forecast with their totals and notes, for every format."""
    from sfa.store.queries.dimensions import Labels

    dims, made = view.found.dimensions, view.made
    values = [{r.key[i] for r in made.rows} for i in range(len(dims))]
    labels = [Labels(view.store, d, v) for d, v in zip(dims, values, strict=True)]
    heads = [{v: labelled([d], [names], [v]) for v in found} for d, names, found in zip(dims, labels, values, strict=True)]
    heads[0] = {v: head | _place(view, dims[0].name, v) for v, head in heads[0].items()}
    weights = [(r.key, r.figures.closed + r.figures.commit + r.figures.best_case + r.figures.most_likely) for r in made.rows]
    by_key = {r.key: r for r in made.rows}
    rows = []
    for key in ordered(dims, labels, weights, made.slicer.lines.order):
        whose = key[0] if dims[0].name == "rep" and not made.slicer.lines.reports.get(key[0]) else None
        row = figures_of(view, by_key[key], whose)
        for head, value in zip(heads, key, strict=True):
            row |= head[value]
        rows.append(row | {"key": key})
    more = {**extra(view.store, view.ask.period, view.found.rates), **_more(view)}
    columns = [(d.name, record_of(d)) for d in dims]
    if dims[0].name == "rep":
        columns += [("manager", "user")] if "manager" not in (d.name for d in dims) else []
    figures, total = _figures(view), {**figures_of(view, made.total), **said_of_all(view)}
    made_table = Table(columns, figures, rows, total, view.store.currency, heading_of(view), notes(view), more, mark=met)
    if view.format not in ("json", "ndjson", "tsv", "csv"):
        tree = _tree(view, rows) if made.managers else None
        made_table = made_table._replace(dimensions=[(d.name, "") for d in dims], people_rows=tree)
    return made_table._replace(figures=in_unit(view.ask, made_table.figures))


def in_unit(ask: Ask, figures: Sequence[Figure]) -> list[Figure]:
    """The figures in what the measure counts: amounts, or hundredths of deals."""
    return [f._replace(type="deals") if ask.measure == "count" and f.type == "money" else f for f in figures]


def heading_of(view: View) -> str:
    """The lines above a forecast: what, which days, as of when, in which unit, limited to what."""
    of = "deals" if not view.currency else view.ask.measure.replace("_", " ")
    what = "Forecast" if view.ask.measure == "revenue" else say("Forecast of {of}", of=of)
    title = heading(view.store, what, view.ask.period, view.by, view.found.rates)
    if not view.currency:
        title = title.replace(f", in {view.store.currency}", ", number of deals")
    return title + (f"\n{view.about}" if view.about else "")


def _figures(view: View) -> list[Figure]:
    """The figures of a format: programs get all of them, people those of the view they chose; most likely only when it is used."""
    made = view.made
    figures = [f for f in MACHINE if f.type != "object"] if view.format in ("tsv", "csv") else [*MACHINE]
    if view.nested:
        figures = [f for f in figures if f.name not in (*CUMULATIVE, *SAID)]
    if made.slicer.names[0] in ("rep", "manager"):
        figures.insert(0, Figure("level", "count", people=False))
    if not view.cumulative:
        seen = {f.name for f in figures if f.people} - {*CUMULATIVE, *SAID} | {*SINGLE}
        figures = [f._replace(people=f.name in seen, label=SINGLE.get(f.name, f.label)) for f in figures]
    if not made.total.figures.n_most_likely:
        figures = [f._replace(people=f.people and f.name not in ("most_likely", "cumulative_most_likely")) for f in figures]
    if made.total.target is None or made.total.target.quota is None:
        figures = [f._replace(people=f.people and f.name not in ("quota", "attainment", "gap", "coverage")) for f in figures]
    said = view.said
    spoken = {"called_commit": bool(said and said.calls), **dict.fromkeys(SAID[1:], bool(said and (said.adjustments or said.judgments)))}
    return [f._replace(people=f.people and spoken.get(f.name, True)) for f in figures]


def figures_of(view: View, row: Row, whose: int | None = None) -> dict[str, Any]:
    """The figures of a row by name: amounts in minor units, rates as fractions of 1; for programs also what JSON nests. `whose` names
    the person whose roll-up the row is, for what is said of it."""
    f, t = row.figures, row.target
    c = cumulative(f)
    out = {**f._asdict(), "due_before": f.before, "closed_at_plan_rate": f.plan, **dict(zip(CUMULATIVE, c, strict=True)), **NO_QUOTA}
    if t is not None and t.quota is not None:
        gap = t.quota - t.counted
        out |= {"quota": t.quota, "attainment": targets.attainment(t), "gap": gap, "coverage": targets.coverage(t, c.open_pipeline)}
        out |= {"pace": targets.pace(t, view.ask.period, calendar(view.store).today), "met": gap <= 0}
    out |= _said(view, whose)
    if view.nested:
        nested = {name: plain("money", value, view.currency) for name, value in c._asdict().items()}
        counts = {n: out["n_" + n] for n in (*ALONE, "omitted", "overdue", "undated")}
        out |= {"cumulative": nested, "counts": counts | {"due_before": f.n_before, "without_amount": f.n_blank}}
    return out


def _said(view: View, whose: int | None) -> dict[str, Any]:
    """What is said of a person's roll-up: their call, their manager's figure, their adjusted roll-up."""
    said = view.said
    if said is None or whose is None or whose not in said.lines.level:
        return {}
    call, stand = said.calls.get(whose), {c: found[whose] for c, found in said.standings.items()}
    out: dict[str, Any] = {"called_commit": call.of("commit") if call else None}
    out |= {"figure_commit": stand["commit"].figure, "adjusted_commit": stand["commit"].adjusted}
    if view.nested:
        money = {c: plain("money", s.adjusted, view.currency) for c, s in stand.items()}
        figures = {c: plain("money", s.figure, view.currency) for c, s in stand.items() if s.figure is not None}
        moved = {c: plain("money", s.moved, view.currency) for c, s in stand.items() if s.moved}
        out["adjusted"] = {**money, "manager_figure": figures, "gross_moved_since": moved}
        out["call"] = call and {
            **{c: plain("money", call.of(c), view.currency) for c in ("commit", "best_case")},
            "made": call.made,
            "note": call.note or None,
            "rollup_moved_since": {c: plain("money", call.moved(c, stand[c].gross), view.currency) for c in ("commit", "best_case")},
        }
    return out


def said_of_all(view: View) -> dict[str, Any]:
    """What is said of everyone together, as in a person's row."""
    said = view.said
    if said is None or not said.anything:
        return {}
    found = {c: said.whole(c) for c in said.standings}
    out: dict[str, Any] = {"called_commit": found["commit"][1], "adjusted_commit": found["commit"][0].adjusted}
    if view.nested:
        out["adjusted"] = {c: plain("money", stand.adjusted, view.currency) for c, (stand, _) in found.items()}
        out["call"] = {c: plain("money", found[c][1], view.currency) for c in ("commit", "best_case")}
    return out


def _place(view: View, name: str, value: Any) -> dict[str, Any]:
    """Where a person stands: level (0 at the top) and manager."""
    if name not in ("rep", "manager"):
        return {}
    lines = view.made.slicer.lines
    over = lines.manager.get(value or 0)
    return {
        "level": lines.level.get(value or 0, 0),
        **({"manager": view.found.people[over].name if over else None, "manager#": over} if name == "rep" else {}),
    }


def _tree(view: View, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of reps under their managers: each manager's subtotal, then the manager's own deals and everyone below, indented."""
    made = view.made
    lines, by_rep = made.slicer.lines, {r["rep#"]: r for r in rows}
    out = []
    for person in lines.order:
        level = lines.level[person]
        indent = "  " * level
        own = by_rep.get(person or None)
        if person in made.managers:
            name = view.found.people[person].name
            out.append({"rep": indent + name, "level": level, "subtotal": True, **figures_of(view, made.managers[person], person)})
            if own:
                out.append({**own, "rep": say("{indent}  {rep} (own)", indent=indent, rep=own["rep"]), "level": level + 1})
        elif own:
            out.append({**own, "rep": indent + (own["rep"] or "(none)")})
    return out


def met(row: dict[str, Any], figure: Figure, shown: str) -> str:
    """The mark of a coverage where nothing is left to be won."""
    return "met" if figure.name == "coverage" and row.get("met") else shown


# Notes ------------------------------------------------------------------------------------------------------------------------------


def human(view: View, amount: int) -> str:
    """An amount in a sentence."""
    from sfa.sales import money

    return money.human(amount, view.currency) if view.currency else say("{quantity:,} deals", quantity=quantity(amount))


def notes(view: View) -> list[str]:
    """The memo lines: what is in the columns and late, what is in none of them, who has no quota, who has not called."""
    f, target = view.made.total.figures, view.made.total.target
    out = []
    for what, n, amount in (
        ("Of which overdue (expected close has passed)", f.n_overdue, f.overdue),
        ("Due before the period and still open, in no column", f.n_before, f.before),
        ("Open without an expected close, in no column", f.n_undated, f.undated),
    ):
        if n:
            out.append(
                say("{what}: {n:,} deal{s}", what=what, n=n, s="s" if n != 1 else "")
                + (say(", {amount}", amount=human(view, amount)) if view.currency else "")
            )
    if f.n_blank:
        out.append(say("Deals without an amount, counted as 0: {n_blank:,}", n_blank=f.n_blank))
    if target is not None and target.quota is not None:
        if target.without:
            people = "1 person" if len(target.without) == 1 else say("{count:,} people", count=len(target.without))
            out.append(
                say(
                    "Without quota: {people}, closed {amount} (not in attainment, gap and coverage)",
                    people=people,
                    amount=human(view, f.plan - target.counted),
                )
            )
        if f.plan != f.closed:
            out.append(
                say("Closed at the rates of the period's first day, as attainment and gap take it: {amount}", amount=human(view, f.plan))
            )
        out += _over_assigned(view)
        out += _in_part(view)
    families = [name for name in view.found.quotas or {} if name]
    if families and "family" not in view.made.slicer.names:
        out.append(
            say("Quotas of product families are not in these: --by family shows {families}", families=together(", ", sorted(families)[:5]))
        )
    return [*out, *(said_notes(view) if view.said and view.said.anything else [])]


def said_notes(view: View) -> list[str]:
    """Who has not called, and which adjustments stand no longer or beside a gross that has moved."""
    said = view.said
    assert said is not None
    out = []
    if said.missing:
        out.append(say("No call yet: {some}", some=_some([said.people[p].name for p in said.missing])))
    for a in said.adjustments:
        stand = said.standings[a.column][a.owner]
        what = say(
            "{column} of {name} {amount}", column=a.column.replace("_", " "), name=said.people[a.owner].name, amount=human(view, a.amount)
        )
        if a in said.out_of_force:
            by = said.names.get(a.manager or 0, "an administrator")
            out.append(say("Not counted, as {name} no longer reports to {by}: {what}", name=said.people[a.owner].name, by=by, what=what))
        elif stand.moved:
            out.append(
                say(
                    "Stale: {what}; the gross has moved {word}{amount} since {made}",
                    what=what,
                    word="+" if stand.moved > 0 else "",
                    amount=human(view, stand.moved),
                    made=a.made[:10],
                )
            )
    return out


def _some(names: Sequence[str], most: int = 5) -> str:
    return ", ".join(names[:most]) + (say(" and {count} more", count=len(names) - most) if len(names) > most else "")


def _in_part(view: View) -> list[str]:
    """Who has a quota for a part of the period only, so that their attainment compares unlike things."""
    from sfa.sales.targets import Quotas, in_part

    span, people = view.ask.period, view.found.people
    quotas = (view.found.quotas or {}).get(None, Quotas())
    who = [people[p].name for part in quotas for p, q in part.items() if p in people and in_part(q, span.start, span.end)]
    return (
        [say("Quota for a part of the period only, closed for all of it: {some} (their attainment is too high)", some=_some(who))]
        if who
        else []
    )


def _over_assigned(view: View) -> list[str]:
    from sfa.sales.targets import over_assigned

    out = []
    for person in view.made.managers:
        both = over_assigned(view.made.slicer.lines, view.made.assigned, person)
        if both and both[0] and both[0] != both[1]:
            share = both[1] / both[0] - 1
            out.append(
                say(
                    "{name}: quota {amount}, assigned to reports {human2} ({share:+.1f} %)",
                    name=view.found.people[person].name,
                    amount=human(view, both[0]),
                    human2=human(view, both[1]),
                    share=share * 100,
                )
            )
    return out


# JSON -------------------------------------------------------------------------------------------------------------------------------


def _more(view: View) -> dict[str, Any]:
    """What JSON has beside rows and total: the elapsed share, managers' subtotals, the memo of people without a quota, who has not
    called."""
    from sfa.sales.refs import show
    from sfa.sales.targets import elapsed
    from sfa.store.queries.scope import calendar

    made, found = view.made, view.found
    target = made.total.target
    out: dict[str, Any] = {"measure": view.ask.measure, "elapsed": elapsed(view.ask.period, calendar(view.store).today)}
    if target is not None and target.quota is not None:
        amount = made.total.figures.plan - target.counted
        out["without_quota"] = {
            "people": [found.people[p].name if p else None for p in target.without],
            "closed": plain("money", amount, view.currency),
        }
    if view.said:
        out["no_call"] = [found.people[p].name for p in view.said.missing]
    if not made.managers:
        return out
    figures = [f for f in _figures(view._replace(format="json")) if f.name != "level"]
    out["managers"] = []
    for person, row in made.managers.items():
        cells = figures_of(view._replace(format="json"), row, person)
        own = {f.name: plain(f.type, cells.get(f.name), view.currency) for f in figures}
        place = {"level": made.slicer.lines.level[person]}
        out["managers"].append({"manager": found.people[person].name, "manager_ref": show("user", person, view.store.site), **place, **own})
    return out


def plain(type: str, value: Any, currency: str) -> Any:
    """A figure as JSON: money with its currency, or a number of deals where there is none."""
    from sfa.sales.money import text

    if type != "money" or value is None:
        return value
    return {"amount": text(value, currency), "currency": currency} if currency else quantity(value)
