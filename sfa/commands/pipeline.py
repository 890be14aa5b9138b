"""Pipelines: each is a list of stages. Most companies need one; a second one is for another way of selling."""

from __future__ import annotations

from typing import Annotated

import typer

from sfa import output
from sfa.commands.nouns import Json, Yes, tell, verbs
from sfa.commands.session import Session
from sfa.errors import UsageError
from sfa.messages import say
from sfa.store import deals, intake, lookup
from sfa.store.operations import operation


def add(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The new pipeline's name.")],
    description: Annotated[str, typer.Option("--description", metavar="TEXT", help="What it is for.")] = "",
    stages: Annotated[str, typer.Option("--stages", metavar="A,B,C", help="Its open stages by name; Won and Lost are added.")] = "",
    like: Annotated[str, typer.Option("--like", metavar="PIPELINE", help="Copy this pipeline's stages (default: the first one's).")] = "",
    json: Json = False,
    yes: Yes = False,
) -> None:
    """Add a pipeline with its stages.

    With --stages the probabilities rise evenly from 10 to 90 %; `sfa stage edit` changes them, their verbs and exit criteria.

    Examples:
      sfa pipeline add Renewals --stages 'Review,Offer,Verbal yes'
      sfa pipeline add Partners --like Sales --description 'Sold by partners'
    """
    from sfa.sales.pipeline import stages_named

    session: Session = ctx.obj
    if stages and like:
        raise UsageError("--stages and --like exclude each other")
    with session.store(write=True) as store:
        kind, stage = store.kinds["pipeline"], store.kinds["stage"]
        if stages:
            wanted = stages_named([s.strip() for s in stages.split(",") if s.strip()])
        else:
            model = lookup.find(store, kind, like)["id"] if like else intake.default_pipeline(store)
            wanted = [{k: v for k, v in s.items() if k not in ("id", "pipeline")} for s in intake.stages(store, model)]
        with operation(store, session.command) as op:
            number = deals.add(op, kind, intake.stored(store, kind, {"name": name, "description": description}))
            for given in wanted:
                deals.add(op, stage, {**given, "pipeline": number})
        tell(store, kind, number, "Added", json, say(" with {count} stages", count=len(wanted)))
        if stages:
            output.message(say("Their probabilities and categories: sfa stage list pipeline:{name!r}", name=name))


COMMANDS = {
    "add": add,
    **verbs(
        "pipeline",
        {
            "list": "sfa pipeline list\nsfa pipeline list --json",
            "edit": "sfa pipeline edit Sales name='New business'\nsfa pipeline edit PL-1 description='All direct sales'",
        },
        only=("list", "edit"),
    ),
}
