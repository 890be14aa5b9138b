"""The demo company: its files loaded into a fresh database, dated so that it stands at today, and a first look around."""

from __future__ import annotations

import os
from contextlib import ExitStack, suppress
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sfa import output
from sfa.commands.nouns import Yes
from sfa.commands.session import Session
from sfa.errors import NotFound, Refused
from sfa.messages import say
from sfa.progress import Progress

if TYPE_CHECKING:
    from sfa.sales.forecast import Cumulative
    from sfa.store.database import Store
    from sfa.store.operations import Operation

if TYPE_CHECKING:
    pass

ANCHOR, PRESENT = date(2026, 11, 20), "2026-Q4"
"""The day at which the company's files stand, and the quarter that it is in."""
START = date(2023, 11, 19)
"""The day before its first deal: when its people, accounts and products are on file."""
VP = "Helen Ashworth"
BEFORE = ("users", "accounts", "contacts", "products", "reasons", "rates", "quotas")
"""What the company had from the start; then come the leads and deals of three years."""
AFTER = ("leads", "opportunities", "opportunity_history", "activities")
SAID = ("forecast_calls", "forecast_adjustments", "forecast_judgments")
"""What people said of their forecasts, each when it was said."""
KINDS = {"opportunities": "opp", "opportunity_history": "history", "activities": "activity"}
DATES = ("created", "close", "closed", "opened", "due", "date", "opt_out_email", "changed", "when", "made")


def command(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(metavar="[FILE]", help="Where to make it (default: demo.db in the data folder).")] = "",
    yes: Yes = False,
) -> None:
    """Load the demo company into a fresh database and look around.

    It sells sensors in three regions: 16 people, 150 accounts, 1,900 deals over three years, dated so that it stands at today. An earlier
    demo is replaced; any other database is left alone.

    Examples:
      sfa demo
      sfa demo try.db
    """
    session: Session = ctx.obj
    path = os.path.abspath(file or os.path.join(os.path.dirname(session.settings.get("db")), "demo.db"))
    today = session.settings.calendar().today
    _make_room(path)
    _load(session, path, today)
    _tour(ctx, path)


def _make_room(path: str) -> None:
    """Take an earlier demo away. Raises Refused for any other file."""
    if os.path.exists(path) and os.path.getsize(path):
        from sfa.store.database import holds_command

        if not holds_command(path, "demo users.csv"):
            raise Refused(say("{path} is there and is not an earlier demo", path=path), "Name another file: sfa demo FILE")
    for ending in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            os.remove(path + ending)


def folder() -> Path:
    """The company's files: in the package when installed, in examples/ in a checkout. Raises NotFound."""
    here = Path(__file__).parent.parent
    for place in (here / "company", here.parent / "examples" / "company"):
        if (place / "users.csv").is_file():
            return place
    raise NotFound("the demo company's files are not installed", "Install sfa again: pip install --force-reinstall sfa")


def _load(session: Session, path: str, today: date) -> None:
    """Load every file, each in one operation: what was there from the start at the start, the deals and their past today; then what people
    said, an operation for each moment."""
    import tempfile

    progress = Progress("Loading the demo company", len(BEFORE + AFTER) + 1)
    shift = today - ANCHOR
    with tempfile.TemporaryDirectory(prefix="sfa-") as place:
        for number, name in enumerate(BEFORE + AFTER):
            moved = os.path.join(place, f"{name}.csv")
            _shifted(folder() / f"{name}.csv", moved, shift)
            then = f"{START + shift}T08:00:00Z" if name in BEFORE else ""
            _import(session, path, KINDS.get(name, name), moved, then)
            progress.at(number + 1)
    _say(session, path, shift)
    progress.done()


def _import(session: Session, path: str, word: str, file: str, clock: str) -> None:
    """Load one file by the way of `sfa import`; `clock` sets the time at which it happens."""
    from sfa.commands.importing.run import Run
    from sfa.commands.sources import Ways, open_source, read_map
    from sfa.sales.histories import history
    from sfa.sales.kinds import kind_of
    from sfa.store.loading import Options

    own = _own(session, path, os.path.basename(file))
    own.settings.environment = {**session.settings.environment, **({"SFA_TODAY": clock} if clock else {})}
    kind = history() if word == "history" else kind_of(word)
    with ExitStack() as resources:
        source = open_source(file, kind, read_map("", kind), own.settings.calendar(), Ways(profile="none"), resources)
        Run(own, kind, [source], Options("", "update", "reject"), "", False).load()


def _own(session: Session, path: str, file: str) -> Session:
    """The session in which a file of the demo is loaded."""
    own = Session(["demo", file], {"db": path, "me": VP, "currency": "USD", "hooks": "off"})
    own.settings.environment = session.settings.environment
    return own


