"""Help topics: what several commands share is explained here once."""

from __future__ import annotations

from typing import Annotated

import typer

from sfa import output
from sfa.cli import TOPICS
from sfa.commands.session import Session
from sfa.errors import NotFound, did_you_mean
from sfa.languages import spoken
from sfa.messages import say, together

FORMATS = """\
A terminal gets a table that fits it; a pipe gets TSV with raw values, a header and nothing cut.

table    aligned, amounts and dates for people
tsv      tabs; tabs and line ends inside cells become blanks
csv      quoted where needed; cells that a spreadsheet would run get an apostrophe in front (export --raw leaves them)
json     a listing is an array of records, a report {"rows", "total", "period", "as_of", …}
ndjson   one record a line
md       a Markdown table
html     an HTML table
vcard    contacts and leads for address books (sfa export, or a file that ends in .vcf)
ics      activities and tasks for calendars (sfa export, or a file that ends in .ics)

A report's total stands apart in JSON and in tables; TSV, CSV and NDJSON hold its rows alone, so that a column can be added up.

In JSON an amount is {"amount": "1234.50", "currency": "EUR"}, a rate is a fraction of 1, a reference is a name with its ref
beside (account, account_ref), id is the same record in every database. Keys may come, none will go.
"""
DATES = """\
Days      2026-11-23, 23 nov 2026, today, tomorrow, yesterday, +3d, -2w, +1m, +1q, fri, next fri, last fri, eow, eom, eoq, eoy
          +3wd, in 3 working days, next working day: without weekends (working_hours) and public holidays (country)
          03/04/26 is refused unless `sfa config set date_order dmy` (or mdy) says how it is read
Periods   2026, 2026-H1, 2026-Q4, 2026-11, 2026-W47, a day, FY26, FY26-Q1, this month, last quarter, last 90 days, ytd, qtd,
          2026-Q1..2026-Q3; 2026-Q4 is the calendar's, FY26-Q4 the fiscal one (fiscal_month, fiscal_named_by)
          with fiscal_weeks 4-4-5 (4-5-4, 5-4-4) fiscal months are of whole weeks, a year begins on the fiscal_week_start nearest to
          the first of fiscal_month, and by month or by quarter of FY26 is by fiscal months and quarters
Moments   2026-11-23 14:30, fri 14:30, now, -2h, 2026-11-23T14:30:00Z; in the company's time zone where none is given
--as-of   a day means its end, a moment is taken exactly
"""
CODES = """\
0    done, an empty list too
1    unexpected, or declined
2    usage: an unknown command, option, field or a value that cannot be read
3    not found
4    refused by a rule or a validation; nothing was changed
5    ambiguous, or in conflict with what happened since
6    database missing, locked, damaged, foreign or newer than this program
7    an import finished and left rejected rows
130  interrupted
"""
REFS = """\
A record is named by the first of these that fits:

O-12, o12        its reference
X-77             what another system calls it
Blue Harbor Ltd  its name, e-mail or code, whatever the capitals
blue har         beginnings of words of its name, in any order, accents or not; Chinese by characters
acme ren         of a deal or contact also words of its account: Renewal 2027 of Acme Corp
arbor            any part of a name
-  -2  -3        the record of this kind that you touched last, the one before it …; also @- and @-2

Several that fit are listed, and nothing is done. `me` is yourself. Where nothing fits, what is nearly called so is named; `show` on a
terminal shows it where it is the only one, a writing command never takes it. `sfa log` takes an account or contact that is named (not by
its reference) for its one open deal.
"""


SHELL = """\
sfa shell            commands without sfa in front, answered at once: Tab completes, the arrows bring back, Ctrl-R searches, Ctrl-D ends.
                     Quotes as in any shell; amount>50k needs none. [3] in the prompt is the last command's exit code
cmd | sfa shell      a command a line, # for comments; stops at the first that fails, with its exit code (--keep-going: does not)

sfa filter save hot 'stage:propose amount>50k'     from then on @hot wherever filters are taken, -@hot for all else:
                     opp list @hot is:mine, export opp @hot, report pipeline @hot, opp edit @hot close=eom; in other filters too.
                     Filters are the company's, in its database; undo and history know them
sfa config alias add fc 'forecast --by rep'        from then on sfa fc, and more options behind it
sfa config default set opp source=web close=eom    what `add` begins with where nothing else is given
                     Aliases and defaults are yours, in the config file

sfa completion bash  also zsh, fish, powershell: Tab in your own shell
"""
ABOUT = {
    "filters": say("How records are chosen: stage:propose, amount>50k, @hot"),
    "refs": say("How a record is named: O-12, part of a name, - for the last"),
    "dates": say("What days, periods and moments may be called"),
    "fields": say("The fields of a kind, as in sfa help fields opp"),
    "shell": say("The shell, saved filters, aliases, defaults, completion"),
    "import": say("Bringing data from other systems"),
    "formats": say("Tables, CSV, JSON, and what scripts may rely on"),
    "exit-codes": say("What a script is told"),
    "environment": say("Settings and their variables"),
    "hooks": say("Programs of yours that run before and after each change"),
    "man": say("The manual page, for man"),
}
TEXTS = {"filters": "", "formats": FORMATS, "dates": DATES, "exit-codes": CODES, "refs": REFS, "shell": SHELL, "hooks": ""}
"""Topics that are plain texts; those of filters and hooks stand with what they explain."""


