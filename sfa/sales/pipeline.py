"""The pipeline's rules: moving between stages, what a stage sets, when a deal may leave one, what an open and a closed deal must be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sfa.errors import Refused, UsageError

Record = dict[str, Any]
SET_BY_STAGE = ("probability", "category")


def move(before: Record, stages: Sequence[Record], target: Record, given: Record, today: str, *, bind: bool = True) -> Record:
    """The fields that change when a deal goes to stage `target`. `before` is the deal, `stages` its pipeline's stages, `given` what the
    person set in the same breath (stored values), `today` ISO.

    The stage sets probability and forecast category unless given; winning and losing set the closed date; reopening clears closed date
    and reason. Raises Refused: a closed deal moves on only by reopening, the exit criteria (with `bind`) of every open stage left behind
    must be filled, a lost deal needs a reason.
    Source: FORMULAS, "Forecast" (stage sets both again) and "Win/loss" (outcome)."""
    now = next((s for s in stages if s["id"] == before.get("stage")), None)
    was, will = (now or {}).get("outcome", "open"), target["outcome"]
    after = {**before, **given}
    if now and was != "open" and will == "open":
        raise Refused(f"the deal is {was}", "Reopen it first: sfa opp reopen REF")
    if now and was != "open" and will != was:
        raise Refused(f"the deal is {was} already", "Reopen it first: sfa opp reopen REF")
    if bind and now and was == "open" and will != "lost":
        _leave(now, stages, target, after)
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
        raise UsageError("a lost deal needs a reason", "Add --reason; `sfa reason list` shows them.")
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
        raise Refused(f"{target['name']} is not an open stage", "Name an open stage with --stage.")
    return {**entered(before, target, given, ""), "reason": None}


def _leave(now: Record, stages: Sequence[Record], target: Record, after: Record) -> None:
    """Raise Refused where a stage left behind on the way forward has an exit criterion that is not filled."""
    passed = [s for s in stages if s["outcome"] == "open" and now["order"] <= s["order"] < target["order"]]
    for stage in sorted(passed, key=lambda s: s["order"]):
        lacking = [c for c in criteria(stage) if after.get(c) in (None, "")]
        if lacking:
            raise Refused(
                f"stage {stage['name']} may be left only with {', '.join(lacking)}",
                f"Set {'them' if len(lacking) > 1 else 'it'} in the same command: {' '.join(f'{c}=…' for c in lacking)}",
            )


def criteria(stage: Record) -> list[str]:
    """The fields that must be filled before a deal leaves a stage."""
    return [c.strip() for c in (stage.get("exit_criteria") or "").split(",") if c.strip()]


def edited(before: Record, stage: Record | None, given: Record) -> Record:
    """What an edit of a deal's fields (not of its stage) may set. Raises Refused where an open deal would be closed or the other way round."""
    outcome = (stage or {}).get("outcome", "open")
    category = given.get("category")
    if category and (category == "closed") != (outcome == "won"):
        raise Refused(f"a deal that is {outcome} cannot be in the category {category}", "Won deals are closed, and only they.")
    if category and outcome == "lost" and category != "omitted":
        raise Refused("a lost deal is always omitted")
    if "closed" in given and (given["closed"] is None) != (outcome == "open"):
        raise Refused("only a won or lost deal has a closed date", "Use `sfa opp win` or `sfa opp lose`; `close` is the expected date.")
    if given.get("probability") is not None and outcome != "open":
        raise Refused(f"the probability of a {outcome} deal is fixed")
    return given


def warnings(after: Record, today: str) -> list[str]:
    """What a person should know about a deal that was just written; none of it stops the write."""
    out = []
    if (after.get("amount") or 0) < 0:
        out.append("the amount is negative")
    if after.get("category") not in ("closed", "omitted") and after.get("close") and after["close"] < today:
        out.append(f"the expected close date {after['close']} has passed")
    if after.get("closed") and after["closed"] > today:
        out.append(f"the closed date {after['closed']} is in the future")
    if after.get("closed") and after.get("opened") and after["closed"] < after["opened"]:
        out.append("it was closed before it was opened")
    return out
