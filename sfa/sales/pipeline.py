"""The pipeline's rules: moving between stages, what a stage sets, when a deal may leave one, what an open and a closed deal must be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sfa.errors import Refused, UsageError
from sfa.messages import say, together

Record = dict[str, Any]
SET_BY_STAGE = ("probability", "category")
OF_OUTCOME = ("reason", "secondary_reason", "reason_note", "revisit")
"""What is said of how a deal ended; a deal that is open again has none of it."""
REOPEN = say("Reopen it first: sfa opp reopen REF")
"""What to do about a deal that is closed already."""


def move(before: Record, stages: Sequence[Record], target: Record, given: Record, today: str, *, bind: bool = True) -> Record:
    """The fields that change when a deal goes to stage `target`. `before` is the deal, `stages` its pipeline's stages, `given` what the
    person set in the same breath (stored values), `today` ISO.

    The stage sets probability and forecast category unless given; winning and losing set the closed date; reopening clears closed date
    and reasons. Raises Refused: a closed deal moves on only by reopening; with `bind` the exit criteria of every open stage left behind
    and the fields that `target` requires must be filled, a lost deal needs a reason.
    Source: FORMULAS, "Forecast" (stage sets both again) and "Win/loss" (outcome)."""
    now = next((s for s in stages if s["id"] == before.get("stage")), None)
    was, will = (now or {}).get("outcome", "open"), target["outcome"]
    after = {**before, **given}
    if now and was != "open" and will != was:
        raise Refused(say("the deal is {was} already", was=was), REOPEN)
    if bind and now and was == "open" and will != "lost":
        _leave(now, stages, target, after)
    if bind:
        enter(target, after)
    return entered(after, target, given, today, bind=bind)


def entered(after: Record, target: Record, given: Record, today: str, *, bind: bool = True) -> Record:
    """What being in stage `target` makes of a deal, beside what was given."""
    out = {
        "stage": target["id"],
        "pipeline": target["pipeline"],
        "probability": target["probability"],
        "category": target["category"],
        **given,
    }
    if target["outcome"] == "open":
        out |= {"closed": None}
        if out["category"] == "closed":
            raise Refused("an open deal is never in the category closed", "Win it: sfa opp win REF")
        return out
    if bind and target["outcome"] == "lost" and not after.get("reason"):
        raise UsageError("a lost deal needs a reason", "Add reason=…; `sfa reason list` shows them.")
    out["closed"] = given.get("closed") or (after.get("closed") if after.get("stage") == target["id"] else None) or today
    out["category"] = "closed" if target["outcome"] == "won" else "omitted"
    out["probability"] = 100 if target["outcome"] == "won" else 0
    return out


def reopened(before: Record, stages: Sequence[Record], target: Record | None, given: Record) -> Record:
    """The fields that change when a closed deal is reopened: into `target`, else the last open stage of its pipeline."""
    now = next((s for s in stages if s["id"] == before.get("stage")), None)
    if now is None or now["outcome"] == "open":
        raise Refused("the deal is open")
    target = target or max((s for s in stages if s["outcome"] == "open"), key=lambda s: s["order"])
    if target["outcome"] != "open":
        raise Refused(say("{name} is not an open stage", name=target["name"]), "Name an open stage with --stage.")
    return {**entered(before, target, given, ""), **dict.fromkeys(OF_OUTCOME)}


def _leave(now: Record, stages: Sequence[Record], target: Record, after: Record) -> None:
    """Raise Refused where a stage left behind on the way forward has an exit criterion that is not filled."""
    passed = [s for s in stages if s["outcome"] == "open" and now["order"] <= s["order"] < target["order"]]
    for stage in sorted(passed, key=lambda s: s["order"]):
        lacking = [c for c in criteria(stage) if after.get(c) in (None, "")]
        if lacking:
            raise Refused(
                say("stage {name} may be left only with {lacking}", name=stage["name"], lacking=together(", ", lacking)),
                say(
                    "Set {word} in the same command: {lacking}",
                    word="them" if len(lacking) > 1 else "it",
                    lacking=" ".join(f"{c}=…" for c in lacking),
                ),
            )


def enter(target: Record, after: Record) -> None:
    """Raise Refused where a field that the stage requires is not filled in the deal as it would be."""
    lacking = [c for c in required(target) if after.get(c) in (None, "")]
    if lacking:
        raise Refused(
            say("stage {name} requires {lacking}", name=target["name"], lacking=together(", ", lacking)),
            say(
                "Set {word} in the same command: {lacking}",
                word="them" if len(lacking) > 1 else "it",
                lacking=" ".join(f"{c}=…" for c in lacking),
            ),
        )


def criteria(stage: Record) -> list[str]:
    """The fields that must be filled before a deal leaves a stage."""
    return _names(stage, "exit_criteria")


def required(stage: Record) -> list[str]:
    """The fields that must be filled when a deal comes into a stage."""
    return _names(stage, "required_fields")


def _names(stage: Record, of: str) -> list[str]:
    return [c.strip() for c in (stage.get(of) or "").split(",") if c.strip()]


def edited(before: Record, stage: Record | None, given: Record) -> Record:
    """What an edit of a deal's fields (not of its stage) may set.

    Raises Refused where an open deal would be closed or the other way round."""
    outcome = (stage or {}).get("outcome", "open")
    category = given.get("category")
    if category and (category == "closed") != (outcome == "won"):
        raise Refused(
            say("a deal that is {outcome} cannot be in the category {category}", outcome=outcome, category=category),
            "Won deals are closed, and only they.",
        )
    if category and outcome == "lost" and category != "omitted":
        raise Refused("a lost deal is always omitted")
    if "closed" in given and given["closed"] is None and outcome != "open":
        raise Refused(say("a {outcome} deal has a closed date", outcome=outcome), "Give another date, or `sfa opp reopen` it.")
    if given.get("closed") and outcome == "open":
        raise Refused("only a won or lost deal has a closed date", "Use `sfa opp win` or `sfa opp lose`; `close` is the expected date.")
    if given.get("probability") is not None and outcome != "open":
        raise Refused(say("the probability of a {outcome} deal is fixed", outcome=outcome))
    return given


def warnings(after: Record, today: str) -> list[str]:
    """What a person should know about a deal that was just written; none of it stops the write."""
    out = []
    if (after.get("amount") or 0) < 0:
        out.append("the amount is negative")
    if after.get("category") not in ("closed", "omitted") and after.get("close") and after["close"] < today:
        out.append(say("the expected close date {close} has passed", close=after["close"]))
    if after.get("closed") and after["closed"] > today:
        out.append(say("the closed date {closed} is in the future", closed=after["closed"]))
    if after.get("closed") and after.get("opened") and after["closed"] < after["opened"]:
        out.append("it was closed before it was opened")
    if after.get("revisit") and after.get("closed") and after["revisit"] < after["closed"]:
        out.append(say("it is to be tried again on {revisit}, before it was lost", revisit=after["revisit"]))
    return out


# Defining pipelines and stages ------------------------------------------------------------------------------------------------------

FIXED_VERBS = ("add", "list", "ls", "show", "edit", "delete", "rm", "move", "reopen", "contact", "board", "health", "help")
"""The commands of `sfa opp` that are there whatever the stages."""
CLOSED = {"won": ("closed", 100), "lost": ("omitted", 0)}


def defined(stage: Record, siblings: Sequence[Record], fields: Sequence[str]) -> Record:
    """A stage as it may be kept: what its outcome fixes is set, its place, probability and category are filled where they are blank.

    `stage` is the stage whole (new, or as an edit would leave it), `siblings` the other stages of its pipeline, `fields` the names of the
    fields of an opportunity that can be filled. Won means category closed and 100 %, lost omitted and 0 %; an open stage is never in the
    category closed and stands before the closed ones. Raises UsageError and Refused."""
    out = dict(stage)
    outcome = out.get("outcome") or "open"
    if outcome in CLOSED:
        _fixed(out, outcome)
    elif out.get("category") == "closed":
        raise Refused("an open stage is never in the category closed", "Give it outcome=won, or another category.")
    out["outcome"] = outcome
    out["category"] = out.get("category") or "pipeline"
    if out.get("probability") is None:
        raise UsageError("stage: probability is required", "Add --probability, such as 40.")
    out["order"] = _place(out, siblings)
    out["verb"] = _verb(out, siblings)
    if criteria(out) and outcome != "open":
        raise Refused("a closed stage is not left, so it has no exit criteria", "required_fields are asked for where a deal comes in.")
    out["exit_criteria"] = _known(criteria(out), fields, "exit criteria")
    out["required_fields"] = _known(required(out), fields, "required fields")
    return out


def _fixed(stage: Record, outcome: str) -> None:
    for name, value in zip(("category", "probability"), CLOSED[outcome], strict=True):
        if stage.get(name) not in (None, value):
            raise Refused(
                say("a stage that is {outcome} has the {name} {value}", outcome=outcome, name=name, value=value),
                say("Leave {name} out; it is set.", name=name),
            )
        stage[name] = value


def _place(stage: Record, siblings: Sequence[Record]) -> float:
    """Where the stage stands: as given, else an open one behind the last open stage, a closed one last."""
    opens = [s["order"] for s in siblings if s["outcome"] == "open"]
    ends = [s["order"] for s in siblings if s["outcome"] != "open"]
    order: float | None = stage.get("order")
    if order is None:
        last, end = max(opens, default=0), min(ends, default=None)
        order = last + 1 if end is None or last + 1 < end else (last + end) / 2
        order = order if stage["outcome"] == "open" else max([last, *ends]) + 1
    if stage["outcome"] == "open" and ends and order >= min(ends):
        raise Refused("an open stage stands before the won and lost ones", say("Give it an order below {ends:g}.", ends=min(ends)))
    if stage["outcome"] != "open" and opens and order <= max(opens):
        raise Refused("won and lost stages stand behind the open ones", say("Give it an order above {opens:g}.", opens=max(opens)))
    return order


def _verb(stage: Record, siblings: Sequence[Record]) -> str | None:
    import re

    verb = (stage.get("verb") or "").lower()
    if not verb:
        return None
    if not re.fullmatch(r"[a-z][a-z-]{0,28}[a-z]", verb):
        raise UsageError(
            say("{verb!r} cannot be a command of sfa opp", verb=verb[:60]), "Use a plain word of letters, such as demo or send-quote."
        )
    if verb in FIXED_VERBS:
        raise Refused(say("sfa opp {verb} is a command already", verb=verb), "Choose another verb.")
    for other in siblings:
        if (other.get("verb") or "").lower() == verb:
            raise Refused(say("{verb} is the verb of stage {name} already", verb=verb, name=other["name"]), "Choose another verb.")
    return verb


def _known(names: Sequence[str], fields: Sequence[str], what: str) -> str | None:
    """Names of fields as they are kept. Raises UsageError for one that deals do not have."""
    names = [n.lower().replace("-", "_") for n in names]
    for name in names:
        if name not in fields:
            import difflib

            near = difflib.get_close_matches(name, fields, 2)
            hint = (
                say("Did you mean {near}?", near=" or ".join(map(repr, near)))
                if near
                else say("Fields: {fields}", fields=together(", ", fields))
            )
            raise UsageError(say("{what}: opp has no field {name!r}", what=what, name=name[:60]), hint)
    return ",".join(dict.fromkeys(names)) or None


def redefined(before: Record, after: Record, siblings: Sequence[Record], deals: int) -> None:
    """Refuse an edit that would leave a pipeline without an open, a won or a lost stage, or change what the `deals` in a stage are."""
    for name in ("outcome", "pipeline"):
        if before[name] != after[name] and deals:
            many = say("{deals} opportunities are", deals=deals) if deals > 1 else "an opportunity is"
            raise Refused(
                say("{many} in stage {name}, so its {name2} stays", many=many, name=before["name"], name2=name),
                "Move to another stage first.",
            )
    left = {s["outcome"] for s in siblings if s["pipeline"] == before["pipeline"]}
    if before["outcome"] not in left and (before["outcome"], before["pipeline"]) != (after["outcome"], after["pipeline"]):
        raise Refused(
            say("{name} is the pipeline's only {outcome} stage", name=before["name"], outcome=before["outcome"]), "Add another one first."
        )


def stages_named(names: Sequence[str]) -> list[Record]:
    """The stages of a new pipeline from names alone: probabilities rise evenly from 10 to 90 %, the category follows them
    (from 50 % best case, from 75 % commit); Won and Lost are added unless they are among the names. Raises UsageError."""
    closed = {"won": "won", "lost": "lost"}
    opens = [n for n in names if n.casefold() not in closed]
    if not opens:
        raise UsageError("a pipeline needs an open stage", "Name the stages, as in --stages 'Intro,Demo,Offer'.")
    if len({n.casefold() for n in names}) < len(names):
        raise UsageError("two stages have the same name")
    step = 80 / (len(opens) - 1) if len(opens) > 1 else 0
    percents = [round(10 + step * i) if len(opens) > 1 else 50 for i in range(len(opens))]
    out = [
        {"name": n, "order": i, "probability": p, "category": _category(p), "outcome": "open"}
        for i, (n, p) in enumerate(zip(opens, percents, strict=True), 1)
    ]
    for outcome, title, verb in (("won", "Won", "win"), ("lost", "Lost", "lose")):
        name = next((n for n in names if n.casefold() == outcome), title)
        category, probability = CLOSED[outcome]
        out.append(
            {"name": name, "order": len(out) + 1, "probability": probability, "category": category, "outcome": outcome, "verb": verb}
        )
    return out


def _category(percent: int) -> str:
    return "commit" if percent >= 75 else "best_case" if percent >= 50 else "pipeline"
