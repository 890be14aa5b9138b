"""The settings: one table that validates the config file, reads the environment and makes the documentation.

Precedence: option, environment, config file, default. Company data is not here; it lives in the database.
"""

from __future__ import annotations

import os
from typing import Any, NamedTuple

from sfa import languages, places
from sfa.errors import BadValue, NotFound, UsageError
from sfa.messages import say, together


class Setting(NamedTuple):
    name: str
    type: str
    default: str
    variable: str
    help: str


WEEKDAYS = "sunday|monday|tuesday|wednesday|thursday|friday|saturday"
SETTINGS = {
    s.name: s
    for s in (
        Setting("db", "path", "", "SFA_DB", "The database file"),
        Setting("me", "text", "", "SFA_ME", "Who you are: the name or e-mail of a user (default: your login name)"),
        Setting("addresses", "text", "", "SFA_ADDRESSES", "Further e-mail addresses of yours, comma-separated, for `sfa capture mail`"),
        Setting("currency", "currency", "USD", "SFA_CURRENCY", "The company currency: of amounts without one, and of every total"),
        Setting("time_zone", "zone", "", "SFA_TIME_ZONE", "The company's time zone, such as Europe/Berlin (default: this machine's)"),
        Setting("fiscal_month", "month", "1", "SFA_FISCAL_MONTH", "The first month of the fiscal year, 1 to 12"),
        Setting("fiscal_named_by", "start|end", "end", "SFA_FISCAL_NAMED_BY", "Whether FY26 is the year that starts or that ends in 2026"),
        Setting(
            "fiscal_weeks", "4-4-5|4-5-4|5-4-4", "", "SFA_FISCAL_WEEKS", "Weeks of a quarter's months, if fiscal years have whole weeks"
        ),
        Setting("fiscal_week_start", WEEKDAYS, "monday", "SFA_FISCAL_WEEK_START", "The day on which the weeks of such years begin"),
        Setting("date_order", "ymd|dmy|mdy", "", "SFA_DATE_ORDER", "How 03/04/26 is read (default: it is refused as ambiguous)"),
        Setting("country", "place", "", "SFA_COUNTRY", "Whose public holidays count: a country, with its part where they differ (DE-BY)"),
        Setting("working_hours", "hours", "", "SFA_WORKING_HOURS", "As in 'mon-fri 9:00-17:30' or 'sun-thu' (default: Monday to Friday)"),
        Setting("phones", "e164|as_written", "e164", "SFA_PHONES", "Whether phones are kept in one form (+4930901820) or as written"),
        Setting("phone_country", "country", "", "SFA_PHONE_COUNTRY", "The country of phones that name none, in a record that names none"),
        Setting(
            "blank_words",
            "text",
            "NULL, N/A, #N/A, (null), --None--, -, none, Select",
            "SFA_BLANK_WORDS",
            "What stands for a blank cell in a file (in names only what is no word)",
        ),
        Setting("health_pushes", "count", "2", "SFA_HEALTH_PUSHES", "From how many pushes into a later month on a deal needs a look"),
        Setting(
            "health_silent_days", "count", "14", "SFA_HEALTH_SILENT_DAYS", "Days without a touch that are usual where none can be learnt"
        ),
        Setting("health_cut_percent", "count", "30", "SFA_HEALTH_CUT_PERCENT", "From which cut of its amount, in per cent, on"),
        Setting("health_risk", "count", "3", "SFA_HEALTH_RISK", "How many reasons make a deal a risk"),
        Setting("assign", "on|off", "on", "SFA_ASSIGN", "Whether the rules of `sfa rule` give new leads and accounts to people"),
        Setting(
            "default_owner",
            "text",
            "",
            "SFA_DEFAULT_OWNER",
            "Who gets new leads that no rule gives to anyone (default: whoever adds them)",
        ),
        *(
            Setting(
                f"retention.{kind}", "span", "", f"SFA_RETENTION_{kind.upper()}", f"How long {what} stay, such as 24m or 3y; `sfa db purge`"
            )
            for kind, what in (
                ("lead", "leads with neither change nor activity"),
                ("contact", "contacts with neither change, activity nor deal"),
                ("activity", "the texts of activities"),
            )
        ),
        Setting(
            "duplicates",
            "warn|block|link|off",
            "warn",
            "SFA_DUPLICATES",
            "What `add` and `import` do where a record like the new one is there; link also links new people to accounts",
        ),
        Setting("duplicates_score", "count", "70", "SFA_DUPLICATES_SCORE", "From which score on, 1 to 100, two records are likely one"),
        Setting(
            "duplicates_similar", "count", "80", "SFA_DUPLICATES_SIMILAR", "How alike misspelt names are, in per cent of their letters"
        ),
        Setting("hooks", "on|off", "on", "SFA_HOOKS", "Whether the programs in the config folder's hooks/ run; `sfa help hooks`"),
        Setting("hook_timeout", "count", "10", "SFA_HOOK_TIMEOUT", "Seconds that a hook may take"),
        Setting("language", "en|zh_CN", "", "SFA_LANGUAGE", "The language of messages and help (default: the locale's, else English)"),
        Setting("limit", "count", "50", "SFA_LIMIT", "Rows of a listing on a terminal; 0 shows all"),
    )
}


