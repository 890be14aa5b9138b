"""Opportunities: the common verbs, a verb for every stage of the pipeline, reopening, contacts with roles, the board."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from sfa import output
from sfa.commands.grouping import FunctionGroup, Lazy, build, for_kind
from sfa.commands.nouns import Json, Words, Yes, differences, split, tell, verbs
from sfa.commands.session import Session
from sfa.errors import UsageError
from sfa.languages import spoken
from sfa.messages import say, together
from sfa.sales.kinds import KINDS, Kind
from sfa.sales.values import quoted, visible
from sfa.store import attaching, deals, intake, lookup, records
from sfa.store.database import Store
from sfa.store.operations import operation

if TYPE_CHECKING:
    from sfa.store.stages import Verb

Ref = Annotated[str, typer.Argument(metavar="REF", help="A reference such as O-12, or a name or part of one.")]
MOVE_OPTIONS = (
    "name",
    "account",
    "contact",
    "owner",
    "pipeline",
    "stage",
    "product",
    "source",
    "type",
    "currency",
    "probability",
    "category",
)


EXAMPLES = {
    "win": ("sfa opp win O-1 --reason 'best fit' --competitor rival", "sfa opp win 'Blue Harbor' --amount 50k closed=yesterday"),
    "lose": (
        "sfa opp lose O-1 --reason 'no budget' --reason-note 'frozen till May' --revisit 2027-05-03",
        "sfa opp lose O-1 --reason 'too expensive' --secondary-reason feature --competitor rival",
    ),
}
UNFIT = {"open": ("reason", "secondary_reason", "reason_note", "revisit"), "won": ("revisit",)}
"""Outcome of a stage → the options that its verb does not have."""
TOLD = {
    "won": "Say why, and against whom, for win/loss reports. ",
    "lost": "Say why, and to whom. A recoverable reason (see sfa reason list) sets the day to try again, on which sfa report winback lists"
    " the deal; --revisit DATE sets another one, --revisit none sets none. ",
}


def _moved(session: Session, ref: str, verb: str, words: list[str] | None, fields: dict[str, str], json: bool, stage: str = "") -> None:
    """Move a deal into the stage that has this verb (or the named stage), setting fields in the same operation."""
    with session.store(write=True) as store:
        kind = store.kinds["opportunity"]
        rest, assigned = split(kind, words)
        if rest:
            raise UsageError(say("{rest!r} has no place here", rest=rest[0]), "Give fields as field=value or as options.")
        texts = {**assigned, **fields}
        before = attaching.open_deal(store, ref)
        target = intake.stage(store, stage or verb, before["pipeline"])
        if output.interactive():
            ask_for_stage(store, kind, target, before, texts)
        if texts.get("revisit", "").strip().lower() == "none":
            texts["revisit"] = ""
        with operation(store, session.command) as op:
            before = attaching.open_deal(store, ref)
            changed = deals.change(op, kind, before, {**intake.stored(store, kind, texts, before), "stage": target["id"]})
        if not changed:
            return output.message(
                say("Nothing to change: {label} is in {name} already.", label=lookup.label(kind, before), name=target["name"])
            )
        tell(
            store, kind, before["id"], "Moved" if "stage" in changed else "Changed", json, ": " + differences(store, kind, before, changed)
        )
        if changed.get("competitor"):
            _note_rival(store, changed["competitor"])
    return None


def ask_for_stage(store: Store, kind: Kind, target: dict[str, Any], before: dict[str, Any], texts: dict[str, str]) -> None:
    """Ask a person for what the stage requires and neither the deal nor the command has: field → answer, into `texts`. The reasons that
    there are stand above their question."""
    from sfa.sales.pipeline import required

    names = required(target)
    if target["outcome"] == "lost" and "reason" not in names:
        names = ["reason", *names]
    for name in names:
        if name in kind.by_name and not texts.get(name) and before.get(name) is None:
            field = kind.field(name)
            if name == "reason":
                found = records.names(store, field.to, outcome=target["outcome"])
                output.message(say("Reasons: {reasons}", reasons=together(", ", found)))
                texts[name] = output.ask(field.title[0].upper() + field.title[1:])
                continue
            shown = say("sfa {group} list shows them", group=KINDS[field.to].noun) if field.to else ", ".join(field.choices)
            title = field.title[0].upper() + field.title[1:]
            texts[name] = output.ask(say("{title} ({shown})", title=title, shown=shown) if shown else title)


def _note_rival(store: Store, number: int) -> None:
    """Say where a deal's competitor is not known as one; it may well be a partner, or the customer's own house."""
    from sfa.sales import refs

    rival = lookup.get(store, "account", number) or {}
    types = (rival.get("types") or "").split(",")
    if "competitor" not in types:
        given = ",".join([t for t in types if t] + ["competitor"])
        ref = refs.show("account", number, store.site)
        output.message(
            say(
                "{rival} is not marked as a competitor; if it is one: sfa account edit {ref} types={given}",
                rival=rival.get("name"),
                ref=ref,
                given=given,
            )
        )


def stage_verb(verb: str, stage: str, outcome: str) -> Any:
    """The command of one stage verb."""

    def function(
        ctx: typer.Context,
        kind: Kind,
        ref: Ref,
        words: Words = None,
        json: Json = False,
        yes: Yes = False,
        fields: dict[str, str] | None = None,
    ) -> None:
        _moved(ctx.obj, ref, verb, words, fields or {}, json)

    lines = EXAMPLES.get(verb, (f"sfa opp {verb} O-1", f"sfa opp {verb} 'Blue Harbor' --amount 48k --close eom"))
    what = say(
        "Move an opportunity to {stage}.\n\n{told}Other fields can be set in the same breath.",
        stage=visible(stage),
        told=TOLD.get(outcome, ""),
    )
    doc = say("{what}\n\nExamples:\n  {lines}\n  {lines2}", what=what, lines=lines[0], lines2=lines[1])
    return for_kind("opportunity", function, doc, skip=(*MOVE_OPTIONS, *UNFIT.get(outcome, ())))


def move(
    ctx: typer.Context,
    ref: Ref,
    stage: Annotated[str, typer.Argument(metavar="STAGE", help="The stage's name or its verb.")],
    words: Words = None,
    json: Json = False,
    yes: Yes = False,
) -> None:
    """Move an opportunity to any stage of its pipeline.

    Examples:
      sfa opp move O-1 negotiation
      sfa opp move 'Blue Harbor' proposal amount=48k close=eom
    """
    _moved(ctx.obj, ref, "", words, {}, json, stage)


def reopen(
    ctx: typer.Context,
    ref: Ref,
    stage: Annotated[
        str, typer.Option("--stage", metavar="STAGE", help="The open stage to go back to (default: the one before it was closed).")
    ] = "",
    words: Words = None,
    json: Json = False,
    yes: Yes = False,
) -> None:
    """Reopen a won or lost opportunity; its closed date, reasons and revisit date are cleared.

    Examples:
      sfa opp reopen O-1
      sfa opp reopen 'Blue Harbor' --stage proposal close=+30d
    """
    from sfa.sales.pipeline import reopened

    session: Session = ctx.obj
    with session.store(write=True) as store:
        kind = store.kinds["opportunity"]
        rest, texts = split(kind, words)
        if rest:
            raise UsageError(say("{rest} has no place here", rest=quoted(rest[0])), "Give fields as field=value.")
        wanted = stage or texts.pop("stage", "")
        with operation(store, session.command) as op:
            before = lookup.find(store, kind, ref)
            stages = intake.stages(store, before["pipeline"])
            target = intake.stage(store, wanted, before["pipeline"]) if wanted else deals.last_open(store, kind, before["id"], stages)
            given = intake.stored(store, kind, texts, before)
            changed = op.update("opportunity", before["id"], reopened(before, stages, target, given))
        tell(store, kind, before["id"], "Reopened", json, ": " + differences(store, kind, before, changed))


def contact(
    ctx: typer.Context,
    ref: Ref,
    person: Annotated[str, typer.Argument(metavar="CONTACT", help="A contact's reference or name.")],
    role: Annotated[
        str,
        typer.Option(
            "--role",
            metavar="ROLE",
            help="decision_maker, economic_buyer, champion, evaluator, influencer, user, procurement, executive_sponsor or other.",
        ),
    ] = "",
    primary: Annotated[bool, typer.Option("--primary", help="Make this the primary contact.")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Take the contact off the deal.")] = False,
    yes: Yes = False,
) -> None:
    """Put a contact on an opportunity, with a role, or take one off.

    Examples:
      sfa opp contact O-1 'Wei Zhang' --role decision_maker
      sfa opp contact 'Blue Harbor' C-1 --primary
    """
    from sfa.store.people import on_deal

    session: Session = ctx.obj
    if remove and (role or primary):
        raise UsageError("--remove goes alone")
    with session.store(write=True) as store:
        kind, people = store.kinds["opportunity"], store.kinds["contact"]
        as_role = intake.role(store, role)
        with operation(store, session.command) as op:
            deal, who = lookup.find(store, kind, ref), lookup.find(store, people, person)
            what = on_deal(op, deal, who, as_role, primary=primary, remove=remove)
        output.changed(say("{label} {what} {label2}", label=lookup.label(people, who), what=what, label2=lookup.label(kind, deal)))


class OppGroup(FunctionGroup):
    """The opp commands: those here, and one for each stage verb that the company has defined."""

    def __init__(self, name: str, help: str, table: dict[str, Any]) -> None:
        super().__init__(name, help, table)
        self.own: dict[str, Verb] | None = None

    def stage_verbs(self, ctx: Any) -> dict[str, Verb]:
        """The verbs of the database where there is one, else the defaults."""
        if self.own is None:
            from sfa.store.stages import verbs_of

            self.own, connection = verbs_of(ctx.obj.settings.get("db"))
            ctx.obj.go_on_with(connection)
        return self.own

    def list_commands(self, ctx: Any) -> list[str]:
        return [*self.table, *self.stage_verbs(ctx)]

    def get_command(self, ctx: Any, name: str) -> Any:
        found = super().get_command(ctx, name)
        if found is None and name in self.stage_verbs(ctx):
            found = self.built[name] = build(name, stage_verb(name, *self.stage_verbs(ctx)[name]))
        return found

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        super().format_commands(ctx, formatter)
        with formatter.section(spoken("Stages")):
            formatter.write_dl([(v, say("Move an opportunity to {stage}", stage=to.stage)) for v, to in self.stage_verbs(ctx).items()])


GROUP = OppGroup
COMMANDS = Lazy(
    "sfa.commands",
    {"board": "board", "health": "health"},
    {
        **verbs(
            "opportunity",
            {
                "add": "sfa opp add 'Blue Harbor renewal' --account 'Blue Harbor' --amount 48k --close eom\n"
                "sfa opp add account='Blue Harbor' product='Flow Meter' amount=€12.500,00 type=existing",
                "list": "sfa opp list is:open owner:me 'amount>10k' close:2026-Q4\n"
                "sfa opp list stage:proposal -source:web --sort -amount --columns ref,name,amount,close",
                "show": "sfa opp show 'Blue Harbor'\nsfa opp show O-1 --json",
                "edit": "sfa opp edit O-1 amount=60k close=+30d\nsfa opp edit owner:me is:overdue close=eom --yes",
                "delete": "sfa opp delete O-1 --cascade --yes\nsfa opp delete 'Blue Harbor renewal' --cascade --dry-run",
            },
        ),
        "move": move,
        "reopen": reopen,
        "contact": contact,
    },
)
