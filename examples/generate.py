"""Make the demo company: `python examples/generate.py [OUTDIR]` (default examples/company).

Tarnsen Instruments, an invented maker of industrial sensors and software that sells in Europe, North America and China.
Fourteen CSV files, complete enough that every report has something to find. Nothing here is a real person, company or price;
all domains end in .example.

Every run of every Python from 3.11 on writes the same bytes: nothing depends on the clock, on hash order or on the machine.
Dice use only `Random.random()`, whose sequence Python promises to keep; arithmetic is +, -, * and / (no libm); each file has its
own dice, so that a change in one does not reshuffle the others.

Built in, so that analysis can find it: Vantora Sensors AG halves the win rate; referrals win more often; deals whose close date
was pushed into a later month twice or more win less; two sellers push far more than the others; quarters end with a peak and
the fourth is the best; new business wins less often than existing.

This is no importer and knows nothing of the program: it writes files, the program reads them as it reads anyone's.
"""

import csv
import sys
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import NamedTuple, TypeVar

from calling import Books, adjustment_rows, call_rows, judgment_rows
from words import (
    BY_COUNTRY,
    COMPANIES,
    COUNTRIES,
    INDUSTRIES,
    LEGAL,
    LOCAL_TEXTS,
    MANAGERS,
    NAMED,
    NEXT_STEPS,
    OTHER_INDUSTRIES,
    OTHERS,
    PEOPLE,
    PRODUCTS,
    RATES,
    REASONS,
    RIVAL,
    RIVALS,
    ROMAN,
    SEASON,
    SELLERS,
    SOURCES,
    STAGES,
    STREETS,
    TEAM_BY_COUNTRY,
    TEAM_OF,
    TEXTS,
    TITLES,
    VP,
    Country,
    Seller,
)

T = TypeVar("T")
Row = list[str]

ANCHOR = date(2026, 11, 20)  # "today" of the demo, a Friday; nothing has happened yet on this day
START = date(2023, 11, 20)  # the first day on record
YESTERDAY = ANCHOR - timedelta(days=1)
OPEN_DEALS = 146

HEADERS = {
    "users": "name,email,manager,team,region,active,admin",
    "accounts": "name,parent,types,industry,employees,annual_revenue,currency,phone,website,street,city,postal_code,state,country,"
    "owner,source,external_id",
    "contacts": "first_name,last_name,account,title,email,phone,mobile,opt_out_email,owner,external_id",
    "products": "code,name,family,list_price,currency",
    "leads": "first_name,last_name,company,title,email,phone,country,source,status,rating,owner,created,external_id",
    "reasons": "name,outcome,group",
    "opportunities": "external_id,name,account,contact,owner,stage,amount,currency,close,closed,opened,product,source,type,next_step,"
    "reason,competitor",
    "opportunity_history": "opportunity,changed,stage,amount,close",
    "activities": "when,kind,owner,text,opportunity,contact,lead,account,next_step,due,done",
    "quotas": "owner,period,covers,amount,currency",
    "rates": "currency,base,date,rate",
    "forecast_calls": "owner,period,commit,best_case,rollup_commit,rollup_best_case,currency,note,made",
    "forecast_adjustments": "owner,manager,period,column,amount,gross,currency,note,made",
    "forecast_judgments": "opportunity,manager,period,column,included,note,made",
}

# ── Dice, days and money ─────────────────────────────────────────────────────────────────────────────────────────────────────────


