"""The pipelines and stages that the deals of a bundle are in and that are not there yet: made before the deals are loaded, where that is
wanted (`--on-missing create`). What a stage is, `sales/recipes.py` says by the deals that are in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from sfa.commands.shaping import Shape
from sfa.sales import recipes
from sfa.sales.mapping import plain
from sfa.sales.pipeline import stages_named
from sfa.store import deals, intake
from sfa.store.linking import known_stages
from sfa.store.operations import Operation

Row = tuple[str, str, str, str, str]
"""Stage, probability, is closed, is won, forecast category of one deal, or of one moment of it."""
_CLOSED, _WON = ("isclosed", "isdealclosed"), ("iswon", "isclosedwon", "isdealclosedwon")


class Deals(NamedTuple):
    """A file of deals, or of their history: how it is read, all its rows' cells, those of deleted records left out."""

    shape: Shape
    rows: Callable[[], Iterator[Sequence[str]]]


class Made(NamedTuple):
    """The names of what was made."""

    pipelines: list[str]
    stages: list[str]


def make(op: Operation, files: Sequence[Deals], usual: frozenset[str], nearest: dict[str, str]) -> Made:
    """Make the pipelines and stages that the rows of `files` are in; `usual` is what the product calls the pipeline that is ours, `nearest`
    which of ours its stages are: what it calls won and lost is that here too."""
    ends = frozenset(plain(theirs) for theirs, ours in nearest.items() if ours in ("Won", "Lost"))
    known = {name.casefold(): number for name, number in intake.pipelines(op.store).items()}
    default = intake.default_pipeline(op.store)
    folded = {"", *(name.casefold() for name in usual)}
    rows: dict[str, list[Row]] = {"": []}
    past: list[Row] = []
    for file in files:
        for pipeline, row in _rows(file):
            if file.shape.kind.name == "history":
                past.append(row)
                continue
            ours = pipeline if pipeline.casefold() in known or pipeline.casefold() not in folded else ""
            rows.setdefault(ours, []).append(row)
    elsewhere = {plain(row[0]) for name, of in rows.items() if name for row in of}
    rows[""] += [row for row in past if plain(row[0]) not in elsewhere]
    made = Made([], [])
    for name, of in rows.items():
        number = known.get(name.casefold(), default if not name else 0)
        if number:
            made.stages.extend(_add(op, number, [row for row in of if plain(row[0]) not in ends]))
        elif of:
            _pipeline(op, name, [row for row in of if plain(row[0]) not in ends])
            made.pipelines.append(name)
    return made


def _rows(file: Deals) -> Iterator[tuple[str, Row]]:
    """The pipeline ("" where nothing names one) and what is said of the stage, row by row."""
    shape = file.shape
    heads = [plain(h) for h in shape.names]
    fed = {c.field.name: c.at for c in reversed(shape.base.columns)}

    def place(name: str, others: Sequence[str] = ()) -> int:
        return fed.get(name, next((heads.index(n) for n in others if n in heads), -1))

    places = (
        place("pipeline"),
        place("stage", ("stagename", "dealstage", "stage", "salesstage")),
        place("probability", ("probability",)),
        place("", _CLOSED),
        place("", _WON),
        place("category", ("forecastcategory", "forecastcategoryname")),
    )
    said = {k.casefold(): v for k, v in shape.given.values.get("stage", {}).items()}
    for cells in file.rows():
        pipeline, stage, *rest = (cells[p].strip() if 0 <= p < len(cells) else "" for p in places)
        yield shape.given.set.get("pipeline", pipeline), (said.get(stage.casefold(), stage), *rest)  # type: ignore[misc]


def _pipeline(op: Operation, name: str, rows: list[Row]) -> None:
    """A new pipeline with the stages that its deals are in, with one that is won and one that is lost."""
    number = deals.add(op, op.store.kinds["pipeline"], {"name": name})
    rows = rows or [("Open", "", "", "", "")]
    wanted: list[dict[str, Any]] = [s._asdict() for s in recipes.steps(rows, ())]
    ends = [s for s in stages_named(["?"]) if s["outcome"] not in ("open", *(w["outcome"] for w in wanted))]
    opens = [w for w in wanted if w["outcome"] == "open"]
    for order, given in enumerate([*opens, *(w for w in wanted if w["outcome"] != "open"), *ends], 1):
        deals.add(op, op.store.kinds["stage"], {**given, "pipeline": number, "order": order})


def _add(op: Operation, pipeline: int, rows: list[Row]) -> list[str]:
    """The stages that a pipeline has not, each between those that are less and more probable. Returns their names."""
    made = []
    for step in recipes.steps(rows, known_stages(op.store, pipeline)):
        opens = [(s["probability"], s["order"]) for s in intake.stages(op.store, pipeline) if s["outcome"] == "open"]
        given: dict[str, Any] = {**step._asdict(), "pipeline": pipeline}
        if step.outcome == "open":
            below = max((order for chance, order in opens if chance <= step.probability), default=0)
            above = min((order for _, order in opens if order > below), default=None)
            if above is not None:
                given["order"] = (below + above) / 2
        op.insert("stage", deals.prepared(op.store, op.store.kinds["stage"], given))
        made.append(step.name)
    return made
