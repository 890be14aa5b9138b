"""`sfa export`: every record of a kind, or those that a filter finds, in a form that other programs read and `sfa import` takes again."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import redirect_stdout
from itertools import count
from typing import Annotated, Any, NamedTuple

import typer

from sfa import output
from sfa.commands import leaving, sharing
from sfa.commands.files import made_whole, may_write, written_whole
from sfa.commands.grouping import words
from sfa.commands.nouns import AsOf, Columns, Json, Yes, column_names, counted
from sfa.commands.session import Session, view
from sfa.errors import UsageError
from sfa.messages import say, together
from sfa.sales import filters
from sfa.sales.kinds import Field, Kind, kind_of
from sfa.sales.sheets import Column, Sheet
from sfa.store import bulk, filtering, optouts
from sfa.store.database import Store
from sfa.store.optouts import Left

FILES = ("xlsx", "sqlite")
"""Formats that are files and nothing else: they need --output."""
ENDINGS = {
    "csv": "csv",
    "tsv": "tsv",
    "json": "json",
    "ndjson": "ndjson",
    "jsonl": "ndjson",
    "md": "md",
    "html": "html",
    "txt": "table",
    "xlsx": "xlsx",
    "db": "sqlite",
    "sqlite": "sqlite",
    "sqlite3": "sqlite",
}
"""How a file's name ends: its format."""


@words
def command(
    ctx: typer.Context,
    kind: Annotated[str, typer.Argument(metavar="KIND", help="lead, account, contact, opp, product, user, activity, …, person or all.")],
    filter: Annotated[list[str] | None, typer.Argument(metavar="[FILTER]...", show_default=False)] = None,
    columns: Columns = "",
    format: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            metavar="FORMAT",
            help="csv, tsv, json, ndjson, md, html, table, xlsx, sqlite, vcard or ics (default: by the file's ending, else csv).",
        ),
    ] = "",
    shaped: Annotated[
        str, typer.Option("--as", metavar="PRODUCT", help="A CSV file that this product's import takes: salesforce or hubspot.")
    ] = "",
    output_file: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write this file (default: standard output); of a person a folder, of all a folder or a ZIP.",
        ),
    ] = "",
    raw: Annotated[
        bool, typer.Option("--raw", help="Leave cells that a spreadsheet would run, and control characters, as they are.")
    ] = False,
    channel: Annotated[
        str, typer.Option("--for", metavar="CHANNEL", help="Only people who may be contacted by email, phone, mail, sms or visit.")
    ] = "",
    as_of: AsOf = "",
    json: Json = False,
    yes: Yes = False,
) -> None:
    """Write records as CSV and other formats.

    Without --columns all fields, and an id that `sfa import` knows the record by in this database and in no other. References are names;
    where several records bear a name, their id. A CSV cell that a spreadsheet would run as a formula gets an apostrophe in front, which
    `sfa import` takes off again; control characters are left out. --raw is for programs that want neither. TSV and --as are for programs
    too: what they hold is never changed, so open such a file in a spreadsheet only if you trust all that people wrote.

    In XLSX dates are dates, amounts numbers with their currency beside, and nothing is a formula. SQLite is one plain table with the names
    and the ids of references, for any tool. --as names the columns as another product's import calls them: their ids where records have
    external ids, owners and accounts by name too.

    Contacts and leads go out as vCards (3.0), activities and tasks as a calendar (iCalendar), by --format or a file that ends in .vcf or
    .ics. Their UIDs stay, so that importing them a second time updates. What people do not want (no calls, …) goes along as categories.

    Opt-outs are honoured: --for email (phone, mail, sms, visit) writes only contacts or leads who can be reached there and have not opted
    out, of that or of everything (do_not_contact), on any record of theirs. All columns hold every address, with the opt-outs beside them.
    With --columns, an address whose opt-outs, as opt_out_email and do_not_contact, are not both among them is blank for those who opted
    out.

    `sfa export person REF|EMAIL -o FOLDER` writes all that is held about one person: their records with every change, what was logged,
    their deals, opt-outs with date and source, where the data came from, what others wrote about them, and which backups hold it too.

    `sfa export all` writes everything: to a folder or a ZIP file with every version of every record, the operations that made them, your
    own fields, ids and saved reports, which `sfa import bundle` makes an equal database of; to a .xlsx or .db file what holds now, a sheet
    or table a kind.

    Examples:
      sfa export account country:Ireland --output accounts-ireland.csv
      sfa export opp is:open --columns name,account.industry,amount,close
      sfa export contact city:Berlin --output berlin.vcf
      sfa export contact --for email --columns name,email,account
      sfa export person 'Wei Zhang' --output wei-zhang
      sfa export all --output company.zip
    """
    session: Session = ctx.obj
    word, channel = kind.strip().lower(), channel.strip().lower()
    if word == "person":
        from sfa.commands.dossier import export

        if columns or format or shaped or raw or channel or as_of or json:
            raise UsageError("of a person everything is written, as JSON and as a page", "Only --output and --yes go with it.")
        return export(session, filter or [], output_file, yes)
    if word == "all" and (filter or columns or shaped or raw or channel):
        raise UsageError("export all takes --output, --as-of and --yes only", "It writes everything as it is.")
    if word != "all" and not shaped and (shared := sharing.format_of(format, output_file, json)):
        return sharing.export(session, kind, filter or [], columns, shared, output_file, as_of, yes, raw, channel)
    chosen = _format(format, json, shaped, output_file, word == "all")
    if word == "all" and chosen not in FILES:
        from sfa.commands import whole

        return whole.export(session, output_file, as_of, yes)
    with session.store(as_of=as_of) as store:
        wanted = _Wanted(store, columns, filter or [], channel)
        if chosen in FILES:
            kinds = [k for k in store.kinds.values() if k.prefix] if word == "all" else [_kind(store, kind)]
            may_write(output_file, yes)
            return _file(wanted, kinds, chosen, output_file)
        of = _kind(store, kind)
        sheet, left = _shaped(wanted, of, shaped) if shaped else _sheet(wanted, of, chosen)
        how = view(store, chosen, raw or bool(shaped))
        if not output_file:
            output.sheet(sheet, how)
            return leaving.tell(of, left, channel)
        may_write(output_file, yes)
        counter = count()
        with written_whole(output_file) as stream, redirect_stdout(stream):
            output.sheet(sheet._replace(rows=_counted(sheet.rows, counter)), how)
        output.message(say("Wrote {counted} to {output_file}", counted=counted(of, next(counter)), output_file=output_file))
        leaving.tell(of, left, channel)
    return None


