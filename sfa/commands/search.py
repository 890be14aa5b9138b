"""Searching everything that has text: names, companies, e-mails, notes."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from sfa import output
from sfa.commands.nouns import AsOf, Format, Json
from sfa.commands.session import Session, view
from sfa.errors import UsageError
from sfa.messages import say, together
from sfa.sales import refs, values
from sfa.sales.kinds import kind_of
from sfa.sales.sheets import Sheet, column
from sfa.store import records
from sfa.store.database import Store

KINDS = ("account", "contact", "lead", "opportunity", "activity", "task", "product", "user")
"""What is searched, in this order."""
MOST_WORDS = 50


def command(
    ctx: typer.Context,
    text: Annotated[list[str], typer.Argument(metavar="TEXT...", help="Words, or beginnings of words, that the record must hold.")],
    kind: Annotated[str, typer.Option("--kind", "-k", metavar="A,B", help="Only these kinds, such as lead,contact.")] = "",
    limit: Annotated[
        int | None, typer.Option("--limit", "-n", metavar="N", min=0, help="Records at most; 0 shows all (default: 50).")
    ] = None,
    format: Format = "",
    json: Json = False,
    as_of: AsOf = "",
) -> None:
    """Search names, companies, e-mails and notes.

    A record is found when it holds every word, in any order; accents and capitals do not matter, Chinese is found by character. Where
    nothing is found, a person is shown what a slip of the keys may have meant.

    Examples:
      sfa search blue harbor
      sfa search wei --kind contact,lead --json
    """
    session: Session = ctx.obj
    chosen = output.chosen_format(format, json)
    kinds = _kinds(kind)
    wanted = values.clean(" ".join(text))
    if not wanted:
        raise UsageError("there is nothing to search for", "Give a word or the beginning of one.")
    if len(wanted.split()) > MOST_WORDS:
        raise UsageError(say("a search takes at most {most_words} words", most_words=MOST_WORDS), "Give fewer of them.")
    most = 50 if limit is None else limit
    with session.store(as_of=as_of) as store:
        hits = records.search(store, wanted, kinds, most + 1 if most else -1)
        meant = "" if hits else _meant(store, wanted, kinds)
        if meant and chosen == "table":
            # A program that asks whether there is anything gets no for an answer.
            hits = records.search(store, meant, kinds, most + 1 if most else -1)
        shown = hits[:most] if most else hits
        if meant:
            output.message(
                say("Nothing holds {wanted}", wanted=values.quoted(wanted))
                + (say("; near it is {meant!r}:", meant=meant) if hits else say(". Did you mean {meant!r}?", meant=meant))
            )
        output.sheet(_sheet(store, shown, chosen), view(store, chosen))
        if not hits and not meant and chosen != "table":
            output.message(say("Nothing holds {wanted}.", wanted=values.quoted(wanted)))
        if len(hits) > len(shown):
            output.message(say("{count} shown, there are more; --limit 0 shows all.", count=len(shown)))


def _meant(store: Store, text: str, kinds: list[str]) -> str:
    """The words that a search that found nothing was probably meant to have, such that it finds something; else nothing."""
    from sfa.store import near

    for name in kinds:
        for _, better in near.corrected(store, store.kinds[name], text):
            if records.search(store, better, kinds, 1):
                return better
    return ""


def _kinds(asked: str) -> list[str]:
    """The kinds to search. Raises UsageError for one that is not searched."""
    if not asked:
        return list(KINDS)
    names = [kind_of(word).name for word in asked.split(",") if word.strip()]
    for name in names:
        if name not in KINDS:
            raise UsageError(say("a {name} is not searched", name=name), say("Kinds: {kinds}", kinds=together(", ", KINDS)))
    return names


def _sheet(store: Store, hits: list[records.Hit], format: str) -> Sheet:
    """ref, kind, name, detail; in machine formats also the long id."""
    columns = [column(n, "text", i) for i, n in enumerate(("ref", "kind", "name", "detail"))]
    if format in ("json", "ndjson", "csv", "tsv"):
        columns.append(column("id", "text", 4))
    return Sheet(columns, [_row(store, hit, format) for hit in hits])


def _row(store: Store, hit: records.Hit, format: str) -> tuple[Any, ...]:
    noun, detail = store.kinds[hit.kind].noun, hit.detail
    if hit.kind == "activity" and detail and format in ("table", "md", "html"):
        from sfa.sales.moments import local_text

        detail = local_text(detail, store.calendar)
    return refs.show(hit.kind, hit.id, store.site), noun, hit.label, detail, refs.long_form(hit.kind, hit.id)
