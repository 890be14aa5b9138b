"""`sfa import`: files of rows into records. What becomes of a row is decided in `store/loading.py`; here files are opened, the map is
read, the mapping and the outcome are told."""

from __future__ import annotations

import os
import shlex
from contextlib import ExitStack
from itertools import islice
from typing import Annotated

import typer

from sfa import output
from sfa.commands.importing.mapping import agreed, save
from sfa.commands.importing.run import Run, apart, kinds_of
from sfa.commands.importing.summary import tell_summary
from sfa.commands.nouns import DryRun, Json, Yes
from sfa.commands.session import Session
from sfa.commands.sources import Source, Ways, open_source, read_map
from sfa.errors import RejectedRows, SfaError, UsageError
from sfa.messages import say, together
from sfa.sales import values
from sfa.sales.histories import history as history_kind
from sfa.sales.kinds import KINDS, Kind, kind_of, with_user_fields
from sfa.sales.mapfile import Map, with_set
from sfa.store.loading import Options


def command(
    ctx: typer.Context,
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND",
            help="lead, account, contact, opp, … (deals, companies, notes, too), history (past stages) or bundle (a whole export).",
        ),
    ],
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FILE...",
            help="CSV, XLSX, JSON, SQLite …; - reads standard input. A bundle's folder, ZIP or workbook.",
            show_default=False,
        ),
    ] = None,
    map: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="FILE", help="A map file (TOML): what the headers do not say. Of a bundle: FILE=MAP, KIND or none."),
    ] = None,
    source: Annotated[
        str, typer.Option("--source", metavar="NAME", help="The system that the file's ids are from, where there are several.")
    ] = "",
    on_duplicate: Annotated[
        str, typer.Option("--on-duplicate", metavar="WHAT", help="Rows that differ from their record: skip, update, fill (blanks) or fail.")
    ] = "",
    on_missing: Annotated[
        str,
        typer.Option("--on-missing", metavar="WHAT", help="References to nothing: reject the row, create the record, or leave blank."),
    ] = "",
    rejects: Annotated[
        str, typer.Option("--rejects", metavar="FILE", help="Write bad rows here, with their reasons, and load the others.")
    ] = "",
    encoding: Annotated[
        list[str] | None,
        typer.Option("--encoding", metavar="NAME", help="The file's encoding (default: found out). Of a bundle also FILE=NAME."),
    ] = None,
    date_order: Annotated[
        str, typer.Option("--date-order", metavar="ORDER", help="How dates are written: dmy, mdy, ymd (default: as a whole column proves).")
    ] = "",
    delimiter: Annotated[str, typer.Option("--delimiter", metavar="CHARACTER", help="Between cells (default: found out); tab.")] = "",
    sheet: Annotated[str, typer.Option("--sheet", metavar="NAME", help="The sheet of a workbook (default: the first filled one).")] = "",
    table: Annotated[str, typer.Option("--table", metavar="NAME", help="The table of a SQLite file, or an array of a JSON document.")] = "",
    format: Annotated[str, typer.Option("--format", "-f", metavar="FORMAT", help="json: the summary on standard output.")] = "",
    json: Json = False,
    profile: Annotated[
        str, typer.Option("--profile", metavar="NAME", help="The product that the files are from (default: recognised), or none.")
    ] = "",
    set: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="FIELD=VALUE", help="A value for every row; may be repeated. Of a bundle also KIND.FIELD=VALUE."),
    ] = None,
    save_map: Annotated[
        str,
        typer.Option("--save-map", metavar="FILE", help="Write the mapping as a map file (of a bundle: a folder), to be corrected."),
    ] = "",
    create_fields: Annotated[
        bool, typer.Option("--create-fields", help="Make a field of your own of each column that is left out otherwise.")
    ] = False,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Load records from files: CSV and the like, sheets, JSON, SQLite tables, vCards and calendars.

    Columns are matched to fields by their headers; exports of known products are recognised (`sfa help import`). All rows are
    loaded or, without --rejects, none. A row is the record with its external id, else with its natural key (e-mail, name, …); running the
    same file again changes nothing. `sfa undo` takes an import back.

    A won or lost deal's close date is also its closed date where the file has only one of them. Deals enter any stage without its exit
    criteria, and lost ones without a reason. An owner who is not a user is a reason to reject a row: load users first, or leave the
    column out, or --on-missing create. Pipelines and stages are made by `import bundle … --on-missing create` alone.

    A bundle is a folder, a ZIP file or a workbook, each sheet of which is a file: what `sfa export all` wrote becomes an equal
    database, in a file that is new; other products' files are recognised by their names and headers and loaded in the order in which
    they refer to each other, whatever the order of their rows, in one operation. Rows of deleted records are left out and counted,
    words of pick lists that are none of ours left blank and counted, and what is not taken is listed. --rejects names a folder then.
    Without --on-missing, records are made of the names of what the bundle has no file of (owners, as a rule), and rows that refer to
    what should be in one of its files are rejected. --map deals.csv=deals.toml gives a file of it a map, --map people.csv=contact says
    what one holds, --map tickets.csv=none leaves one out, --map FOLDER has a map for each, as --save-map FOLDER writes them.

    A sheet is one of XLSX, XLS or ODS, JSON an array or an object a line (NDJSON); the content tells which, not the name. Text may be
    packed (gzip, bzip2, xz). Its encoding is found out and shown with a sample; where several are believable, you are asked, or
    --encoding names it. Lines before the header are skipped. A row with a stray or unclosed quote is rejected by itself, and shown with a
    caret. Nested JSON objects are columns such as Owner.Name.

    History is rows of a deal's state at a time, of changes of one field each (field, old value, new value, changed), or of stages (entered,
    left): which one, the headers say. It ends where this database's own knowledge of the deal begins.

    Contacts and leads are read from vCards (2.1, 3.0, 4.0), activities from calendars (iCalendar), by what the file holds. A card's UID is
    the record's external id; its company is the contact's account. An event is a visit unless a category says call or e-mail, with the one
    contact or lead that has an attendee's address; of a repeated one the first time is taken.

    Quotas stand one a row, or one in each column of a period (Q1 2026, 2026-01, FY26-Q1; Jan or Q1 with a column Year or [set] period =
    "2026"). Blank, - and NULL are none, 0 is a zero. A column of a total or of a longer period is left out unless [columns] says amount.

    Columns:
      [columns]                  # column in the file = our field ("" leaves it out)
      sales_agent = "owner"
      [values.stage]             # our field: value in the file = our value
      Engaging = "Qualification"
      [set]                      # the same for every row
      currency = "USD"
      [multiply]                 # figures in thousands or millions
      annual_revenue = 1000000
      [format]
      dates = "mdy"              # ymd, dmy, mdy, or a pattern such as %d.%m.%Y
      decimal = "."
      profile = "hubspot"        # the product that the file is from, or none
      kind = "contact"           # what the file holds, in a bundle; none leaves it out
      header = "Id, Date, Goal"  # the columns of a file without a header
      [blank]                    # column in the file: what stands for a blank in it
      Rating = ["Select", "?"]
      [period]                   # quotas with a date in place of a period
      length = "quarter"         # day, month, quarter, half or year from it
      snap = "nearest"           # with the month that begins nearest to it

    Examples:
      sfa import lead leads.csv --on-missing create --source webform
      sfa import lead leads.csv --set rating=warm --save-map leads.toml --dry-run
      sfa import opp opportunities.csv --on-missing create --dry-run
      sfa import lead leads.ndjson --rejects bad.csv
      sfa import quota quotas.csv
      sfa import contact phone.vcf --on-missing create
      sfa import bundle crm --on-missing create
      sfa import bundle crm --profile salesforce --map Opportunity.csv=none --dry-run
    """
    from sfa.sales.arrivals import MISSING, POLICIES

    if not files:
        raise _unsaid(kind)
    as_json = json or format == "json"
    if format not in ("", "json"):
        raise UsageError(say("there is no format {format!r} for a summary", format=format[:60]), "Formats: json")
    if on_duplicate and on_duplicate not in POLICIES:
        raise UsageError(
            say("--on-duplicate is not {on_duplicate!r}", on_duplicate=on_duplicate[:60]),
            say("Values: {policies}", policies=together(", ", POLICIES)),
        )
    if on_missing and on_missing not in MISSING:
        raise UsageError(
            say("--on-missing is not {on_missing!r}", on_missing=on_missing[:60]), say("Values: {missing}", missing=together(", ", MISSING))
        )
    if source.startswith("#"):
        raise UsageError("a source's name does not start with #")
    session: Session = ctx.obj
    if kind.strip().lower() == "bundle":
        from sfa.commands import bundle
        from sfa.commands.importing.given import Given, Wishes

        if create_fields or sheet or table:
            raise UsageError("--create-fields, --sheet and --table are for files one by one", "sfa import KIND FILE --create-fields")
        said = Given(Wishes(profile, map or (), encoding or (), set or (), _order(date_order)))
        options = Options(source.strip(), on_duplicate, on_missing)
        return bundle.load(session, files, options, rejects, said, bundle.How(delimiter, as_json, dry_run, yes, save_map))
    with ExitStack() as resources:
        apart(session, resources, dry_run)
        kinds = kinds_of(session)
        of = history_kind(kinds["opportunity"]) if kind.strip().lower() == "history" else _kind(kinds, kind)
        given = with_set(read_map(_one(map, "--map"), of), of, set or [])
        given = _for_kind(given._replace(dates=_order(date_order) or given.dates), of)
        ways = Ways(_one(encoding, "--encoding"), delimiter, profile, create_fields and _takes_fields(of), sheet, table)
        sources: list[Source] = []
        for file in files:
            sources.append(open_source(file, of, given, session.settings.calendar(), ways, resources))
            of = with_user_fields(of, list(sources[-1].created))
        told = not as_json and (dry_run or output.watched())
        sources = [agreed(found, told, yes) for found in sources]
        if save_map:
            save(save_map, sources[0], given._replace(kind=of.noun or of.name), yes)
        stages = {t: o for s in sources if s.plan.profile for t, o in s.plan.profile.stages.items()}
        pipelines = frozenset(n for s in sources if s.plan.profile for n in s.plan.profile.pipelines.split(" | ") if n)
        run = Run(
            session, of, sources, Options(source.strip(), on_duplicate, on_missing or "reject", stages, pipelines), rejects, dry_run, yes
        )
        if rejects:
            run.check_rejects(yes)
        summary = run.load()
    output.json_object(summary) if as_json else tell_summary(of, summary)
    if summary["rejected"]:
        raise RejectedRows(
            say("{rejected:,} of {read:,} rows were rejected", rejected=summary["rejected"], read=summary["read"])
            + ("" if dry_run else say("; they stand in {rejects}", rejects=rejects)),
            "Each has its reason in the column sfa_reason. Mend them there and import that file.",
        )
    return None


def _takes_fields(of: Kind) -> bool:
    """True. Raises UsageError for a kind that takes no fields of the company's own."""
    if of.name in ("history", "quota"):
        raise UsageError(
            say("{plural} take no fields of your own", plural=of.plural), "--create-fields is for leads, accounts, deals and the like."
        )
    return True


