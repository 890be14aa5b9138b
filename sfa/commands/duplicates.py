"""Records that are likely one: `sfa duplicates`. What counts as the same is decided in `sales/matching.py`, merging is in `merge.py`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from sfa import output
from sfa.commands.alike import worded
from sfa.commands.grouping import words
from sfa.commands.nouns import AsOf, Format, Json, Limit, Yes
from sfa.commands.session import Session, view
from sfa.errors import UsageError
from sfa.messages import say
from sfa.progress import Progress
from sfa.sales import filters, refs
from sfa.sales.kinds import kind_of
from sfa.sales.sheets import Sheet, column
from sfa.store import bulk, duplicates, filtering, lookup
from sfa.store.alike import ARRIVING
from sfa.store.database import Store
from sfa.store.duplicates import Found, Who

SIDE = ("name", "company", "email")


@words
def command(
    ctx: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[KIND] [FILTER]...", help="contact, account or lead, and which of them; with --not two or more REFs."),
    ] = None,
    against: Annotated[
        str,
        typer.Option("--against", metavar="KIND", help="Compare leads with leads, contacts or accounts alone (default: lead, contact)."),
    ] = "",
    min_score: Annotated[
        int | None,
        typer.Option("--min-score", metavar="N", min=1, max=100, help="Pairs from this score on (default: the setting duplicates_score)."),
    ] = None,
    clusters: Annotated[bool, typer.Option("--clusters", help="Show the records that hang together instead of pairs.")] = False,
    of: Annotated[
        str,
        typer.Option("--of", metavar="OPERATION", help="Only what an operation made, such as an import: last, or as `sfa history` has it."),
    ] = "",
    not_same: Annotated[bool, typer.Option("--not", help="Remember that the records named are not the same.")] = False,
    limit: Limit = None,
    format: Format = "",
    json: Json = False,
    as_of: AsOf = "",
    yes: Yes = False,
) -> None:
    """Find records that are likely one, with a score and the reasons.

    People agree by their personal e-mail or an external id (certain), else by name with a phone, company, domain, address or shared e-mail
    beside it. Names are compared without accents, order, nicknames and small misspellings, companies without their legal form. Leads are
    compared with leads and contacts; converted ones are left out. With filters one of the two fits them.

    --format csv makes a file to review: write merge or not under decision, then `sfa merge --from FILE`.

    Examples:
      sfa duplicates contact country:Ireland --min-score 80
      sfa duplicates lead --against account
      sfa duplicates account --of last
    """
    session: Session = ctx.obj
    if not_same:
        return _not_the_same(session, words or [])
    chosen = output.chosen_format(format, json)
    on_screen = chosen == "table" and output.to_terminal()
    most = (int(session.settings.get("limit")) if on_screen else 0) if limit is None else limit
    named, rest = _kind(words or [])
    rules = session.rules(min_score)
    with session.store(as_of=as_of) as store:
        operation = _operation(store, of) if of else 0
        rows: list[tuple[Any, ...]] = []
        found: dict[str, Found] = {}
        for name in [named] if named else duplicates.MATCHED:
            kind = store.kinds[name]
            with_whom = duplicates.check_kinds(name, kind_of(against).name if against else "")
            if operation and not against:
                with_whom = ARRIVING[name]
            progress = Progress(say("Comparing {plural}", plural=kind.plural))
            only = duplicates.made_by(store, kind, operation) if operation else None
            conditions = filtering.conditions(store, rest, kind)
            found[name] = duplicates.find(store, kind, with_whom, conditions, rules, progress.at, only)
            progress.done()
            # A limit holds for all kinds together; -1 is none.
            before = rows[-1][0] if clusters and rows else 0
            room = max(0, most - (before if clusters else len(rows))) if most else -1
            rows += _clusters(store, found[name], room, before) if clusters else _pairs(store, found[name], room)
        shape = _CLUSTERS if clusters else _PAIRS
        people = chosen in ("table", "md", "html")
        output.sheet(_sheet(shape, rows, people, found), view(store, chosen), as_report=True)
        _tell(found, most, clusters)
    return None


def _operation(store: Store, text: str) -> int:
    """The operation that a person names: the last one of theirs that stands, or by its number."""
    from sfa.store import history, undo

    return undo.latest(store) if text.strip().lower() == "last" else history.parse_short(store, text)


def _kind(words: list[str]) -> tuple[str, list[str]]:
    """The kind that the first word names, "" where there is none, and the other words, which are conditions."""
    if not words:
        return "", []
    if refs.parse(words[0], 0):
        raise UsageError(
            say("{words} is a record, not a kind", words=words[0]), "Two that are not the same: add --not; one of them: sfa merge."
        )
    try:
        kind = kind_of(words[0])
    except UsageError as error:
        near = error.hint if any(n in error.hint for n in duplicates.MATCHED) and error.hint.startswith("Did") else ""
        raise UsageError(
            say("{words!r} is neither contact, account nor lead", words=words[0][:60]), near or "As in sfa duplicates contact"
        ) from None
    for word in words[1:]:
        if not filters.is_condition(word, kind):
            raise UsageError(
                say("{word!r} is no filter", word=word[:60]), "Filters: field:value, as in country:Ireland; refs go with --not."
            )
    return kind.name, words[1:]


def _not_the_same(session: Session, words: list[str]) -> None:
    from sfa.store.operations import operation

    if len(words) < 2:
        raise UsageError("name two records or more that are not the same", "sfa duplicates C-1 C-2 --not")
    with session.store(write=True) as store:
        named = [lookup.any_kind(store, w, duplicates.MATCHED) for w in words]
        who = [(kind.name, record["id"]) for kind, record in named]
        if any(kind not in duplicates.MATCHED for kind, _ in who):
            raise UsageError("only contacts, accounts and leads are compared")
        if len({*who}) < 2:
            raise UsageError("these are one record")
        with operation(store, session.command) as op:
            many = duplicates.dismiss(op, who)
        names = ", ".join(f"{refs.show(*w, store.site)} {lookup.label(k, r)}" for w, (k, r) in zip(who, named, strict=True))
        if many:
            output.changed(say("Not the same: {names}", names=names))
        else:
            output.message(say("Nothing to change: it is known that these are not the same: {names}", names=names))


# What is shown ----------------------------------------------------------------------------------------------------------------------

_PAIRS = (
    "decision:text keep:text merge:text score:count level:text evidence:text keep_name:text keep_company:text keep_email:text"
    " merge_name:text merge_company:text merge_email:text"
)
_SHOWN = ("score", "keep", "keep_name", "merge", "merge_name", "evidence")
"""The columns of pairs for people, in 80 columns; files have them all."""
_CLUSTERS = "cluster:count score:count ref:text name:text company:text email:text"
_LABELS = {"keep_name": "name", "merge_name": "name", "merge": "other"}


def _sheet(shape: str, rows: list[tuple[Any, ...]], people: bool, found: dict[str, Found]) -> Sheet:
    parts = [c.partition(":") for c in shape.split()]
    columns = [column(name, of, at, label=_LABELS.get(name, "") if people else "") for at, (name, _, of) in enumerate(parts)]
    if people and shape == _PAIRS:
        by_name = {c.name: c for c in columns}
        columns = [by_name[n] for n in _SHOWN]
    extra = {
        "records": sum(f.records for f in found.values()),
        "dismissed": sum(f.dismissed for f in found.values()),
        "crowded": [{"key": c.key, "records": c.records} for f in found.values() for c in f.crowds],
    }
    return Sheet(columns, rows, extra=extra, wrap=people and shape == _PAIRS)


def _pairs(store: Store, found: Found, most: int) -> list[tuple[Any, ...]]:
    pairs = found.pairs if most < 0 else found.pairs[:most]
    told = _described(store, [w for p in pairs for w in (p.keep, p.merge)])
    out = []
    for p in pairs:
        keep, merge = told[p.keep], told[p.merge]
        mergeable = p.keep[0] == p.merge[0]
        decision = "merge" if p.verdict.level == "certain" and mergeable else None
        one, other = (refs.show(*w, store.site) for w in (p.keep, p.merge))
        evidence = worded(p.verdict.evidence)
        out.append((decision, one, other, p.verdict.score, p.verdict.level, evidence, *keep, *merge))
    return out


def _clusters(store: Store, found: Found, most: int, before: int) -> list[tuple[Any, ...]]:
    """The records of each cluster; `before` is the number of the last one shown already."""
    groups = found.clusters if most < 0 else found.clusters[:most]
    home = {who: at for at, group in enumerate(groups, before + 1) for who in group}
    least: dict[int, int] = {}
    for p in found.pairs:
        if p.keep in home:
            at = home[p.keep]
            least[at] = min(least.get(at, 100), p.verdict.score)
    told = _described(store, list(home))
    return [(at, least[at], refs.show(*who, store.site), *told[who]) for who, at in home.items()]


def _described(store: Store, whose: list[Who]) -> dict[Who, tuple[Any, Any, Any]]:
    """Record → its name, company (of a contact its account's name, of an account its country) and e-mail (or website)."""
    out: dict[Who, tuple[Any, Any, Any]] = {}
    for name in {w[0] for w in whose}:
        records = bulk.records(store, store.kinds[name], sorted({n for k, n in whose if k == name}))
        accounts = bulk.records(
            store, store.kinds["account"], sorted({a for r in records.values() if name == "contact" and (a := r["account"])})
        )
        for number, r in records.items():
            if name == "account":
                out[name, number] = (r["name"], r["country"], r["website"])
            else:
                firm = accounts.get(r["account"], {}).get("name") if name == "contact" else r["company"]
                out[name, number] = (r["name"], firm, r["email"])
    return out


def _tell(found: dict[str, Found], most: int, clusters: bool) -> None:
    """How much was looked at, what was left out, and what to do next."""
    total = sum(len(f.clusters if clusters else f.pairs) for f in found.values())
    shown = min(most or total, total)
    records, apart = sum(f.records for f in found.values()), sum(f.dismissed for f in found.values())
    what = "cluster" if clusters else "pair"
    output.message(
        say("{total:,} {what}{s} among {records:,} records", total=total, what=what, s="" if total == 1 else "s", records=records)
        + (say(", the first {shown:,} shown (--limit 0 shows all)", shown=shown) if shown < total else "")
        + (say("; {apart:,} left out that are said not to be the same", apart=apart) if apart else "")
    )
    for crowd in [c for f in found.values() for c in f.crowds][:5]:
        output.message(say("  {records:,} share the {key}: compared with their neighbours by name", records=crowd.records, key=crowd.key))
    if total and output.to_terminal():
        output.message("One of them: sfa merge KEEP OTHER. Not the same: sfa duplicates KEEP OTHER --not")
