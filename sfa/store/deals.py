"""Writing opportunities: the rules of `sales/pipeline.py` applied with this database's stages. Other kinds go through `intake.py` alone."""

from __future__ import annotations

from typing import Any

from sfa.errors import Refused, UsageError
from sfa.messages import say
from sfa.sales import pipeline, reasons
from sfa.sales.kinds import Kind
from sfa.sales.refs import show
from sfa.store import intake, lookup
from sfa.store.database import Store
from sfa.store.operations import Operation
from sfa.store.schema import q

Record = dict[str, Any]


def prepared(store: Store, kind: Kind, given: Record, before: Record | None = None, *, bind: bool = True) -> Record:
    """The stored values that `given` makes of a record, new or being edited, by the rules of its kind."""
    if kind.name == "opportunity":
        made = _deal(store, given, before, bind)
        return _reasoned(store, made, before or {}) if bind and _REASONED & made.keys() else made
    if kind.name == "lead" and before is not None:
        if before.get("converted"):
            raise Refused("a converted lead is read-only", "Edit the account, contact or opportunity that it became.")
        if given.get("status") == "converted":
            raise UsageError("a lead is converted by converting it", "sfa lead convert REF")
    if kind.name == "lead" and before is None and given.get("status") == "converted":
        raise UsageError("a lead is converted by converting it", "sfa lead convert REF")
    if kind.name in ("user", "account") and before is not None:
        _no_circle(store, kind, before, given)
    if kind.name == "stage":
        given = _stage(store, given, before)
    if kind.name == "reason":
        given = _reason(store, given, before)
    if kind.name == "activity":
        from sfa.sales.tasks import step_timed

        return step_timed(given, before)
    if kind.name == "task":
        from sfa.sales.tasks import planned

        return planned(given, before, store.calendar.today)
    _no_twin(store, kind, given, before)
    return given


def _stage(store: Store, given: Record, before: Record | None) -> Record:
    """A stage by the rules of its pipeline; those of its fields that differ from `before`."""
    whole = {**(before or {}), **given}
    whole["pipeline"] = whole.get("pipeline") or intake.default_pipeline(store)
    if before and before["outcome"] != whole.get("outcome"):
        # What the new outcome fixes is not held against what the old one had fixed.
        whole |= {n: given.get(n) for n in pipeline.SET_BY_STAGE}
        whole["probability"] = (
            before["probability"] if whole["probability"] is None and whole.get("outcome") == "open" else whole["probability"]
        )
    siblings = [s for s in intake.stages(store, whole["pipeline"]) if s["id"] != whole.get("id")]
    after = pipeline.defined(whole, siblings, [f.name for f in store.kinds["opportunity"].stored])
    if before is None:
        return after
    others = [s for s in intake.stages(store, before["pipeline"]) if s["id"] != before["id"]]
    count = store.db.execute("SELECT count(*) FROM opportunity WHERE stage=?", (before["id"],)).fetchone()[0]
    pipeline.redefined(before, after, others, count)
    return {n: v for n, v in after.items() if n in given or v != before.get(n)}


def _reason(store: Store, given: Record, before: Record | None) -> Record:
    """A reason by its rules; those of its fields that were given or differ from `before`."""
    own = before["id"] if before else None
    groups = [r[0] for r in store.db.execute('SELECT DISTINCT "group" FROM reason WHERE "group" IS NOT NULL AND id IS NOT ?', (own,))]
    after = reasons.defined({**(before or {}), **given}, given, groups)
    if before is None:
        return after
    sql = "SELECT count(*) FROM opportunity WHERE ? IN (reason,secondary_reason) AND closed IS NOT NULL"
    reasons.redefined(before, after, store.db.execute(sql, (own,)).fetchone()[0] if "outcome" in given else 0)
    return {n: v for n, v in after.items() if n in given or v != before.get(n)}


def _no_twin(store: Store, kind: Kind, given: Record, before: Record | None) -> None:
    """Refuse a second record where a kind's names are unique (stages in a pipeline, pipelines, reasons)."""
    if "name" not in kind.unique or not {*given} & {*kind.unique}:
        return
    whole = {**(before or {}), **given}
    scope = "".join(f" AND {q(u)} IS ?" for u in kind.unique if u != "name")
    params = [whole.get("name"), *(whole.get(u) for u in kind.unique if u != "name")]
    row = store.db.execute(f"SELECT id, name FROM {q(kind.name)} WHERE name=? COLLATE NOCASE{scope}", params).fetchone()
    if row and row[0] != whole.get("id"):
        raise Refused(
            say("there is a {word} called {first!r} already: {ref}", word=kind.word, first=row[1], ref=show(kind.name, row[0], store.site)),
            "Choose another name.",
        )


def _no_circle(store: Store, kind: Kind, before: Record, given: Record) -> None:
    """Refuse a manager or parent that reports to, or belongs to, the record itself."""
    field = "manager" if kind.name == "user" else "parent"
    above, seen = given.get(field), {before["id"]}
    while above is not None:
        if above in seen:
            raise Refused(say("this {field} would make a circle", field=field))
        seen.add(above)
        above = (lookup.get(store, kind.name, above) or {}).get(field)


