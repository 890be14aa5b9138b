"""What a person says about the files of a bundle: a map, a kind, an encoding for one of them, a product and values for all.

A file is named as it stands in the bundle, with or without its folder and ending; a folder of maps has one of the same name for each.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sfa.commands.sources import map_text
from sfa.errors import UsageError, did_you_mean
from sfa.messages import say, together
from sfa.sales import bundles, mapfile, profiles
from sfa.sales.kinds import Kind, kind_of
from sfa.sales.mapfile import Map
from sfa.sales.values import quoted

NO_KIND = "none"
"""What a map says of a file that is not to be loaded."""
MAP = ".toml"


class Wishes(NamedTuple):
    """The options as they were typed: `--profile`, `--map` and `--encoding` (FILE=WHAT, or WHAT for all), `--set`, `--date-order`."""

    profile: str = ""
    maps: Sequence[str] = ()
    encodings: Sequence[str] = ()
    sets: Sequence[str] = ()
    dates: str = ""


class Given:
    """What is said of each file. Raises UsageError for what cannot be meant."""

    def __init__(self, wishes: Wishes) -> None:
        if wishes.profile:
            profiles.called(wishes.profile)
        self.wishes = wishes
        self.maps: dict[str, str] = {}
        for text in wishes.maps:
            self.maps.update(_maps(text))
        self.encodings = dict(_parted(text, "--encoding") if "=" in text else ("", text) for text in wishes.encodings)
        self.sets = [_limited(text) for text in wishes.sets]
        self.used: set[str] = set()
        self.taken: set[str] = set()

    def any(self) -> bool:
        """Whether anything is said at all."""
        return self.wishes != Wishes()

    def encoding(self, name: str) -> str:
        """The encoding of a file, "" where it is to be found out."""
        return self._of(self.encodings, name) or self.encodings.get("", "")

    def profile(self, name: str) -> str:
        """The product that a file is of: what its map says, else the option; "" recognises it."""
        path = self._map(name)
        own = _format(map_text(path)).get("profile", "") if path else ""
        return str(own) or self.wishes.profile

    def kind(self, name: str) -> str:
        """The kind of record that a file is said to hold: "none" for a file to be left out, "" where nothing is said."""
        path = self._map(name)
        word = mapfile.kind_said(map_text(path)) if path else self._of(self.maps, name)
        if not word or word.lower() == NO_KIND:
            return word.lower()
        if word.lower() in bundles.ORDER:
            return word.lower()
        found = bundles.kind_called(word) or kind_of(word).name
        if found not in bundles.ORDER:
            raise UsageError(
                say("{name}: bundles hold no {found}s", name=name, found=found), say("Kinds: {order}", order=together(", ", bundles.ORDER))
            )
        return found

    def mapped(self, name: str) -> bool:
        """Whether a map is given for a file."""
        return bool(self._map(name))

    def map(self, name: str, kind: Kind) -> Map:
        """The map of a file, with the values that every row of its kind gets."""
        path = self._map(name)
        given = mapfile.read_map(map_text(path), kind, path) if path else Map()
        if given.header:
            raise UsageError(say("{path}: [format] header is for a file by itself", path=path), f"sfa import KIND {name} --map {path}")
        fits = [f"{field}={value}" for of, field, value in self.sets if of in ("", kind.name) and _has(kind, field)]
        self.taken.update(f.partition("=")[0] for f in fits)
        given = mapfile.with_set(given, kind, fits)
        return given._replace(dates=given.dates or self.wishes.dates)

    def check(self, names: Iterable[str]) -> None:
        """Raise where something is said of a file that is not in the bundle, or of a field that no file's records have."""
        there = [*names]
        for said in (*self.maps, *self.encodings):
            if said and said not in self.used and not os.path.isdir(said) and not self._folder(said):
                hint = did_you_mean(said, *map(os.path.basename, there)) or say("Files: {there}", there=together(", ", there[:20]))
                raise UsageError(say("the bundle has no file {said} that is loaded", said=quoted(said)), hint)
        for _, field, _ in self.sets:
            if field not in self.taken:
                raise UsageError(
                    say("--set {field}: no kind of record in the bundle has such a field", field=field[:60]),
                    "As in --set account.source=crm.",
                )

    def _folder(self, said: str) -> bool:
        """Whether a map was found in a folder: there it may be without its file."""
        return any(os.path.isdir(text) and self.maps.get(said, "").startswith(text) for text in self.wishes.maps)

    def _map(self, name: str) -> str:
        """The map file of a file, "" where none is said."""
        found = self._of(self.maps, name)
        return found if found.lower().endswith(MAP) or os.path.isfile(found) else ""

    def _of(self, given: dict[str, str], name: str) -> str:
        base = os.path.basename(name)
        for key in (name, base, bare(base)):
            if key in given:
                self.used.add(key)
                return given[key]
        folded = {k.casefold(): k for k in given if k}
        if (key := folded.get(base.casefold()) or folded.get(bare(base).casefold(), "")) in given and key:
            self.used.add(key)
            return given[key]
        return ""


def bare(name: str) -> str:
    """A file's name without what its ending says."""
    return re.sub(r"(?i)(\.(csv|tsv|txt|gz|bz2|xz|xlsx?|ods|json|ndjson|jsonl|vcf|ics|toml))+$", "", name)


def _maps(text: str) -> dict[str, str]:
    """File → what one `--map` says of it: FILE=MAP.toml, FILE=KIND, FILE=none, or a folder of maps."""
    if os.path.isdir(text):
        return {bare(e.name): e.path for e in sorted(os.scandir(text), key=lambda e: e.name) if e.name.lower().endswith(MAP)}
    if "=" not in text:
        hint = "As in --map accounts.csv=accounts.toml, people.csv=contact, tickets.csv=none, or --map FOLDER of maps."
        raise UsageError(say("--map of a bundle says which file it is for, not {text}", text=quoted(text)), hint)
    return dict([_parted(text, "--map")])


def _parted(text: str, option: str) -> tuple[str, str]:
    file, _, what = text.partition("=")
    if not file.strip() or not what.strip():
        raise UsageError(
            say("{option} takes FILE=WHAT, not {text}", option=option, text=quoted(text)), "As in --map accounts.csv=accounts.toml."
        )
    return file.strip(), what.strip()


def _limited(text: str) -> tuple[str, str, str]:
    """(kind, "" for all; field; value) of one `--set`."""
    left, sign, value = text.partition("=")
    if not sign:
        raise UsageError(
            say("--set takes field=value, not {text}", text=quoted(text)), "As in --set currency=EUR or --set lead.rating=warm."
        )
    kind, dot, field = left.strip().rpartition(".")
    return (bundles.kind_called(kind) or kind_of(kind).name) if dot else "", field.strip(), value


def _has(kind: Kind, field: str) -> bool:
    try:
        return kind.field(field).stored or kind.field(field).type == "external"
    except UsageError:
        return False


def _format(text: str) -> dict[str, Any]:
    """What a map's text says of the form of its file; reading it whole tells what is wrong with it."""
    import tomllib

    try:
        found = tomllib.loads(text).get("format", {})
    except tomllib.TOMLDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