class Dice:
    """Seeded chance made of `Random.random()` alone."""

    def __init__(self, topic: str) -> None:
        self._random = Random(f"tarnsen/{topic}")
        self._given: set[str] = set()

    def unit(self) -> float:
        """A number in [0, 1)."""
        return self._random.random()

    def chance(self, probability: float) -> bool:
        return self.unit() < probability

    def between(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + int(self.unit() * (high - low + 1))

    def pick(self, items: Sequence[T]) -> T:
        return items[self.between(0, len(items) - 1)]

    def weighted(self, items: Sequence[tuple[T, int]]) -> T:
        """One of the items, each as likely as its weight."""
        at = self.unit() * sum(weight for _, weight in items)
        for item, weight in items:
            at -= weight
            if at < 0:
                return item
        return items[-1][0]

    def digits(self, pattern: str) -> str:
        """One of the patterns joined by `;`, each # a digit; never the same twice."""
        while True:
            found = "".join(str(self.between(0, 9)) if c == "#" else c for c in self.pick(pattern.split(";")))
            if found not in self._given:
                self._given.add(found)
                return found


def days(n: int) -> timedelta:
    return timedelta(days=n)


def workday(day: date, step: int = -1) -> date:
    """The day itself or the nearest working day before it (after it with step 1)."""
    while day.weekday() >= 5 or (day.month, day.day) in {(1, 1), (12, 25), (12, 26)}:
        day += days(step)
    return day


def quarter_start(index: int) -> date:
    """First day of the quarter `index`, counted from 2024-Q1 = 0."""
    return date(2024 + index // 4, 3 * (index % 4) + 1, 1)


def quarter_of(day: date) -> int:
    return (day.year - 2024) * 4 + (day.month - 1) // 3


def eur_rate(day: date) -> float:
    """USD for one EUR in the month of `day`; the last known one afterwards."""
    return float(RATES[min((day.year - 2023) * 12 + day.month - 10, len(RATES) - 1)])


def money(amount: int | None) -> str:
    return "" if amount is None else f"{amount}.00"


def both(word: str) -> tuple[str, str]:
    """A word as its people write it and in Latin letters: `伟:Wei` is ("伟", "Wei"), `Anna` is ("Anna", "Anna")."""
    own, _, latin = word.partition(":")
    return own, latin or own


def plain(text: str) -> str:
    """Lower-case ASCII letters, digits and hyphens, for addresses."""
    text = text.translate(str.maketrans("łŁø", "lLo")).replace("ß", "ss").replace("'", "")
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "-".join("".join(c if c.isalnum() else " " for c in text).split())


# ── People and accounts ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def full_name(first: str, last: str) -> str:
    """Chinese names put the family first, without a blank."""
    return last + first if "\u3400" <= last[0] <= "\u9fff" else f"{first} {last}"


class Person(NamedTuple):
    first: str
    last: str
    mailbox: str

    @property
    def name(self) -> str:
        return full_name(self.first, self.last)


class Names:
    """People and companies that were not used before."""

    def __init__(self, dice: Dice) -> None:
        self.dice = dice
        self.used: set[str] = set(TEAM_OF) | {VP}

    def person(self, culture: str) -> Person:
        """Someone new of this culture, with an English name once its own are used up."""
        for attempt in range(400):
            firsts, lasts = PEOPLE[culture if attempt < 200 else "en"].split(";")
            first = self.dice.pick(firsts.split())
            last = self.dice.pick(lasts.replace("van ", "van_").replace("de ", "de_").split()).replace("_", " ")
            (own_first, latin_first), (own_last, latin_last) = both(first), both(last)
            latin = [latin_first, latin_last]
            shown = [own_first, own_last] if self.dice.chance(0.6) else latin
            if self.claim(full_name(shown[0], shown[1])):
                return Person(shown[0], shown[1], f"{plain(latin[0])}.{plain(latin[1])}")
        raise RuntimeError(f"no {culture} names left")

    def company(self, country: Country, city: str) -> tuple[str, str, str]:
        """Name, short name and domain of a new company."""
        pattern, legal, stems, trades = COMPANIES[country.culture].split("|")
        for attempt in range(1000):
            stem, stem_latin = both(self.dice.pick(stems.split(",")))
            trade, trade_latin = both(self.dice.pick(trades.split(",")))
            near = [city] if attempt > 30 else []  # the plain names are used up
            latin = [ROMAN.get(city, ""), stem_latin, trade_latin, *near]
            if country.culture != "zh":
                short = " ".join([pattern.format(stem, trade), *near])
                name = f"{short} {LEGAL.get(country.name, legal)}"
            elif self.dice.chance(0.75):
                short = city + pattern.format(stem, trade)
                name = short + legal
            else:
                short = " ".join(latin[:3])
                name = f"{short} Co., Ltd."
            domain = plain(" ".join(latin) if country.culture == "zh" else short)
            if self.claim(domain):
                return name, short, f"{domain}.example"
        raise RuntimeError(f"no company names left in {country.name}")

    def claim(self, name: str) -> bool:
        """True for whoever comes first."""
        if name in self.used:
            return False
        self.used.add(name)
        return True


@dataclass
class Account:
    name: str
    short: str
    country: Country
    owner: str
    domain: str
    parent: str = ""
    types: str = ""
    known: date = START  # deals are opened from then on
    old: bool = False  # bought before the records begin
    never_bought: bool = False  # a prospect to this day
    place: list[str] = field(default_factory=list)  # city, postal code, state
    people: list[Person] = field(default_factory=list)

    @property
    def team(self) -> str:
        return TEAM_BY_COUNTRY[self.country.name]

    @property
    def currency(self) -> str:
        return "EUR" if self.team == "EMEA" else "USD"


def make_accounts(dice: Dice, names: Names) -> list[Account]:
    """Buyers first (parents before children), then those that buy nothing."""
    found: list[Account] = []
    for name, short, land, parent in NAMED:
        country = BY_COUNTRY[land]
        domain = f"{plain(short) or 'lanhai-' + str(len(found))}.example"
        found.append(Account(name, short, country, dice.pick(country.sellers.split(";")), domain, parent, old=not parent))
    for country in COUNTRIES:
        for n in range(country.accounts):
            name, short, domain = names.company(country, dice.pick(country.places.split(";")).split("|")[0])
            sellers = country.sellers.split(";")
            found.append(Account(name, short, country, sellers[n % len(sellers)], domain, old=dice.chance(0.32)))
    for n, account in enumerate(found):
        account.never_bought = not account.old and n >= len(NAMED) and dice.chance(0.45)
        if not account.old and dice.chance(0.7):
            account.known = START + days(dice.between(30, 950))
    for name, types, land in OTHERS:
        owner = "" if "competitor" in types or types == "internal" else MANAGERS[TEAM_BY_COUNTRY[land]]
        domain = f"{plain(name) or 'cn-' + str(len(found))}.example"
        found.append(Account(name, name, BY_COUNTRY[land], owner, domain, types=types))
    for country in (BY_COUNTRY[land] for land in ("Sweden", "United States", "China")):
        person = names.person(country.culture)
        account = Account(person.name, person.name, country, country.sellers.split(";")[0], f"{person.mailbox}.example", types="consumer")
        account.people.append(person)
        found.append(account)
    for account in found:
        places = account.country.places.split(";")
        named = [place for place in places if place.split("|")[0] in account.name]
        account.place = (named or [dice.pick(places)])[0].split("|")
    return found


def people_accounts(dice: Dice, names: Names, accounts: list[Account]) -> None:
    """Give every account its people: competitors and ourselves none, buyers one to four."""
    for account in accounts:
        if account.people or "competitor" in account.types or account.types == "internal":
            continue
        for _ in range(1 if account.types else dice.weighted([(1, 36), (2, 43), (3, 17), (4, 4)])):
            account.people.append(names.person(account.country.culture))


def user_rows() -> list[Row]:
    def mail(name: str) -> str:
        latin = {"张敏": "min.zhang", "李娜": "na.li", "王建国": "jianguo.wang"}.get(name) or plain(name).replace("-", ".", 1)
        return f"{latin}@tarnsen.example"

    rows = [[VP, mail(VP), "", "", "", "yes", "yes"]]
    rows += [[name, mail(name), VP, team, team, "yes", "no"] for team, name in MANAGERS.items()]
    return rows + [[s.name, mail(s.name), MANAGERS[s.team], s.team, s.team, "yes", "no"] for s in SELLERS]


def industry(dice: Dice, name: str) -> str:
    """What the name says, else one of the others."""
    told = [trade for trade, words in INDUSTRIES.items() if any(word in name for word in words.split())]
    return told[0] if told else dice.pick(OTHER_INDUSTRIES)


def account_rows(dice: Dice, accounts: list[Account], customers: set[str]) -> list[Row]:
    """`customers`: names of those who bought something in the records."""
    rows = []
    for n, a in enumerate(accounts):
        types = a.types or ("customer" if a.old or a.name in customers else "prospect")
        if types == "customer" and n % 13 == 5:
            types = dice.pick(["customer,partner", "customer,supplier"])
        staff = None if a.types == "consumer" or dice.chance(0.06) else dice.between(2, 40) * dice.pick([5, 10, 25, 60, 150])
        revenue = None if staff is None or dice.chance(0.15) else staff * dice.between(120, 320) * 1000
        street = f"{dice.between(1, 180)} {dice.pick(STREETS)}"
        facts = [industry(dice, a.name) if a.types != "consumer" else "", "" if staff is None else str(staff), money(revenue), a.currency]
        where = [dice.digits(a.country.phone), f"https://www.{a.domain}" if a.types != "consumer" else "", street, *a.place, a.country.name]
        source = dice.weighted(SOURCES) if "competitor" not in types and types != "internal" else ""
        rows.append([a.name, a.parent, types, *facts, *where, a.owner, source, f"ACC-{n + 1:04}"])
    return rows


def contact_rows(dice: Dice, accounts: list[Account]) -> list[Row]:
    rows: list[Row] = []
    for a in accounts:
        for person in a.people:
            email = "" if dice.chance(0.04) else f"{person.mailbox}@{a.domain}"
            mobile = dice.digits(a.country.mobile) if dice.chance(0.55) else ""
            asked = workday(ANCHOR - days(dice.between(10, 700)))
            opt_out = f"{asked} {dice.pick(['unsubscribe link', 'unsubscribe link', 'asked by phone'])}" if dice.chance(0.05) else ""
            title = dice.pick(TITLES) if a.types != "consumer" else ""
            phone = dice.digits(a.country.phone)
            who = [person.first, person.last, a.name, title, email, phone, mobile, opt_out if email else ""]
            rows.append([*who, a.owner, f"CON-{len(rows) + 1:04}"])
    return rows


class Lead(NamedTuple):
    external_id: str
    status: str
    owner: str
    created: date
    row: Row


def lead_status(dice: Dice, created: date) -> tuple[str, str]:
    """Status and rating: those of the last three weeks are mostly new, new ones often unrated."""
    if (ANCHOR - created).days <= 21:
        status = dice.weighted([("new", 74), ("working", 22), ("qualified", 4)])
    else:
        status = dice.weighted([("new", 3), ("working", 15), ("qualified", 24), ("disqualified", 58)])
    if status == "new" and dice.chance(0.5):
        return status, ""
    return status, dice.weighted([("hot", 5 if status == "disqualified" else 25), ("warm", 50), ("cold", 45)])


def make_leads(dice: Dice, names: Names, accounts: list[Account]) -> list[Lead]:
    """220 leads by date; some new ones without an owner, a few at companies that are accounts."""
    created = sorted(workday(ANCHOR - days(dice.between(1, 21) if n < 42 else dice.between(22, 520))) for n in range(220))
    countries = [(c, c.accounts + 1) for c in COUNTRIES]
    leads = []
    for n, day in enumerate(created):
        country = dice.weighted(countries)
        person = names.person(country.culture)
        company, _, domain = names.company(country, dice.pick(country.places.split(";")).split("|")[0])
        if dice.chance(0.09):
            known = dice.pick([a for a in accounts if a.country is country and not a.types])
            company, domain = known.name, known.domain
        status, rating = lead_status(dice, day)
        owner = "" if status == "new" and dice.chance(0.3) else dice.pick(country.sellers.split(";"))
        email = "" if dice.chance(0.07) else f"{person.mailbox}@{domain}"
        phone = "" if email and dice.chance(0.3) else dice.digits(country.phone)
        title, source, key = dice.pick(TITLES) if dice.chance(0.85) else "", dice.weighted(SOURCES), f"LEAD-{n + 1:04}"
        row = [person.first, person.last, company, title, email, phone, country.name, source, status, rating, owner, day.isoformat(), key]
        leads.append(Lead(key, status, owner, day, row))
    return leads


# ── Deals ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Deal:
    """`size` is the wanted value in USD; units and amount follow from it. `closes`: each close date expected, in time order."""

    owner: str
    account: Account
    contact: Person
    product: tuple[str, str, str, int, str]
    source: str
    rival: str
    opened: date
    end: date  # the day it was closed, or yesterday
    closes: list[date]
    stage: str
    last_open: str
    size: float
    discount: int
    has_amount: bool = True
    reason: str = ""
    external_id: str = ""
    name: str = ""
    kind: str = ""
    next_step: str = ""

    @property
    def is_open(self) -> bool:
        return self.stage in STAGES

    @property
    def units(self) -> int:
        wanted = max(2, round(self.size / self.product[3] * 100 / (100 - self.discount)))
        return wanted if wanted < 25 else round(wanted / 5) * 5

    @property
    def amount(self) -> int | None:
        """In whole units of the account's currency; None when nobody has named one yet."""
        price = round(self.product[3] * 0.92) if self.account.currency == "EUR" else self.product[3]
        return self.units * price * (100 - self.discount) // 100 if self.has_amount else None

    def usd(self, rate: float) -> float:
        """The amount in USD at `rate` USD for one EUR; 0 without an amount."""
        return (self.amount or 0) * (rate if self.account.currency == "EUR" else 1)


def closing_day(dice: Dice, quarter: int) -> date:
    """A working day of the quarter, the third month and its end most likely; never after yesterday."""
    first, end = quarter_start(quarter), min(quarter_start(quarter + 1), ANCHOR)
    if end == ANCHOR:
        span = (end - first).days
        day = first + days(int(dice.unit() * span))
    else:
        month = dice.weighted([(0, 22), (1, 29), (2, 49)])
        start = date(first.year, first.month + month, 1)
        following = quarter_start(quarter + 1) if month == 2 else date(first.year, first.month + month + 1, 1)
        day = start + days(int(max(dice.unit(), dice.unit()) * (following - start).days))
    found = workday(day)
    return found if found >= first else workday(first, 1)


def expected_closes(dice: Dice, opened: date, last: date, pushes: int) -> list[date]:
    """Close dates that end with `last`, each of the `pushes` moving to a later month; fewer where the deal is too young."""
    closes = [max(last, opened + days(7))]
    for _ in range(pushes):
        before = closes[0] - days(dice.between(24, 58))
        if (before.year, before.month) == (closes[0].year, closes[0].month):
            before = closes[0].replace(day=1) - days(dice.between(1, 9))
        if before < opened + days(16):
            break
        closes.insert(0, workday(before))
    if len(closes) == 1 and dice.chance(0.07):
        closes.insert(0, closes[0] + days(dice.between(15, 45)))  # pulled in
    return closes


def count_pushes(closes: list[date]) -> int:
    """How often the close date moved into a later month."""
    return sum((b.year, b.month) > (a.year, a.month) for a, b in pairwise(closes))


def draw_pushes(dice: Dice, chance: float) -> int:
    n = 0
    while n < 4 and dice.chance(chance if n == 0 else chance + 0.12):
        n += 1
    return n


def draw_size(dice: Dice, day: date) -> float:
    """A value in USD: many small deals, few large ones, growing 8 % a year."""
    size = 4300 * (1 + 3 * dice.unit()) * (1 + 3 * dice.unit()) * (1 + dice.unit())
    return size * (1 + 0.08 * (day - START).days / 365) * (2.5 if dice.chance(0.03) else 1)


def draw_owner(dice: Dice) -> tuple[str, str, float, float]:
    """Name, team, skill and inclination to push."""
    if dice.chance(0.018):
        team = dice.pick(list(MANAGERS))
        return MANAGERS[team], team, 1.05, 0.15
    s = dice.weighted([(s, s.quota or 240_000) for s in SELLERS])
    return s.name, s.team, s.skill, s.pushes


def draw_account(dice: Dice, accounts: list[Account], owner: str, team: str, opened: date, prospects: bool) -> Account:
    """A buyer known on that day: one of the owner's, now and then one of a colleague's."""
    buyers = [a for a in accounts if not a.types and a.team == team and a.known <= opened and a.never_bought == prospects]
    own = [a for a in buyers if a.owner == owner]
    if own and dice.chance(0.95):
        return dice.pick(own)
    return dice.pick(buyers) if buyers else draw_account(dice, accounts, owner, team, opened, not prospects)


def win_chance(skill: float, rival: str, source: str, pushes: int) -> float:
    chance = 0.625 * skill * (1.26 if source == "referral" else 1) * (0.52 if pushes >= 2 else 1)
    return chance * (0.48 if rival == RIVAL else 0.94 if rival else 1)


def closed_deal(dice: Dice, accounts: list[Account], quarter: int) -> Deal:
    """A deal won or lost in the quarter."""
    owner, team, skill, inclined = draw_owner(dice)
    end, pushes = closing_day(dice, quarter), draw_pushes(dice, inclined)
    cycle = 18 + round(60 * dice.unit() + 70 * dice.unit() * dice.unit()) + 34 * pushes
    opened = workday(end - days(cycle))
    if opened < START:
        opened = workday(START + days(int(dice.unit() * max(1, (end - START).days - 18))))
    closes = expected_closes(dice, opened, workday(end + days(dice.between(-4, 9))), pushes)
    source = dice.weighted(SOURCES)
    rival = dice.weighted(RIVALS) if dice.chance(0.48) else ""
    won = dice.chance(win_chance(skill, rival, source, count_pushes(closes)))
    account = draw_account(dice, accounts, owner, team, opened, not won and dice.chance(0.08))
    last_open = STAGES[3] if won else dice.weighted([(STAGES[0], 12), (STAGES[1], 28), (STAGES[2], 32), (STAGES[3], 28)])
    stage, product, discount = "Won" if won else "Lost", dice.pick(PRODUCTS), dice.pick([0, 0, 0, 5, 8, 10, 12, 15])
    deal = Deal(
        owner, account, account.people[0], product, source, rival, opened, end, closes, stage, last_open, draw_size(dice, end), discount
    )
    deal.has_amount = won or last_open != STAGES[0] or not dice.chance(0.15)
    deal.reason = draw_reason(dice, won, rival)
    return deal


def draw_reason(dice: Dice, won: bool, rival: str) -> str:
    """Every loss has one; wins sometimes; who lost against a rival mostly says so."""
    if not won and rival and dice.chance(0.5):
        return "lost to competitor"
    outcome = "won" if won else "lost"
    reasons = [name for name, of, group in REASONS if of == outcome and group != "competitor"]
    return dice.pick(reasons) if not won or dice.chance(0.4) else ""


def open_deal(dice: Dice, accounts: list[Account], n: int) -> Deal:
    """An open deal: a few overdue, most due in this and the next two quarters, the nearer the further advanced."""
    owner, team, _, inclined = draw_owner(dice)
    low, high, stages = dice.weighted(
        [
            ((-38, -2, (10, 25, 35, 30)), 8),
            ((3, 41, (3, 15, 42, 40)), 46),
            ((42, 131, (22, 40, 28, 10)), 29),
            ((132, 222, (52, 36, 10, 2)), 14),
            ((223, 330, (80, 20, 0, 0)), 3),
        ]
    )
    last = workday(ANCHOR + days(dice.between(low, high)), -1)
    stage = dice.weighted(list(zip(STAGES, stages, strict=True)))
    pushes = draw_pushes(dice, inclined) if high < 132 else 0
    age = dice.between(2, 30) + STAGES.index(stage) * dice.between(8, 22) + 34 * pushes + max(0, -high)
    opened = workday(min(ANCHOR - days(age), last - days(8)))
    account = draw_account(dice, accounts, owner, team, opened, dice.chance(0.3))
    closes = expected_closes(dice, opened, last, pushes)
    # A push cannot have been made before the day it was due: keep those whose earlier date is past or near.
    closes = [c for c in closes[:-1] if c <= ANCHOR + days(4)] + closes[-1:]
    rival = dice.weighted(RIVALS) if dice.chance(0.45) else ""
    size, discount, product = draw_size(dice, ANCHOR), dice.pick([0, 0, 0, 5, 8, 10]), dice.pick(PRODUCTS)
    deal = Deal(
        owner, account, account.people[0], product, dice.weighted(SOURCES), rival, opened, YESTERDAY, closes, stage, stage, size, discount
    )
    deal.has_amount = not (stage in STAGES[:2] and n % 10 == 0)
    deal.next_step = dice.pick(NEXT_STEPS[stage]) if dice.chance(0.78) else ""
    return deal


def make_deals(dice: Dice, accounts: list[Account]) -> list[Deal]:
    """Every deal, by the day it was opened."""
    deals: list[Deal] = []
    for quarter in range(12):
        part = 0.47 if quarter == 11 else 1.0
        deals += [closed_deal(dice, accounts, quarter) for _ in range(round(133 * SEASON[quarter % 4] * (1 + 0.03 * quarter) * part))]
    deals += [open_deal(dice, accounts, n) for n in range(OPEN_DEALS)]
    for deal in deals:
        deal.contact = dice.pick(deal.account.people)
    return sorted(deals, key=lambda d: (d.opened, d.end, d.owner, d.account.name, d.size))


def quota(seller: Seller, quarter: int) -> int:
    """USD: growing by a tenth a year, with the season, in steps of 5,000."""
    return round(seller.quota * SEASON[quarter % 4] * (1 + 0.1 * (quarter // 4)) / 5000) * 5000


def fit_to_quotas(dice: Dice, deals: list[Deal]) -> None:
    """Scale what each seller closed in a quarter so that attainment looks like people's: most 70-110 %, about one in twenty over 120 %."""
    for quarter in range(12):
        rate = eur_rate(quarter_start(quarter))
        for s in (s for s in SELLERS if s.quota):
            low, high = dice.weighted([((55, 70), 12), ((70, 90), 33), ((90, 110), 42), ((110, 119), 8), ((121, 142), 7)])
            target = quota(s, quarter) * dice.between(low, high) / 100 * (dice.between(40, 62) / 100 if quarter == 11 else 1)
            closed = [d for d in deals if d.owner == s.name and not d.is_open and quarter_of(d.end) == quarter]
            for _ in range(2):  # units are whole: the second round mends what rounding did
                won = sum(d.usd(rate) for d in closed if d.stage == "Won")
                for d in closed:
                    d.size *= min(2.0, max(0.5, target / won))


def name_deals(deals: list[Deal]) -> None:
    """Number and name the deals; a deal is `existing` business when its account had bought before it was opened, a `renewal` when that was
    a licence of the same software."""
    won = [d for d in deals if d.stage == "Won"]
    bought = {d.account.name: [(w.end, w.product) for w in won if w.account is d.account] for d in deals}
    used: dict[str, int] = {}
    for n, d in enumerate(deals):
        d.external_id = f"DEAL-{n + 1:05}"
        d.name = f"{d.account.short} — {d.product[4]} {d.units} {'licences' if d.product[2] == 'Software' else 'units'}"
        used[d.name] = used.get(d.name, 0) + 1
        if used[d.name] > 1:
            d.name += f", phase {used[d.name]}"
        before = [product for day, product in bought[d.account.name] if day < d.opened]
        d.kind = "renewal" if d.product[2] == "Software" and d.product in before else "existing" if d.account.old or before else "new"


def stage_path(dice: Dice, deal: Deal) -> list[str]:
    """The stages the deal went through; some start late, some skip one."""
    last = STAGES.index(deal.last_open)
    first = 1 if last >= 1 and dice.chance(0.15) else 0
    path = [STAGES[first], *(s for s in STAGES[first + 1 : last] if not dice.chance(0.1))]
    if last > first and not (deal.stage == "Won" and dice.chance(0.12)):
        path.append(deal.last_open)
    return path


class State(NamedTuple):
    """What a deal was between two changes; amount in whole currency units."""

    stage: str
    amount: int | None
    close: date


def deal_states(dice: Dice, deal: Deal) -> list[tuple[date, State]]:
    """Day and state after each change; at most one change a day, so that days increase strictly."""
    first_day, last_day = workday(deal.opened + days(1), 1), workday(deal.end - days(1))
    span = (deal.end - deal.opened).days
    events: list[tuple[date, str, State]] = []  # day, the one field that changes, and a state that holds its new value

    def add(day: date, what: str, state: State) -> None:
        events.append((min(max(workday(day), first_day), last_day), what, state))

    path, amounts = stage_path(dice, deal), earlier_amounts(dice, deal)
    final = State(deal.stage, deal.amount, deal.closes[-1])
    moments = sorted(dice.unit() * 0.9 + 0.03 for _ in path[1:])
    for moment, stage in zip(moments, path[1:], strict=True):
        add(deal.opened + days(int(moment * span)), "stage", final._replace(stage=stage))
    for before, after in pairwise(deal.closes):
        due = before if after > before else deal.opened + days(int(span * dice.unit()))
        add(due - days(dice.between(-4, 11)), "close", final._replace(close=after))
    for moment, amount in zip(sorted(dice.unit() for _ in amounts[1:]), amounts[1:], strict=True):
        add(deal.opened + days(int(moment * span)), "amount", final._replace(amount=amount))
    if not deal.is_open:
        events.append((deal.end, "stage", final))
    state = State(path[0], amounts[0], deal.closes[0])
    known = {deal.opened: state}
    for day, what, new in sorted(events, key=lambda event: event[0]):  # stable: changes of one day keep their order
        state = known[day] = state._replace(**{what: getattr(new, what)})
    rows = list(known.items())
    return rows[:1] + [row for before, row in pairwise(rows) if row[1] != before[1]]


def earlier_amounts(dice: Dice, deal: Deal) -> list[int | None]:
    """The amounts over the deal's life, the last one today's; some begin without one."""
    final = deal.amount
    if final is None:
        return [None]
    amounts: list[int | None] = [final]
    for _ in range(dice.weighted([(0, 52), (1, 34), (2, 14)])):
        first = amounts[0] or final
        amounts.insert(0, round(first * dice.pick([70, 80, 90, 95, 105, 110, 115, 125, 140]) / 10000) * 100)
    return [None, *amounts[1:]] if len(amounts) > 1 and dice.chance(0.2) else amounts


def stamp(dice: Dice, team: str, day: date) -> str:
    """An office hour of the team, in UTC, on that day."""
    first = {"EMEA": 8, "Americas": 14, "APAC": 1}[team]
    return f"{day}T{dice.between(first, first + 7):02}:{dice.between(0, 59):02}:00Z"


def history_rows(dice: Dice, deals: list[Deal]) -> list[Row]:
    rows = []
    for deal in deals:
        for day, (stage, amount, close) in deal_states(dice, deal):
            rows.append([deal.external_id, stamp(dice, TEAM_OF[deal.owner], day), stage, money(amount), close.isoformat()])
    return rows


def opportunity_row(d: Deal) -> Row:
    closed = "" if d.is_open else d.end.isoformat()
    head = [d.external_id, d.name, d.account.name, d.contact.name, d.owner, d.stage, money(d.amount), d.account.currency]
    return [*head, d.closes[-1].isoformat(), closed, d.opened.isoformat(), d.product[1], d.source, d.kind, d.next_step, d.reason, d.rival]


# ── Activities and the rest ──────────────────────────────────────────────────────────────────────────────────────────────────────


def spoken(dice: Dice, owner: str, about: str) -> Row:
    """Kind, owner and text of an activity; some calls are noted in the team's own language."""
    kind = dice.weighted([("call", 38), ("email", 34), ("visit", 14), ("note", 14)])
    text = LOCAL_TEXTS[TEAM_OF[owner]] if kind == "call" and dice.chance(0.12) else dice.pick(TEXTS[kind])
    return [kind, owner, text.format(about)]


def follow_up(dice: Dice, day: date, step: str) -> Row:
    """Next step, its due date and whether it was done: long past ones mostly were."""
    due = workday(day + days(dice.between(2, 16)), 1)
    done = due < ANCHOR and dice.chance(0.97 if due < ANCHOR - days(30) else 0.8)
    return [step, due.isoformat(), "yes" if done else "no"]


def deal_activities(dice: Dice, deal: Deal) -> list[Row]:
    """What was done about a deal; an open one with a next step ends with that step, due around the anchor."""
    rows = []
    team, about = TEAM_OF[deal.owner], deal.product[1]
    span = (deal.end - deal.opened).days
    for _ in range(dice.weighted([(1, 25), (2, 40), (3, 25), (4, 10)] if deal.is_open else [(0, 52), (1, 30), (2, 13), (3, 5)])):
        day = max(deal.opened, workday(deal.opened + days(int(span * (0.2 + 0.8 * dice.unit())))))
        then = follow_up(dice, day, dice.pick(NEXT_STEPS[deal.last_open])) if not deal.is_open and dice.chance(0.3) else ["", "", ""]
        contact = deal.contact.name if dice.chance(0.5) else ""
        rows.append([stamp(dice, team, day), *spoken(dice, deal.owner, about), deal.external_id, contact, "", "", *then])
    if deal.next_step:
        day = max(deal.opened, workday(YESTERDAY - days(dice.between(0, 20))))
        due = max(day, workday(ANCHOR + days(dice.between(-6, 21)), 1))
        rows.append(
            [stamp(dice, team, day), *spoken(dice, deal.owner, about), deal.external_id, "", "", "", deal.next_step, due.isoformat(), "no"]
        )
    return rows


def other_activities(dice: Dice, accounts: list[Account], leads: list[Lead]) -> list[Row]:
    """Care for contacts and accounts, and the working of leads."""
    rows = []
    for account in (a for a in accounts if a.people and a.owner):
        for _ in range(dice.weighted([(1, 20), (2, 25), (3, 25), (5, 20), (8, 10)])):
            day = workday(max(account.known, YESTERDAY - days(dice.between(0, 1000))), 1)
            day = min(day, YESTERDAY)
            person = dice.pick(account.people).name if dice.chance(0.85) else ""
            place = account.name if not person or dice.chance(0.4) else ""
            then = follow_up(dice, day, "call again") if dice.chance(0.25) else ["", "", ""]
            rows.append([stamp(dice, account.team, day), *spoken(dice, account.owner, "the year's needs"), "", person, "", place, *then])
    for lead in (lead for lead in leads if lead.owner and lead.status != "new"):
        for _ in range(dice.between(1, 3)):
            day = min(workday(lead.created + days(dice.between(0, 30)), 1), YESTERDAY)
            then = follow_up(dice, day, "call back") if lead.status == "working" and dice.chance(0.6) else ["", "", ""]
            rows.append(
                [stamp(dice, TEAM_OF[lead.owner], day), *spoken(dice, lead.owner, "the enquiry"), "", "", lead.external_id, "", *then]
            )
    return rows


def quota_rows() -> list[Row]:
    periods = [(q, f"{quarter_start(q).year}-Q{q % 4 + 1}") for q in range(13)]
    rows = [[s.name, period, "own", money(quota(s, q)), "USD"] for q, period in periods for s in SELLERS if s.quota]
    return [
        *rows,
        ["Anneke de Vries", "2026-Q4", "own", money(100_000), "USD"],
    ]  # she sells too, since this quarter with a quota of her own


def rate_rows() -> list[Row]:
    months = [(2023 * 12 + 9 + n) for n in range(len(RATES))]
    return [["EUR", "USD", date(m // 12, m % 12 + 1, 1).isoformat(), rate] for m, rate in zip(months, RATES, strict=True)]


def build() -> dict[str, list[Row]]:
    """Rows of every file by its name without .csv."""
    names = Names(Dice("names"))
    accounts = make_accounts(Dice("accounts"), names)
    people_accounts(Dice("people"), names, accounts)
    leads = make_leads(Dice("leads"), names, accounts)
    deals = make_deals(Dice("deals"), accounts)
    fit_to_quotas(Dice("quotas"), deals)
    name_deals(deals)
    dice = Dice("activities")
    activities = [row for deal in deals for row in deal_activities(dice, deal)] + other_activities(dice, accounts, leads)
    rows, past = [opportunity_row(d) for d in deals], history_rows(Dice("history"), deals)
    books, present = Books(rows, past), (quarter_start(11), quarter_start(12))
    return {
        "users": user_rows(),
        "accounts": account_rows(Dice("account rows"), accounts, {d.account.name for d in deals if d.stage == "Won"}),
        "contacts": contact_rows(Dice("contact rows"), accounts),
        "products": [[code, name, family, money(price), "USD"] for code, name, family, price, _ in PRODUCTS],
        "leads": [lead.row for lead in leads],
        "reasons": [list(reason) for reason in REASONS],
        "opportunities": rows,
        "opportunity_history": past,
        "activities": sorted(activities),
        "quotas": quota_rows(),
        "rates": rate_rows(),
        "forecast_calls": call_rows(Dice("calls"), books, quarter_start),
        "forecast_adjustments": adjustment_rows(books, *present),
        "forecast_judgments": judgment_rows(rows, *present),
    }


def write(folder: Path, tell: Callable[[str], object] = print) -> None:
    """Write every file into `folder`, made when missing; raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in build().items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(HEADERS[name].split(","))
            writer.writerows(rows)
        tell(f"{name}.csv: {len(rows)} rows")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "company")