TABLES = ("alias.", "default.")
"""What else the config file may hold: commands under other names, and values that new records begin with."""


class Settings:
    """The values in force. `given` are the options of this run; they beat the environment, which beats the file."""

    def __init__(self, given: dict[str, str] | None = None, environment: dict[str, str] | None = None) -> None:
        self.given = given or {}
        self.environment = dict(os.environ) if environment is None else environment
        self._file: dict[str, str] | None = None

    @property
    def path(self) -> str:
        """The config file."""
        return places.config(self.environment)

    @property
    def state(self) -> str:
        """The folder of what is remembered between runs and may be lost: $XDG_STATE_HOME/sfa."""
        return places.state(self.environment)

    @property
    def file(self) -> dict[str, str]:
        if self._file is None:
            self._file = _read(self.path)
        return self._file

    def where(self, name: str) -> tuple[str, str]:
        """(value, origin) of a setting; origin is option, environment, file or default. Raises BadValue for a value it cannot have."""
        setting = self.known(name)
        for origin, value in (
            ("option", self.given.get(name, "")),
            ("environment", self.environment.get(setting.variable, "")),
            ("file", self.file.get(name, "")),
        ):
            if value:
                return check(setting, value), origin
        return setting.default or self._default(name), "default"

    def get(self, name: str) -> str:
        return self.where(name)[0]

    def _default(self, name: str) -> str:
        if name == "db":
            return places.database(self.environment)
        if name == "me":
            return self.environment.get("USER") or self.environment.get("USERNAME") or self.environment.get("LOGNAME") or _login()
        if name == "time_zone":
            return _local_zone(self.environment)
        return languages.of_locale(self.environment) if name == "language" else ""

    @staticmethod
    def known(name: str) -> Setting:
        """The setting called `name`. Raises NotFound with the nearest or the list."""
        import difflib

        wanted = name.strip().lower().replace("-", "_")
        if wanted not in SETTINGS:
            near = difflib.get_close_matches(wanted, SETTINGS, 1)
            raise NotFound(
                say("there is no setting called {name!r}", name=name[:60]),
                say("Did you mean {near!r}?", near=near[0]) if near else say("Settings: {settings}", settings=together(", ", SETTINGS)),
            )
        return SETTINGS[wanted]

    def set(self, name: str, value: str) -> str:
        """Write `name` into the config file ("" takes it out) and return its former value there. Raises BadValue."""
        setting = self.known(name)
        return self.keep(setting.name, check(setting, value) if value else "")

    def table(self, name: str) -> dict[str, str]:
        """What the config file holds under `name` beside the settings: aliases under `alias`, defaults of a kind under `default.KIND`."""
        return {k[len(name) + 1 :]: v for k, v in self.file.items() if k.startswith(name + ".")}

    def keep(self, name: str, value: str) -> str:
        """Write a line of the config file as it is, a setting or one of a table ("" takes it out); returns what stood there."""
        former = self.file.get(name, "")
        values = {k: v for k, v in self.file.items() if k != name}
        if value:
            values[name] = value
        _write(self.path, values)
        self._file = values
        return former

    def calendar(self) -> Any:
        """Today, now, the fiscal year, the date order and the time zone, as `sales.dates.Calendar`. SFA_TODAY fixes the clock."""
        from datetime import UTC, datetime

        from sfa.sales.dates import Calendar
        from sfa.sales.moments import parse_stamp

        zone, origin = self.where("time_zone")
        now = datetime.now(UTC)
        if fixed := self.environment.get("SFA_TODAY", ""):
            try:
                now = parse_stamp(fixed + (" 12:00" if len(fixed) == 10 else ""), Calendar(now.date(), now, time_zone=zone))
            except BadValue as error:
                raise BadValue(say("SFA_TODAY: {message}", message=error.message), error.hint) from None
        # The machine's own zone is what the operating system knows best: no time zone database is loaded for it.
        local = now if zone == "UTC" else now.astimezone(None if origin == "default" or zone == "local" else _zone(zone))
        month, weeks = int(self.get("fiscal_month")), self.get("fiscal_weeks")
        named, order, start = (self.get(name) for name in ("fiscal_named_by", "date_order", "fiscal_week_start"))
        country, working, off = self.get("country"), self.get("working_hours"), None
        if country:
            from sfa import daysoff

            off = daysoff.known(country, self.state, local.date())
        return Calendar(local.date(), now, month, named, order, zone, weeks, start, working, off)