class _Wanted(NamedTuple):
    """What is asked for: of which database, which columns ("": all), by which filter, for which channel ("": none)."""

    store: Store
    columns: str
    filter: list[str]
    channel: str

    def conditions(self, kind: Kind) -> list[filters.Condition]:
        return filtering.conditions(self.store, self.filter, kind)


def _format(asked: str, json: bool, shaped: str, file: str, whole: bool) -> str:
    """The format: as asked, else by the file's ending, else CSV. Raises UsageError."""
    if asked in FILES and not json:
        if not file:
            raise UsageError(say("{asked} is a file, not text for standard output", asked=asked), "Name it with --output.")
        chosen = asked
    elif asked or json:
        chosen = output.chosen_format(asked, json)
    elif file:
        ending = os.path.splitext(file)[1].lower().removeprefix(".")
        if whole and ENDINGS.get(ending) not in FILES:
            return ""
        if ending not in ENDINGS:
            raise UsageError(
                say("{file!r} does not say in its ending what format it has", file=file[-60:]),
                say("Add --format, or end it in {endings}, vcf or ics.", endings=together(", ", ENDINGS)),
            )
        chosen = ENDINGS[ending]
    else:
        chosen = "csv"
    if whole and chosen not in FILES:
        if not asked and not json:
            return ""
        raise UsageError("export all writes a folder or a ZIP file, or --format xlsx or sqlite")
    if shaped and chosen != "csv":
        raise UsageError("--as writes CSV")
    return chosen