def _deal(store: Store, given: Record, before: Record | None, bind: bool) -> Record:
    today = store.calendar.today.isoformat()
    within = given.get("pipeline") or (before or {}).get("pipeline") or intake.default_pipeline(store)
    stages = intake.stages(store, within)
    if not stages:
        raise Refused("this pipeline has no stages yet", "sfa stage add NAME --pipeline NAME …")
    target = next((s for s in stages if s["id"] == given.get("stage")), None)
    if given.get("stage") is not None and target is None:
        raise UsageError("this stage belongs to another pipeline", "Name the pipeline too: pipeline=…")
    if before is None:
        first = target or next(s for s in stages if s["outcome"] == "open")
        if bind and target is not None:
            # What the program fills nobody has to give.
            filled = {f.name: True for f in store.kinds["opportunity"].fields if f.default or f.required or f.name == "currency"}
            pipeline.enter(target, {**filled, **given})
        return {**given, **pipeline.entered(given, first, {k: v for k, v in given.items() if v is not None}, today, bind=bind)}
    if "pipeline" in given and given["pipeline"] != before["pipeline"] and target is None:
        target = next(s for s in stages if s["outcome"] == "open")
    if target is not None and target["id"] != before["stage"]:
        known = intake.stages(store, before["pipeline"])
        return pipeline.move(
            before, known if target["pipeline"] == before["pipeline"] else [*known, *stages], target, given, today, bind=bind
        )
    return pipeline.edited(before, next((s for s in stages if s["id"] == before["stage"]), None), given)


_REASONED = {*pipeline.OF_OUTCOME, "stage", "closed"}
"""The fields of a deal whose change asks its reasons."""


def _reasoned(store: Store, made: Record, before: Record) -> Record:
    """What a deal's reasons make of it: they must fit each other and its outcome; a lost deal gets the day to try again that its reason
    says, unless the day is given."""
    after = {**before, **made}
    stage, first, second = (_referred(store, after, field) for field in ("stage", "reason", "secondary_reason"))
    outcome = (stage or {}).get("outcome") or "open"
    reasons.fit(outcome, first, second)
    reasons.lost_alone(outcome, made)
    if outcome != "lost" or "revisit" in made:
        return made
    day = reasons.tried_again(before, after, _referred(store, before, "reason"), first)
    return made if day == before.get("revisit") else {**made, "revisit": day}


def _referred(store: Store, deal: Record, field: str) -> Record | None:
    kind = store.kinds["opportunity"].field(field).to
    return lookup.get(store, kind, deal[field]) if deal.get(field) else None


def last_open(store: Store, kind: Kind, number: int, stages: list[Record]) -> Record | None:
    """The open stage that a deal was in last, as its history tells; None where it tells of none that there still is."""
    from sfa.store.history import versions

    ends = {s["id"]: s for s in stages if s["outcome"] == "open"}
    return next((ends[v["stage"]] for v in reversed(versions(store, kind, number)) if v["stage"] in ends), None)


def add(op: Operation, kind: Kind, given: Record) -> int:
    """Write a new record of any kind; returns its id."""
    given = dict(given)
    others = given.pop("others", None)
    made = intake.completed(op.store, kind, prepared(op.store, kind, given))
    number = op.insert(kind.name, made)
    if others:
        _take_part(op, number, made.get("contact"), others)
    return number


def _take_part(op: Operation, number: int, main: int | None, others: list[int]) -> bool:
    """Say who else took part in an activity; who is the main contact is not named twice, and the first of those without one becomes it."""
    from sfa.store import participants

    first = main or next(iter(others), None)
    if first != main:
        op.update("activity", number, {"contact": first})
    return participants.put(op, number, [n for n in others if n != first])


def change(op: Operation, kind: Kind, before: Record, given: Record) -> Record:
    """Write an edit of any kind of record; returns the fields that changed. A refusal says of which record: it may have been named by a
    part of its name."""
    given = dict(given)
    others = given.pop("others", None)
    try:
        values = prepared(op.store, kind, given, before)
    except Refused as error:
        ref = show(kind.name, before["id"], op.store.site)
        error.message = say("{ref} {label}: {message}", ref=ref, label=lookup.label(kind, before), message=error.message)
        error.hint = say("Reopen it first: sfa opp reopen {ref}", ref=ref) if error.hint == pipeline.REOPEN else error.hint
        raise
    for field in kind.fields:
        if field.required and field.name in values and values[field.name] in (None, ""):
            raise UsageError(say("{title} cannot be blank", title=field.title))
    changed = op.update(kind.name, before["id"], values)
    if others is not None:
        from sfa.store import participants

        # Whoever says what changed needs to know what was there.
        before["others"] = participants.others(op.store, before["id"])
        if _take_part(op, before["id"], {**before, **changed}.get("contact"), others):
            changed["others"] = others
    return changed