def topic_text(topic: str) -> str:
    """What a topic of TEXTS says."""
    if topic == "filters":
        from sfa.sales.filters import HELP

        return spoken(HELP).rstrip()
    if topic == "hooks":
        from sfa.commands.hooks import HELP as hooks

        return spoken(hooks).rstrip()
    return spoken(TEXTS[topic]).rstrip()


def command(
    ctx: typer.Context,
    topic: Annotated[str, typer.Argument(metavar="[TOPIC]", help=", ".join(TOPICS))] = "",
    kind: Annotated[str, typer.Argument(metavar="[KIND]", help="With fields: whose.")] = "",
) -> None:
    """Explain a topic that several commands share: filters, formats, dates, import, exit-codes, environment, fields, refs, shell, hooks.

    man is the manual page, as `man` reads it: sfa help man > sfa.1; man ./sfa.1

    Examples:
      sfa help filters
      sfa help fields opp
    """
    wanted = topic.lower().replace("_", "-")
    if not wanted:
        output.line(spoken("Topics:"))
        for name, about in ABOUT.items():
            output.explain(f"  sfa help {name:<{max(map(len, ABOUT))}}  {spoken(about)}")
        output.line(spoken("And for each command: sfa COMMAND --help"))
    elif wanted == "fields":
        output.explain(_fields(ctx.obj, kind or "opp"))
    elif wanted == "environment":
        output.explain(environment())
    elif wanted == "import":
        from sfa.sales.profiles.guide import GUIDE

        output.explain(spoken(GUIDE).rstrip())
    elif wanted == "man":
        from sfa.commands.manual import page

        output.document(page(ctx))
    elif wanted in TEXTS:
        output.explain(topic_text(wanted))
    elif wanted in ("filter", "alias", "aliases", "defaults"):
        output.explain(topic_text("filters" if wanted == "filter" else "shell"))
    else:
        from sfa.cli import COMMANDS
        from sfa.commands.meant import NOUN

        if found := next((c for c in (wanted, NOUN.get(wanted, "")) if c in COMMANDS), ""):
            raise NotFound(say("there is no topic {topic!r}", topic=topic[:60]), say("It is a command: sfa {found} --help", found=found))
        raise NotFound(
            say("there is no topic {topic!r}", topic=topic[:60]),
            say(
                "{near}Topics: {topics}; for a command: sfa {topic} --help",
                near=did_you_mean(topic[:60], *TOPICS),
                topics=together(", ", TOPICS),
                topic=topic[:20],
            ),
        )


def environment() -> str:
    """Every variable, the setting that it goes before, and what it says."""
    from sfa.settings import SETTINGS

    rows = [(s.variable, s.name, s.help) for s in SETTINGS.values()]
    rows += [
        ("SFA_CONFIG", "", "The config file (default: sfa/config.toml in the configuration folder)"),
        ("SFA_TODAY", "", "A date or moment that stands for now"),
        ("SFA_DEBUG", "", "1 shows where an unexpected error came from"),
        ("NO_COLOR", "", "Anything: no colours"),
    ]
    wide, second = (max(len(r[i]) for r in rows) for i in (0, 1))
    lines = [f"{v:<{wide}}  {n:<{second}}  {spoken(h)}" for v, n, h in rows]
    return spoken("An option goes before the environment, the environment before the config file.") + "\n\n" + "\n".join(lines)


def _fields(session: Session, word: str) -> str:
    import os

    from sfa.sales.kinds import KINDS, TYPES, kind_of

    kind = kind_of(word)
    if os.path.exists(session.settings.get("db")):
        with session.store() as store:
            kind = store.kinds[kind.name]
    wide = max(len(f.name) for f in kind.fields)
    lines = []
    for f in kind.fields:
        what = say("one of {choices}", choices=together(", ", f.choices)) if f.choices else TYPES[f.type]
        if f.to and f.type != "people":
            article = "an" if f.to[0] in "aeio" else "a"
            what = say(
                "{article} {to}: a reference such as {prefix}-12, a name or a unique part of one",
                article=article,
                to=f.to,
                prefix=KINDS[f.to].prefix,
            )
        marks = [m for m, on in (("required", f.required), ("several, comma-separated", f.many), ("set by the program", f.managed)) if on]
        lines.append(f"{f.name:<{wide}}  {spoken(what)}" + (say(" ({marks})", marks=together("; ", map(spoken, marks))) if marks else ""))
    return "\n".join(lines)