def _counted(rows: Iterable[tuple[Any, ...]], counter: Iterator[int]) -> Iterator[tuple[Any, ...]]:
    return (row for row, _ in zip(rows, counter, strict=False))


def _kind(store: Store, word: str) -> Kind:
    kind = kind_of(word)
    if not kind.prefix:
        raise UsageError(say("{plural} are not exported", plural=kind.plural), "`sfa config field list` shows them.")
    return store.kinds[kind.name]


def _names(kind: Kind, columns: str, own: str) -> list[str]:
    return column_names(kind, columns, full=True) if columns else [own, *(f.name for f in kind.fields)]


def _sheet(wanted: _Wanted, kind: Kind, chosen: str) -> tuple[Sheet, Left]:
    """The records to write as text; in CSV and TSV references say by id what they mean where several records bear the name."""
    store, conditions = wanted.store, wanted.conditions(kind)
    if chosen not in ("csv", "tsv"):
        names = _names(kind, wanted.columns, "ref" if chosen in ("json", "ndjson") else "id")
        return optouts.select(store, kind, names, conditions, wanted.channel)
    names = _names(kind, wanted.columns, "id")
    targets = {f.to for f in kind.fields if f.type == "ref" and f.name in names}
    unclear = {to: bulk.unclear_names(store, store.kinds[to]) for to in sorted(targets)}
    named = {to: bulk.names(store, store.kinds[to], unclear[to]) for to in unclear} if not conditions else {}
    held = {to: found for to, found in named.items() if found is not None}
    sheet, left = optouts.select(store, kind, names, conditions, wanted.channel, named=held)
    made = [c._replace(apart=unclear.get(c.field.to, ())) if c.beside >= 0 else c for c in sheet.columns]
    return sheet._replace(columns=made), left


def _shaped(wanted: _Wanted, kind: Kind, product: str) -> tuple[Sheet, Left]:
    """The records as another product's import takes them."""
    from sfa.sales.shapes import shape

    columns = shape(product, kind)
    sheet, left = optouts.select(wanted.store, kind, [c.field for c in columns], wanted.conditions(kind), wanted.channel)
    made = [c._replace(name=s.header, names=c.names if s.names is None else s.names) for c, s in zip(sheet.columns, columns, strict=True)]
    return sheet._replace(columns=made), left


# Files that are not text --------------------------------------------------------------------------------------------------------------


def _plain(wanted: _Wanted, kind: Kind, chosen: str) -> tuple[Sheet, Left]:
    """The records for a workbook or a table; in a table each reference has its id beside its name."""
    sheet, left = optouts.select(wanted.store, kind, _names(kind, wanted.columns, "id"), wanted.conditions(kind), wanted.channel)
    if chosen == "xlsx":
        return sheet, left
    made: list[Column] = []
    for c in sheet.columns:
        made.append(c)
        if c.field.type == "ref" and c.beside >= 0:
            made.append(Column(f"{c.name}_id", Field("id", "self", to=c.field.to), c.beside))
    return sheet._replace(columns=made), left


def _file(wanted: _Wanted, kinds: list[Kind], chosen: str, path: str) -> None:
    """Write a workbook or a plain SQLite file, whole or not at all."""
    how, cut = view(wanted.store, chosen), 0
    found = [(k, *_plain(wanted, k, chosen)) for k in kinds]
    with made_whole(path) as made:
        if chosen == "xlsx":
            from sfa.writing import workbook

            rows, cut = workbook.write(made, [(k.plural, sheet) for k, sheet, _ in found], how)
        else:
            from sfa.store import plainfile
            from sfa.writing import separated

            rows = plainfile.write(made, [(k.name, s.columns, separated.rows(s, s.columns, how)) for k, s, _ in found])
    output.message(
        say(
            "Wrote {more} to {path}",
            more=counted(kinds[0], rows) if len(kinds) == 1 else say("{rows:,} records of {count} kinds", rows=rows, count=len(kinds)),
            path=path,
        )
    )
    for kind, _, left in found:
        leaving.tell(kind, left, wanted.channel)
    if cut:
        output.warning(say("{cut:,} texts are longer than a cell of Excel may be, and were cut; CSV has them whole", cut=cut))
