"""What a command line that is none was probably meant to be: the exact line that does it, to be typed or copied.

Nothing here runs anything: there is one way of doing a thing, and this names it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sfa.errors import SfaError, UsageError
from sfa.messages import say
from sfa.sales.shorthand import HAPPENED

NOUNS = {
    "opp": "opps opportunity opportunities deal deals",
    "account": "accounts company companies customer customers client clients",
    "contact": "contacts person people",
    "lead": "leads prospect prospects",
    "task": "tasks reminder reminders appointment",
    "activity": "activities",
    "user": "users rep reps seller sellers colleague colleagues team",
    "product": "products",
    "reason": "reasons",
    "stage": "stages",
    "quota": "quotas target targets",
    "rate": "rates",
    "report": "reports",
}
NOUN = {word: noun for noun, words in NOUNS.items() for word in (noun, *words.split())}
"""What people call a kind of record → its command."""
VERBS = {
    "add": "new create make",
    "edit": "update change set modify correct fix",
    "delete": "del remove rm drop",
    "show": "view get open info details display",
    "list": "ls all find search",
}
SLIP = 0.8
"""How like a command a word is (difflib's ratio) that is rather a slip of the keys than anything else."""
VERB = {word: verb for verb, words in VERBS.items() for word in (verb, *words.split())}
MINE = "opp list is:mine is:open"
LOGGED = {
    **HAPPENED,
    **dict.fromkeys(("call", "calls", "phone", "ring"), "call"),
    **dict.fromkeys(("email", "emails", "mail", "mails", "write"), "email"),
    **dict.fromkeys(("visit", "visits"), "visit"),
    **dict.fromkeys(("meet", "meeting", "meetings"), "meeting"),
    **dict.fromkeys(("letter", "letters"), "letter"),
    **dict.fromkeys(("chat", "chats"), "chat"),
    **dict.fromkeys(("note", "notes", "comment", "remember"), "note"),
}
"""What happened, as people say it → the kind of activity."""
WHOLE = {
    **dict.fromkeys(("todo", "todos", "now", "next", "status", "start", "due", "day"), "today"),
    **dict.fromkeys(("mine", "my", "open"), MINE),
    **dict.fromkeys(("late", "overdue"), "opp list is:mine is:overdue"),
    **dict.fromkeys(("won", "wins"), "opp list is:mine is:won --sort -closed"),
    **dict.fromkeys(("lost", "losses"), "opp list is:mine is:lost --sort -closed"),
    "closed": "opp list is:mine is:closed --sort -closed",
    **dict.fromkeys(("plan", "planned", "planner", "schedule"), "week"),
    **dict.fromkeys(("pipe", "kanban", "funnels"), "opp board"),
    **dict.fromkeys(("hygiene", "risk", "risks", "health"), "opp health"),
    **dict.fromkeys(("numbers", "quarter", "commit"), "forecast"),
    **dict.fromkeys(("inbox", "new-leads"), "lead list is:mine status:new"),
    **dict.fromkeys(("oops", "back", "revert", "rollback", "takeback"), "undo"),
    **dict.fromkeys(("whoami", "me"), "config get me"),
    **dict.fromkeys(("settings", "setup", "options", "preferences", "prefs"), "config list"),
    **dict.fromkeys(("version",), "--version"),
    **dict.fromkeys(("commands", "usage"), "--help"),
    **dict.fromkeys(("alias", "aliases"), "config alias"),
    **dict.fromkeys(("default", "defaults"), "config default"),
    **dict.fromkeys(("hook", "hooks"), "help hooks"),
    "man": "help man",
    **dict.fromkeys(("save", "backup"), "db backup"),
    **dict.fromkeys(("stale", "winloss", "funnel", "velocity", "slippage", "coverage", "winback", "cohort"), "report {first}"),
}
"""A word that stands for a whole line. What follows it follows there."""
HEADS = {
    **dict.fromkeys(("who", "find", "where", "grep", "lookup"), "search"),
    **dict.fromkeys(("win", "lose", "move", "reopen", "board"), "opp {first}"),
    **dict.fromkeys(("done", "finish", "finished", "complete", "tick", "check"), "task done"),
    **dict.fromkeys(("snooze", "later", "postpone"), "task snooze"),
    "reschedule": "task reschedule",
    **dict.fromkeys(("timeline", "journal"), "opp show"),
    "convert": "lead convert",
    "disqualify": "lead disqualify",
    "assign": "lead assign",
    "dedupe": "duplicates",
    "load": "import",
}
"""A word that stands for the beginning of a line: what follows is taken along."""


def unknown(ctx: Any, args: Sequence[str], known: Iterable[str], noun: str = "") -> UsageError:
    """The error for words that are no command, of `noun` or of the program, with the line that was probably meant."""
    import difflib

    word, commands = args[0], [*known]
    near = difflib.get_close_matches(word.lower(), commands, 2)
    slip = difflib.get_close_matches(word.lower(), near, 1, SLIP)
    line = _line(ctx, [*args], {*commands}, noun, bool(slip))
    said = say("No such command {word!r}", word=word[:60])
    if not line and near:
        said += say(". Did you mean {near}?", near=" or ".join(map(repr, near)))
        line = _join(f"{noun} {near[0]}".strip(), args[1:]) if slip or len(near) == 1 else ""
    return UsageError(said, f"sfa {line}" if line else f"sfa {noun} --help".replace("  ", " "))


def _line(ctx: Any, args: list[str], known: set[str], noun: str, slip: bool) -> str:
    """The line, "" where nothing says it better than the command that was nearly typed (`slip`)."""
    word = args[0].lower()
    if noun:
        return _within(ctx, noun, args, known, slip)
    if made := _as_day(ctx, args):
        return made
    if word in WHOLE:
        return " ".join(x for x in (WHOLE[word].format(first=word), _quoted(_after_noun(args[1:]))) if x)
    if word in HEADS:
        return _join(HEADS[word].format(first=word), args[1:])
    if word in LOGGED:
        return _logged(LOGGED[word], args[1:])
    if made := _verb_first(ctx, word, args[1:]):
        return made
    if word in NOUN:
        return _noun_first(ctx, NOUN[word], args[1:])
    return "" if slip else _named(ctx, args)


# By its first word ------------------------------------------------------------------------------------------------------------------


def _as_day(ctx: Any, args: list[str]) -> str:
    """`tomorrow`, `fri`, `next week` as an agenda."""
    from sfa.sales import dates

    text = " ".join(args)
    # A number, or a name that is begun like a month's, is no day.
    if len(args) > 2 or text.isdigit() or text.lower() in ("my", "mar", "march"):
        return ""
    calendar = ctx.obj.settings.calendar()
    for read in (dates.parse_date, dates.parse_period):
        try:
            read(text, calendar)
        except SfaError:
            continue
        return f"agenda {shlex.quote(text)}"
    return ""


def _is_day(ctx: Any, text: str) -> bool:
    from sfa.sales import dates

    try:
        dates.parse_date(text, ctx.obj.settings.calendar())
    except SfaError:
        return False
    return True


def _after_noun(rest: list[str]) -> list[str]:
    """`my deals` says no more than `mine`."""
    return rest[1:] if rest and rest[0].lower() in NOUN else rest


def _logged(kind: str, rest: list[str]) -> str:
    """A line of the log on the first word, or what was logged where nothing follows."""
    if not rest:
        return f"activity list is:mine kind:{kind}"
    return f"log {shlex.quote(rest[0])} {kind} {(shlex.quote(' '.join(rest[1:])) if rest[1:] else 'TEXT')}"


def _verb_first(ctx: Any, word: str, rest: list[str]) -> str:
    """`add deal X`, `delete O-12`, `push acme +1m`, `remind …`, `propose acme`: a verb without its noun, or before it."""
    if word in VERB and rest and rest[0].lower() in NOUN:
        noun, verb = NOUN[rest[0].lower()], VERB[word]
        return _join(f"{noun} {'list' if verb == 'show' and not rest[1:] else verb}", _assigned(verb, rest[1:]))
    if word in VERB and rest:
        verb = VERB[word]
        return _join("search" if word in ("find", "search") else f"{_noun_of(ctx, rest[0], 'opp')} {verb}", _assigned(verb, rest))
    if word in VERB:
        return {"add": "opp add NAME", "list": MINE}.get(VERB[word], f"opp {VERB[word]} REF")
    if word in ("remind", "remember", "reminder"):
        return _reminded(ctx, rest)
    return _deal_verb(ctx, word, rest)


def _deal_verb(ctx: Any, word: str, rest: list[str]) -> str:
    """What is done to a deal: moved to a stage by its verb, pushed, given another amount, closed."""
    if word in ("push", "pull", "delay", "move-date", "shift"):
        step = rest[1] if len(rest) > 1 else "1m"
        sign = "-" if word == "pull" or step.startswith("-") else "+"
        by = re.fullmatch(r"[+-]?\d+[dwmy]", step)
        return f"opp edit {_or_ref(rest)} close{sign}={step.lstrip('+-')}" if by else f"opp edit {_or_ref(rest)} close={shlex.quote(step)}"
    if word == "close" and len(rest) > 1 and _is_day(ctx, rest[1]):
        return f"opp edit {_or_ref(rest)} close={shlex.quote(rest[1])}"
    if word == "close":
        return f"opp win {_or_ref(rest)} (or: sfa opp lose {_or_ref(rest)})"
    if word in ("advance", "forward", "progress"):
        return f"opp move {_or_ref(rest)} STAGE"
    if word in ("amount", "price", "value"):
        return f"opp edit {_or_ref(rest)} amount={(rest[1] if len(rest) > 1 else '48k')}"
    from sfa.commands.opp import OppGroup

    if word in OppGroup("opp", "", {}).stage_verbs(ctx):
        return f"opp {word} {_or_ref(rest)}" + (f" {_quoted(rest[1:])}" if rest[1:] else "")
    return ""


def _or_ref(rest: Sequence[str]) -> str:
    return shlex.quote(rest[0]) if rest else "REF"


def _reminded(ctx: Any, rest: list[str]) -> str:
    """`remind 'call the bank' fri`: the last word is the day where it is one."""
    rest = rest[1:] if rest[:1] == ["me"] else rest
    if len(rest) > 1 and _is_day(ctx, rest[-1]):
        return f"task add {shlex.quote(' '.join(rest[:-1]))} --due {rest[-1]}"
    return f"task add {(shlex.quote(' '.join(rest)) if rest else 'WHAT --due DAY')}"


def _noun_first(ctx: Any, noun: str, rest: list[str]) -> str:
    """`deals`, `deals won`, `customer acme`: a noun under another name."""
    if not rest:
        return {"opp": MINE, "task": "task list is:mine is:open", "lead": "lead list is:mine is:open", "report": "report --help"}.get(
            noun, f"{noun} list"
        )
    known = {*getattr(_group(noun), "COMMANDS", {})}
    if noun == "opp":
        known |= {*_verbs(ctx)}
    return _join(noun, rest) if rest[0] in known else _within(ctx, noun, rest, known, False) or _join(f"{noun} list", rest)


def _group(noun: str) -> Any:
    from importlib import import_module

    return import_module(f"sfa.commands.{noun}")


def _verbs(ctx: Any) -> dict[str, Any]:
    from sfa.commands.opp import OppGroup

    return OppGroup("opp", "", {}).stage_verbs(ctx)


# Of one noun ------------------------------------------------------------------------------------------------------------------------


def _within(ctx: Any, noun: str, args: list[str], known: set[str], slip: bool) -> str:
    """What is no verb of `noun`: another word for one, a state, a field, or a record's name."""
    from sfa.sales import filters, refs
    from sfa.sales.kinds import KINDS

    word, rest = args[0].lower(), args[1:]
    kind = next((k for k in KINDS.values() if k.noun == noun), None)
    if kind is None:
        return ""
    if noun == "task":
        return _of_task(ctx, word, args, known)
    if VERB.get(word) in known and (rest or word not in ("open", "all")):
        return _join(f"{noun} {VERB[word]}", _assigned(VERB[word], rest))
    if noun == "opp" and word in ("won", "lost") and rest and refs.parse(rest[0], 0):
        return _join(f"opp {'win' if word == 'won' else 'lose'}", rest)
    state = {"late": "overdue", "mine": "mine", "my": "mine"}.get(word, word)
    if state in filters.STATES.get(kind.name, ()):
        return _join(f"{noun} list is:{state}", rest)
    if rest and rest[0].lower() in known:
        return _join(f"{noun} {rest[0].lower()}", [args[0], *rest[1:]])
    if word in LOGGED or word == "log":
        return _logged(LOGGED[word], rest) if word in LOGGED else _join("log", rest)
    if noun == "lead" and word in ("answer", "contact"):
        return _logged("call", rest)
    if noun == "opp" and (made := _deal_verb(ctx, word, rest)):
        return made
    if word in kind.by_name and len(rest) > 1:
        return _join(f"{noun} edit", [rest[0], f"{word}={' '.join(rest[1:])}"])
    if "list" in known and any(filters.is_condition(a, kind) for a in args):
        return _join(f"{noun} list", args)
    return _join(f"{noun} show", args) if not slip and "show" in known and _finds(ctx, kind.name, " ".join(args)) else ""


def _of_task(ctx: Any, word: str, args: list[str], known: set[str]) -> str:
    """A task under another verb, or what is to be done without one."""
    if word in ("today", "now", "mine"):
        return "today"
    if word in HEADS and HEADS[word].startswith("task "):
        return _join(HEADS[word], args[1:])
    if VERB.get(word) in known:
        return _join(f"task {VERB[word]}", args[1:])
    return _reminded(ctx, args) if " " in word or len(args) > 1 else ""


# By a record's name -----------------------------------------------------------------------------------------------------------------


def _named(ctx: Any, args: list[str]) -> str:
    """A record that was named alone, or with what is to become of it."""
    noun = _noun_of(ctx, args[0], "")
    if noun and len(args) > 1 and args[1].lower() in LOGGED:
        return f"log {shlex.quote(args[0])} {LOGGED[args[1].lower()]} {(shlex.quote(' '.join(args[2:])) if args[2:] else 'TEXT')}"
    if noun and any(re.match(r"\w+[+-]?=", a) for a in args[1:]):
        return f"{noun} edit {_quoted(args)}"
    if noun and len(args) > 1 and (made := _verb_first(ctx, args[1].lower(), [args[0], *args[2:]])):
        return made
    if noun and len(args) == 1:
        return f"{noun} show {shlex.quote(args[0])}"
    whole = _noun_of(ctx, " ".join(args), "")
    return f"{whole} show {shlex.quote(' '.join(args))}" if whole else ""


def _noun_of(ctx: Any, text: str, otherwise: str) -> str:
    """The noun of the record that a reference or a name means in this database, else of a reference by its letters."""
    from sfa.sales import refs
    from sfa.sales.kinds import KINDS

    if given := refs.parse(text, 0):
        return KINDS[given[0]].noun or otherwise
    return _asked(ctx, lambda store, lookup: _of_all(lookup, store, text)) or otherwise


def _of_all(lookup: Any, store: Any, text: str) -> str:
    """The noun of what a name means: of a deal before all others."""
    return next((k.noun for k, _ in lookup.all_kinds(store, text, lookup.NAMED)), "")


def _finds(ctx: Any, kind: str, text: str) -> bool:
    """Whether a kind has records that `text` may mean."""
    from sfa.errors import Ambiguous

    def found(store: Any, lookup: Any) -> str:
        try:
            return str(lookup.seen(store, store.kinds[kind], text)[0]["id"])
        except Ambiguous:
            return text

    return bool(_asked(ctx, found))


def _asked(ctx: Any, question: Callable[[Any, Any], str]) -> str:
    """What the database says; nothing where there is none or where it says nothing."""
    from sfa.store import lookup

    try:
        with ctx.obj.store() as store:
            return question(store, lookup)
    except SfaError:
        return ""


# Written --------------------------------------------------------------------------------------------------------------------------


def _assigned(verb: str, rest: list[str]) -> list[str]:
    """`REF amount 5k` as `REF amount=5k` where something is edited."""
    if verb == "edit" and len(rest) == 3 and not any("=" in r for r in rest):
        return [rest[0], f"{rest[1]}={rest[2]}"]
    return rest


def _quoted(words: Sequence[str]) -> str:
    return shlex.join(words)


def _join(begin: str, words: Sequence[str]) -> str:
    return f"{begin} {_quoted(words)}" if words else begin