def _say(session: Session, path: str, shift: timedelta) -> None:
    """Load what people said, that of each moment in one operation which holds since then. What the deals added up to at that moment is
    found anew: it is another sum than the file's where the quarter has come another part of its way."""
    import csv
    from itertools import groupby

    from sfa.commands.nouns import effective_moment
    from sfa.store.operations import operation

    rows = []
    for name in SAID:
        with open(folder() / f"{name}.csv", encoding="utf-8", newline="") as read:
            rows += [(_said_at(row, shift), name, row) for row in csv.DictReader(read)]
    rows.sort(key=lambda r: r[:2])
    with _own(session, path, f"{SAID[0]}.csv").store(write=True) as store:
        for made, said in groupby(rows, key=lambda r: r[0]):
            moment = effective_moment(store, made)
            records = [
                (name.removesuffix("s"), {**row, "made": made, "period": _moved_quarter(row["period"], shift)}) for _, name, row in said
            ]
            rolled = _rolled(store, records[0][1]["period"], moment)  # all of a moment is about one quarter
            with operation(store, f"demo {SAID[0]}.csv", effective=moment) as op:
                for kind, row in records:
                    _put(store, op, kind, row, rolled)


def _said_at(row: dict[str, str], shift: timedelta) -> str:
    """When something was said: in the quarter in progress as long ago as for the anchor, in an ended one as far into it."""
    if row["period"] == PRESENT:
        return _moved(row["made"], shift)
    return _moved(row["made"], _first_day(_moved_quarter(row["period"], shift)) - _first_day(row["period"]))


def _rolled(store: Store, period: str, moment: int | None) -> dict[int, Cumulative]:
    """What everyone's deals with those of all below added up to at a moment."""
    from sfa.commands.forecast.said import by_rep, gather
    from sfa.commands.tables import period_of
    from sfa.sales.forecast import cumulative
    from sfa.store.queries.forecast import Ask

    with store.past(moment):
        ask = Ask(period_of(store, period), [])
        return {p: cumulative(f) for p, f in gather(store, ask, *by_rep(store, ask)).rolled.items()}


def _put(store: Store, op: Operation, kind: str, row: dict[str, str], rolled: dict[int, Cumulative]) -> None:
    """Write what somebody said in the place of what stands there."""
    from sfa.store import intake
    from sfa.store.lookup import standing

    values = intake.stored(store, store.kinds[kind], row)
    if kind == "forecast_call":
        now = rolled[values["owner"]]
        values |= {"rollup_commit": now.commit, "rollup_best_case": now.best_case}
    elif kind == "forecast_adjustment":
        values["gross"] = getattr(rolled[values["owner"]], values["column"])
    before = standing(store, kind, values)
    op.update(kind, before["id"], values) if before else op.insert(kind, values)


def _shifted(source: Path, target: str, shift: timedelta) -> None:
    """Copy a file with its dates moved; quarters of quotas move with them."""
    import csv

    with open(source, encoding="utf-8", newline="") as read, open(target, "w", encoding="utf-8", newline="") as write:
        rows = csv.reader(read)
        header = next(rows)
        moves = [(i, _moved_quarter if name == "period" else _moved) for i, name in enumerate(header) if name in DATES or name == "period"]
        out = csv.writer(write, lineterminator="\n")
        out.writerow(header)
        for row in rows:
            for i, move in moves:
                if row[i]:
                    row[i] = move(row[i], shift)
            out.writerow(row)


def _moved(text: str, shift: timedelta) -> str:
    return (date.fromisoformat(text[:10]) + shift).isoformat() + text[10:]


def _first_day(quarter: str) -> date:
    return date(int(quarter[:4]), 3 * int(quarter[-1]) - 2, 1)


def _moved_quarter(text: str, shift: timedelta) -> str:
    """The quarter that lies as far from today's as this one lies from the anchor's."""

    def number(day: date) -> int:
        return day.year * 4 + (day.month - 1) // 3

    moved = int(text[:4]) * 4 + int(text[-1]) - 1 + number(ANCHOR + shift) - number(ANCHOR)
    return f"{moved // 4}-Q{moved % 4 + 1}"


def _tour(ctx: typer.Context, path: str) -> None:
    """Board, forecast with attainment and win/loss, each under the command that shows it."""
    from sfa.commands.board import board
    from sfa.commands.forecast.show import show
    from sfa.commands.report.winloss import winloss

    session: Session = ctx.obj
    session.settings.given.update({"db": path, "me": VP, "currency": "USD"})
    shown = "table"
    steps: tuple[tuple[str, Any], ...] = (
        ("sfa opp board --limit 3", lambda: board(ctx, limit=3, format=shown)),
        ("sfa forecast", lambda: show(ctx, format=shown)),
        ("sfa report winloss --by competitor", lambda: winloss(ctx, by="competitor", format=shown)),
    )
    for line, step in steps:
        output.line(say("\n$ {line}", line=line))
        step()
    set_it = f"set SFA_DB={path}" if os.name == "nt" else f"export SFA_DB={path} SFA_ME='{VP}'"
    output.message(say("\nThe demo company is in {path}. To look around in it:\n  {set_it}", path=path, set_it=set_it))
    output.message("  sfa opp list is:open --sort -amount\n  sfa --help")