def _one(given: list[str] | None, option: str) -> str:
    if given and len(given) > 1:
        raise UsageError(
            say("{option} is given {count} times", option=option, count=len(given)),
            "Several are for a bundle's files; other files are imported one by one.",
        )
    return given[0] if given else ""


def _order(given: str) -> str:
    """An order of day, month and year, or a pattern, as it was typed. Raises UsageError."""
    from sfa.errors import BadValue
    from sfa.sales.datecolumns import date_reader

    try:
        date_reader(given.strip().lower() if "%" not in given else given)
    except BadValue as error:
        raise UsageError(f"--date-order: {error.message}", error.hint) from None
    return given.strip().lower() if "%" not in given else given


def _for_kind(given: Map, kind: Kind) -> Map:
    """A map that fits the kind that is imported. Raises UsageError where it says that its file holds another."""
    from sfa.sales.bundles import kind_called

    said = given.kind.strip().lower()
    if said and said not in (kind.name, kind.noun, kind.plural) and kind_called(said) != kind.name:
        raise UsageError(
            say("the map is one of a file of {kind}, not of {plural}", kind=given.kind[:60], plural=kind.plural),
            "Mend kind under [format] in it.",
        )
    return given


def _unsaid(word: str) -> UsageError:
    """What to say where one word stands for kind and file: a file's kind is told by its name and header, as in a bundle."""
    from sfa.reading.lined import TAKES
    from sfa.reading.tabular import open_table
    from sfa.sales.bundles import Seen, kind_of_file

    named = values.quoted(word)
    if os.path.isdir(word) or (os.path.isfile(word) and word.lower().endswith(".zip")):
        return UsageError(
            say("it is not said what {named} holds", named=named),
            say("Whole exports are bundles: sfa import bundle {quote}", quote=shlex.quote(word)),
        )
    if not os.path.isfile(word):
        return UsageError("no file is named", "As in sfa import lead leads.csv, or sfa import bundle FOLDER")
    try:
        with open_table(word) as table:
            rows = [r.cells for r in islice(table, 20) if not r.problem]
            form = table.dialect.form if table.dialect.form in TAKES else ""
            found, _ = kind_of_file(Seen(os.path.basename(word), tuple(table.header), rows, form))
    except SfaError:
        found = ""
    kind = KINDS.get(found)
    if kind is None or not kind.noun:
        return UsageError(
            say("it is not said what {named} holds", named=named), say("As in sfa import lead {quote}", quote=shlex.quote(word))
        )
    return UsageError(
        say("it is not said what {named} holds", named=named),
        say("It looks like {plural}: sfa import {group} {quote}", plural=kind.plural, group=kind.noun, quote=shlex.quote(word)),
    )


def _kind(kinds: dict[str, Kind], word: str) -> Kind:
    kind: Kind | None
    try:
        kind = kind_of(word)
    except UsageError:
        from sfa.sales.bundles import kind_called

        if not (kind := KINDS.get(kind_called(word))) or not kind.noun:
            raise
    if not kind.prefix:
        raise UsageError(say("{plural} are not imported", plural=kind.plural), "`sfa config field add KIND NAME TYPE` makes a field.")
    return kinds[kind.name]
