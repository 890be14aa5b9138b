"""What the people of the demo company say of their forecasts: calls, managers' figures, a judgment, each beside what the deals added up
to at that moment. Made from the finished rows of deals, their history and rates; the dice are given."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import NamedTuple, Protocol

from words import CALLERS, EARLIER_NOTES, MANAGERS, NOTES, RATES, SELLERS, VP

Row = list[str]
TEAM = {m: [s.name for s in SELLERS if s.team == team] for team, m in MANAGERS.items()}
BELOW = {VP: [VP, *MANAGERS.values(), *(s.name for s in SELLERS)], **{m: [m, *below] for m, below in TEAM.items()}}
PEOPLE = [*(s.name for s in SELLERS), *MANAGERS.values(), VP]
"""Whoever has reports calls after them, for all of them."""
SITTINGS = ("2026-10-12", "2026-10-26", "2026-11-09", "2026-11-16")
SILENT = ("Oliver Hartley", "Renée Tremblay")
LAST_SAID = {"Claire Lefèvre": "2026-10-26", "Inês Gonçalves": "2026-11-09", "张敏": "2026-11-09"}
"""Whose call is not of the last sitting."""


class Dice(Protocol):
    """What this file needs of the generator's dice."""

    def between(self, low: int, high: int) -> int: ...


class Sum(NamedTuple):
    """Cents of USD, cumulative: closed alone, with commit, with best case."""

    closed: int = 0
    commit: int = 0
    best: int = 0


class Books:
    """The deals as they stood at any moment, out of the rows of opportunities and of their history."""

    def __init__(self, deals: Iterable[Row], history: Iterable[Row]) -> None:
        self.owner = {row[0]: (row[4], row[7]) for row in deals}
        self.states: defaultdict[str, list[Row]] = defaultdict(list)
        for row in history:
            self.states[row[0]].append(row[1:])

    def at(self, moment: str, first: date, end: date) -> dict[str, Sum]:
        """Everyone's own deals of the quarter from `first` up to `end`, as they stood; open ones at that day's rate."""
        out: defaultdict[str, Sum] = defaultdict(Sum)
        for key, (owner, currency) in self.owner.items():
            known = [state for state in self.states[key] if state[0] <= moment]
            if not known:
                continue
            changed, stage, amount, close = known[-1]
            won, day = stage == "Won", changed[:10] if stage == "Won" else close
            if stage in ("Won", "Negotiation", "Proposal") and first.isoformat() <= day < end.isoformat():
                value = cents(amount, currency, date.fromisoformat(day if won else moment[:10]))
                s = out[owner]
                commit = stage != "Proposal"
                out[owner] = Sum(s.closed + value * won, s.commit + value * commit, s.best + value)
        return out


def cents(amount: str, currency: str, day: date) -> int:
    """An amount in cents of USD at the rate of a day, rounded half to even; 0 without one."""
    if not amount:
        return 0
    whole = int(amount.split(".")[0])
    if currency == "USD":
        return whole * 100
    rate = int(RATES[min((day.year - 2023) * 12 + day.month - 10, len(RATES) - 1)].replace(".", ""))
    found, rest = divmod(whole * rate, 100)
    return found + (rest > 50 or (rest == 50 and found % 2 == 1))


def rolled(own: Mapping[str, Sum], person: str) -> Sum:
    """A person's sum with everyone below."""
    parts = [own.get(p, Sum()) for p in BELOW.get(person, [person])]
    return Sum(*(sum(column) for column in zip(*parts, strict=True)))


def money(amount: int) -> str:
    return f"{amount // 100}.{amount % 100:02}"


def steps(amount: int, person: str) -> int:
    """As people say it: in steps of 5,000 or, of a team, 10,000; in cents."""
    step = 1_000_000 if person in BELOW else 500_000
    return (amount + step // 2) // step * step


def stamp(day: date, person: str) -> str:
    """The Monday call: everyone's own at noon UTC, those of teams an hour and a half later."""
    return f"{day}T{'13:30' if person in BELOW else '12:00'}:00Z"


def call_rows(dice: Dice, books: Books, quarter: Callable[[int], date]) -> list[Row]:
    """Calls of the last eight ended quarters and of the present one; `quarter` gives the first day of a quarter by its number."""
    rows = []
    for n in range(3, 11):
        first, end = quarter(n), quarter(n + 1)
        monday = first + timedelta(days=7 + (7 - first.weekday()) % 7)
        actual = books.at(f"{end}", first, end)
        for person in PEOPLE:
            lean, spread, far = CALLERS[person]
            commit = rolled(actual, person).closed * (lean + dice.between(-spread, spread)) // 100
            best = commit * (100 + far + dice.between(0, 10)) // 100
            note = EARLIER_NOTES[dice.between(0, len(EARLIER_NOTES) - 1)]
            rows.append(_call(books, person, n, first, end, stamp(monday, person), commit, best, note))
    first, end = quarter(11), quarter(12)
    for day in SITTINGS:
        for person in (p for p in PEOPLE if p not in SILENT and day <= LAST_SAID.get(p, day)):
            made = stamp(date.fromisoformat(day), person)
            deals = rolled(books.at(made, first, end), person)
            commit = deals.commit + (deals.best - deals.commit) * dice.between(5, 35) // 100
            best = max(commit, deals.best * dice.between(92, 104) // 100)
            note = NOTES[person] if day == LAST_SAID.get(person, SITTINGS[-1]) else ""
            rows.append(_call(books, person, 11, first, end, made, commit, best, note))
    return sorted(rows, key=lambda row: (row[-1], PEOPLE.index(row[0])))


def _call(books: Books, person: str, n: int, first: date, end: date, made: str, commit: int, best: int, note: str) -> Row:
    deals = rolled(books.at(made, first, end), person)
    said = [money(steps(commit, person)), money(max(steps(best, person), steps(commit, person)))]
    return [person, f"{2024 + n // 4}-Q{n % 4 + 1}", *said, money(deals.commit), money(deals.best), "USD", note, made]


def adjustment_rows(books: Books, first: date, end: date) -> list[Row]:
    """Two managers' figures of the present quarter; `part` of the gross, in per cent."""
    rows = []
    for owner, manager, column, part, day, note in (
        ("Jürgen Müller", "Anneke de Vries", "commit", 85, "2026-11-09", "Verrerie Vernay will not sign before Christmas"),
        ("Marcus Boone", "Patricia Okafor", "best_case", 80, "2026-11-16", "Pushes a lot; I count what has a date"),
    ):
        made = f"{day}T14:00:00Z"
        deals = rolled(books.at(made, first, end), owner)
        gross = deals.commit if column == "commit" else deals.best
        amount = money(steps(gross * part // 100, owner))
        rows.append([owner, manager, "2026-Q4", column, amount, money(gross), "USD", note, made])
    return rows


def judgment_rows(deals: Iterable[Row], first: date, end: date) -> list[Row]:
    """Patricia counts the largest proposal of Dana that is due in the quarter into her commit."""
    due = [d for d in deals if d[4] == "Dana Whitfield" and d[5] == "Proposal" and first.isoformat() <= d[8] < end.isoformat()]
    key = max(due, key=lambda d: float(d[6] or 0))[0]
    return [[key, "Patricia Okafor", "2026-Q4", "commit", "yes", "Their plant manager has the budget", "2026-11-16T14:10:00Z"]]