def check(setting: Setting, value: str) -> str:
    """`value` in its canonical form. Raises BadValue where the setting cannot have it."""
    value = value.strip()
    if not value.isprintable() or len(value) > 1000:
        raise BadValue(say("{name}: {value!r} is too long, or holds characters that cannot be seen", name=setting.name, value=value[:60]))
    if setting.type == "currency":
        from sfa.sales.money import currency_code

        return currency_code(value)
    if setting.type in ("month", "count"):
        if not (value.isascii() and value.isdigit()) or (setting.type == "month" and not 1 <= int(value) <= 12):
            raise BadValue(
                say(
                    "{name}: {value!r} is not {word}",
                    name=setting.name,
                    value=value[:60],
                    word="a month from 1 to 12" if setting.type == "month" else "a whole number",
                )
            )
        return str(int(value))
    if setting.type == "span":
        from sfa.sales.retention import months

        months(setting.name, value)
        return value.lower()
    if "|" in setting.type and value not in setting.type.split("|"):
        raise BadValue(
            say("{name}: {value!r} is not one of its values", name=setting.name, value=value[:60]),
            say("Values: {type}", type=setting.type.replace("|", ", ")),
        )
    if setting.type == "country":
        return _country(setting.name, value)
    if setting.type == "place":
        whole = _country(setting.name, value, must=False)
        country, dash, part = (value, "", "") if whole else value.rpartition("-")
        return (whole or _country(setting.name, country)) + dash + part.strip().upper()
    if setting.type == "hours":
        from sfa.sales.workdays import hours

        try:
            hours(value)
        except BadValue as error:
            raise BadValue(say("{name}: {message}", name=setting.name, message=error.message), error.hint) from None
    if setting.type == "zone" and value != "local":
        _zone(value)
    return os.path.expanduser(value) if setting.type == "path" else value


def _country(setting: str, value: str, must: bool = True) -> str:
    """The code of a country. Raises BadValue where it `must` be one."""
    from sfa.sales.countries import region

    if not region(value) and must:
        raise BadValue(say("{setting}: {value!r} is no country", setting=setting, value=value[:60]), "Use a name or a code such as DE.")
    return region(value)


def _zone(name: str) -> Any:
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise BadValue(
            say("there is no time zone called {name!r}", name=name[:60]), "Use a name such as Europe/Berlin or Asia/Shanghai."
        ) from None


def _login() -> str:
    """The login name where no variable says it, as in a scheduled job."""
    try:
        from pwd import getpwuid

        return getpwuid(os.getuid()).pw_name
    except (ImportError, KeyError):
        return "me"


def _local_zone(environment: dict[str, str]) -> str:
    """This machine's time zone by its name in the time zone database; "local" where it has none there (Windows, a rule in TZ)."""
    name = environment.get("TZ", "").lstrip(":")
    if not name and os.path.islink("/etc/localtime"):
        name = os.path.realpath("/etc/localtime").partition("zoneinfo/")[2]
    if name in ("UTC", "Etc/UTC"):
        return "UTC"
    return name if "/" in name and name.replace("/", "").replace("_", "").replace("-", "").replace("+", "").isalnum() else "local"


def _read(path: str) -> dict[str, str]:
    if not os.path.exists(path):
        return {}
    import tomllib

    try:
        with open(path, "rb") as f:
            data = tomllib.load(f)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(
            say("the config file {path} cannot be read: {error}", path=path, error=error),
            "Mend it, or delete it and start again with `sfa config set`.",
        ) from None
    data = _flat(data)
    for name in data:
        if name not in SETTINGS and not name.startswith(TABLES):
            raise UsageError(
                say("the config file {path} has an unknown setting {name!r}", path=path, name=name),
                say("Settings: {settings}", settings=together(", ", SETTINGS)),
            )
    return {name: str(value) for name, value in data.items()}


def _flat(data: dict[str, Any], before: str = "") -> dict[str, Any]:
    """Tables as names with dots: a name with a dot is a table's in TOML where it was written without quotes."""
    out: dict[str, Any] = {}
    for name, value in data.items():
        out |= _flat(value, f"{before}{name}.") if isinstance(value, dict) else {before + name: value}
    return out


def _write(path: str, values: dict[str, str]) -> None:
    import json

    text = "# Settings of sfa; `sfa config list` explains them.\n" + "".join(
        f"{json.dumps(k) if '.' in k else k} = {json.dumps(v, ensure_ascii=False)}\n" for k, v in sorted(values.items())
    )
    try:
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        with open(path + ".new", "w", encoding="utf-8") as f:
            f.write(text)
        os.replace(path + ".new", path)
    except OSError as error:
        raise UsageError(say("the config file {path} cannot be written: {why}", path=path, why=error.strerror)) from None
