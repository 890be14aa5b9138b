"""`sfa export`: every record of a kind, or those that a filter finds, in a form that other programs read and `sfa import` takes again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import redirect_stdout
from itertools import count
from typing import Annotated, Any

import typer

from sfa import output
from sfa.commands import leaving, sharing
from sfa.commands.files import may_write, written_whole
from sfa.commands.grouping import words
from sfa.commands.nouns import AsOf, Columns, Json, Yes, column_names, counted
from sfa.commands.session import Session, view
from sfa.errors import UsageError
from sfa.sales import filters
from sfa.sales.kinds import Kind, kind_of
from sfa.sales.refs import long_form
from sfa.sales.sheets import Sheet
from sfa.store import bulk, optouts
from sfa.store.database import Store


@words
def command(
    ctx: typer.Context,
    kind: Annotated[str, typer.Argument(metavar="KIND", help="lead, account, contact, opp, product, user, activity, …, or person.")],
    filter: Annotated[list[str] | None, typer.Argument(metavar="[FILTER]...", show_default=False)] = None,
    columns: Columns = "",
    format: Annotated[
        str, typer.Option("--format", "-f", metavar="FORMAT", help="csv (the default), tsv, json, ndjson, md, html, table, vcard or ics.")
    ] = "",
    output_file: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="Write this file (default: standard output); of a person, a folder.")
    ] = "",
    raw: Annotated[
        bool, typer.Option("--raw", help="Leave cells that a spreadsheet would run, and control characters, as they are.")
    ] = False,
    channel: Annotated[
        str, typer.Option("--for", metavar="CHANNEL", help="Only people who may be contacted by email, phone, mail or sms.")
    ] = "",
    as_of: AsOf = "",
    json: Json = False,
    yes: Yes = False,
) -> None:
    """Write records as CSV and other formats.

    Without --columns all fields, and an id that `sfa import` knows the record by in this database and in no other. References are names;
    where several records bear a name, their id. A CSV cell that a spreadsheet would run as a formula gets an apostrophe in front, which
    `sfa import` takes off again; control characters are left out. --raw is for programs that want neither.

    Contacts and leads go out as vCards (3.0), activities as a calendar (iCalendar), by --format or a file that ends in .vcf or .ics. Their
    UIDs stay, so that importing them a second time updates. What people do not want (no calls, …) goes along as categories.

    Opt-outs are honoured: --for email (phone, mail, sms) writes only contacts or leads who can be reached there and have not opted out, on
    any record of theirs. All columns hold every address, with the opt-outs beside them. With --columns, an address whose opt-out is not
    among them, as opt_out_email is email's, is blank for those who opted out.

    `sfa export person REF|EMAIL -o FOLDER` writes all that is held about one person: their records with every change, what was logged,
    their deals, opt-outs with date and source, where the data came from, what others wrote about them, and which backups hold it too.

    Examples:
      sfa export account country:Ireland --output accounts-ireland.csv
      sfa export opp is:open --columns name,account.industry,amount,close
      sfa export contact city:Berlin --output berlin.vcf
      sfa export contact --for email --columns name,email,account
      sfa export person 'Wei Zhang' --output wei-zhang
    """
    session: Session = ctx.obj
    channel = channel.strip().lower()
    if kind.strip().lower() == "person":
        from sfa.commands.dossier import export

        if columns or format or raw or channel or as_of or json:
            raise UsageError("of a person everything is written, as JSON and as a page", "Only --output and --yes go with it.")
        return export(session, filter or [], output_file, yes)
    if shared := sharing.format_of(format, output_file, json):
        return sharing.export(session, kind, filter or [], columns, shared, output_file, as_of, yes, raw, channel)
    chosen = output.chosen_format(format or ("" if json else "csv"), json)
    with session.store(as_of=as_of) as store:
        of = _kind(store, kind)
        own = "ref" if chosen in ("json", "ndjson") else "id"
        names = column_names(of, columns, full=True) if columns else [own, *(f.name for f in of.fields)]
        sheet, left = optouts.select(store, of, names, filters.parse(filter or [], of, store.kinds), channel)
        if chosen in ("csv", "tsv"):
            sheet = _told_apart(store, sheet)
        how = view(store, chosen, raw)
        if not output_file:
            output.sheet(sheet, how)
            return leaving.tell(of, left, channel)
        may_write(output_file, yes)
        counter = count()
        with written_whole(output_file) as stream, redirect_stdout(stream):
            output.sheet(sheet._replace(rows=(row for row, _ in zip(sheet.rows, counter, strict=False))), how)
        output.message(f"Wrote {counted(of, next(counter))} to {output_file}")
        leaving.tell(of, left, channel)
    return None


def _kind(store: Store, word: str) -> Kind:
    kind = kind_of(word)
    if not kind.prefix:
        raise UsageError(f"{kind.plural} are not exported", "`sfa config field list` shows them.")
    return store.kinds[kind.name]


def _told_apart(store: Store, sheet: Sheet) -> Sheet:
    """The sheet with ids in place of names that several records bear."""
    unclear = {c.field.to: bulk.unclear_names(store, store.kinds[c.field.to]) for c in sheet.columns if c.field.type == "ref"}
    places = [(c.at, c.beside, c.field.to) for c in sheet.columns if c.field.type == "ref" and c.beside >= 0 and unclear[c.field.to]]
    if not places:
        return sheet

    def rows() -> Iterator[tuple[Any, ...]]:
        for row in sheet.rows:
            out = list(row)
            for at, beside, to in places:
                if row[at] in unclear[to]:
                    out[at] = long_form(to, row[beside])
            yield tuple(out)

    return sheet._replace(rows=rows())
