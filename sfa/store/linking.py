"""Which record a cell of a file refers to: by this program's own id, by the external id of the same source, then of any, by name, and
users and contacts by e-mail too. What is not there is refused, made or left blank, as the import was told.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Sequence
from typing import Any

from sfa.errors import BadValue, SfaError, UsageError
from sfa.messages import say
from sfa.sales.bundles import is_id
from sfa.sales.cells import Bad
from sfa.sales.kinds import Field, Kind
from sfa.sales.mapping import own_form, plain
from sfa.sales.values import quoted
from sfa.store import bulk, intake, lookup
from sfa.store.database import Store
from sfa.store.operations import Operation, find_me
from sfa.store.schema import q

OWN = "#id"
"""The source under which another database's own id of a record is remembered."""
ROW = "#row"
"""The source under which a row without any id is remembered, by a hash of what it says."""
CREATED = ("user", "account", "product", "contact", "reason")
_SYNONYMS = {"closedwon": "won", "closedlost": "lost"}
_SYNONYMS_OF = {outcome: name for name, outcome in _SYNONYMS.items()}
_NAME_AND_EMAIL = r"([^()]+?)\s*\(([^()\s@]+@[^()\s@]+)\)"
"""A person as HubSpot writes one in a reference: `Jo Silva (jo@silva.example)`."""
_OUTSIDE_ID = r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?"


class References:
    """Looks references up and remembers them. `created` counts records made by kind, `blanked` cells left blank by field;
    `read_as` are stages of another system taken for the nearest of ours, which `stages` (theirs → ours) say,
    `pipelines_as` pipelines taken for the usual one, which `pipelines` are. Of the kinds in `makes` records are made of their names (not
    of what looks like an id) whatever else is said; of those `held`, which the import has a file of, none is made of an id unless
    the record's row is among the rejected, of which `gone` has what is said of references to them."""

    def __init__(
        self,
        op: Operation,
        kind: Kind,
        source: str,
        on_missing: str,
        stages: dict[str, str] | None = None,
        pipelines: frozenset[str] = frozenset(),
    ) -> None:
        self.op, self.store, self.kind, self.source, self.on_missing = op, op.store, kind, source, on_missing
        self.created: Counter[str] = Counter()
        self.blanked: Counter[str] = Counter()
        self.known: dict[tuple[str, str, Any], int | SfaError | None] = {}
        self.stages: dict[int, dict[str, int]] = {}
        self.sources: dict[str, list[str]] = {}
        self.nearest = {k.casefold(): v.casefold() for k, v in (stages or {}).items()}
        self.usual = frozenset(map(str.casefold, pipelines))
        self.read_as: dict[str, str] = {}
        self.pipelines_as: dict[str, str] = {}
        self.makes: frozenset[str] = frozenset()
        self.held: frozenset[str] = frozenset()
        self.gone: Container[str] = ()

    def column(
        self, field: Field, texts: Sequence[str | None], near: Sequence[int | None] | None, bad: Bad, waiting: set[int] | None = None
    ) -> list[int | None]:
        """The ids that a column of texts means. `near` narrows: a row's account for contacts, its pipeline for stages. Rows that refer
        to a record of the kind being loaded which may stand later in the file are put into `waiting`, where that is given."""
        out: list[int | None] = []
        known, name = self.known, field.name
        for i, text in enumerate(texts):
            if text is None:
                out.append(None)
                continue
            key = (name, text, near[i] if near else None)
            found = known[key] if key in known else self._remember(key, field)
            if found is None and field.to == self.kind.name and waiting is not None:
                waiting.add(i)
            elif found is None or isinstance(found, SfaError):
                found = self._without(field, text, key, i, bad, found)
            out.append(found)
        return out

    def forget(self, kind: str) -> None:
        """Records of `kind` were added: what was not there may be there now."""
        fields = {f.name for f in self.kind.fields if f.to == kind}
        self.known = {k: v for k, v in self.known.items() if k[0] not in fields or isinstance(v, int)}

    def _remember(self, key: tuple[str, str, Any], field: Field) -> int | SfaError | None:
        try:
            self.known[key] = self.find(field, key[1], key[2])
        except SfaError as error:
            self.known[key] = error
        return self.known[key]

    def _without(self, field: Field, text: str, key: tuple[str, str, Any], row: int, bad: Bad, error: Any) -> int | None:
        """What becomes of a cell that refers to nothing: a record made of it, blank, or a reason against the row."""
        if error is None and row in bad:
            # Nothing is made for a row that is not loaded.
            return None
        nameless = field.to in self.held and is_id(text) and nobody(self.store.kinds[field.to], text) not in self.gone
        wanted = (self.on_missing == "create" and not nameless) or (field.to in self.makes and not is_id(text))
        if error is None and wanted and field.to in CREATED and not field.managed:
            made = self._create(field, text, key[2], row, bad)
            self.known[key] = made
            return made
        blank = self.on_missing == "blank" or (self.on_missing == "create" and nameless)
        if field.managed or (blank and not field.required and field.to not in ("stage", "pipeline")):
            self.blanked[field.name] += 1
            return None
        if error is None:
            self.known[key] = error = self._missing(field, text)
        bad.setdefault(row, f"{error.message}{_ending(error.hint)}")
        return None

    def _create(self, field: Field, text: str, near: int | None, row: int, bad: Bad) -> int | None:
        kind = self.store.kinds[field.to]
        given: dict[str, Any] = {"email": text.lower()} if "@" in text and "email" in kind.columns else {"name": text}
        if "email" in kind.columns and (both := re.fullmatch(_NAME_AND_EMAIL, text)):
            given = {"name": both[1], "email": both[2].lower()}
        if kind.name == "contact" and near:
            given["account"] = near
        try:
            number = intake.add(self.op, kind, given)
        except SfaError as error:
            bad.setdefault(row, f"{field.title}: {error.message}")
            return None
        if re.fullmatch(_OUTSIDE_ID, text) and re.search(r"\d", text):
            bulk.link(self.op, kind.name, [(number, text)], self.source)
        self.created[kind.name] += 1
        return number

    def _missing(self, field: Field, text: str) -> SfaError:
        kind = self.store.kinds[field.to]
        near = lookup.near_names(self.store, kind, text) if "name" in kind.columns else []
        if near and plain(near[0]) == plain(text):
            near = near[:1]
        message = nobody(kind, text) + (say("; did you mean {near}?", near=" or ".join(map(repr, near))) if near else "")
        if kind.name == "pipeline":
            return UsageError(message, "`sfa pipeline add` makes one; [values.pipeline] in a map file says which of yours it is")
        return UsageError(message)

    def find(self, field: Field, text: str, near: int | None) -> int | None:
        """The one record that `text` means, or None. Raises SfaError where it means several, or an unknown stage."""
        if field.to == "stage":
            return self._stage(text, near)
        kind = self.store.kinds[field.to]
        for numbers in self._candidates(kind, text):
            if len(numbers) > 1 and kind.name == "contact" and near:
                rows = self.store.db.execute(f"SELECT id FROM contact WHERE account=? AND id IN ({','.join(map(str, numbers))})", (near,))
                numbers = [r[0] for r in rows] or numbers
            if len(numbers) == 1:
                return int(numbers[0])
            if numbers:
                raise BadValue(
                    say(
                        "{title}: {count} {plural} are called {text}",
                        title=field.title,
                        count=len(numbers),
                        plural=kind.plural,
                        text=quoted(text),
                    ),
                    "give an id, or make the names differ",
                )
        return self._usual_pipeline(text) if kind.name == "pipeline" and text.casefold() in self.usual else None

    def _usual_pipeline(self, text: str) -> int:
        """Our usual pipeline, for what another system calls its own."""
        found = intake.default_pipeline(self.store)
        self.pipelines_as[text] = lookup.label(self.store.kinds["pipeline"], lookup.get(self.store, "pipeline", found) or {})
        return found

    def _candidates(self, kind: Kind, text: str) -> Any:
        """Lists of ids, the surest way of naming first."""
        db = self.store.db
        if re.fullmatch(own_form(kind), text):
            given = lookup.resolved(self.store, text)
            yield [given[1]] if given and lookup.get(self.store, *given) else []
            yield [r[0] for r in db.execute(_EXTERNAL + " AND coalesce(source,'')=?", (kind.name, text, OWN))]
        if kind.name == "user" and text.lower() == "me":
            yield [n for n in [find_me(self.store)] if n]
        yield [r[0] for r in db.execute(_EXTERNAL + " AND coalesce(source,'')=?", (kind.name, text, self.source))]
        if "email" in kind.columns and (both := re.fullmatch(_NAME_AND_EMAIL, text)):
            yield [r[0] for r in db.execute(f"SELECT id FROM {q(kind.name)} WHERE email=? LIMIT 500", (both[2].lower(),))]
            text = both[1]
        found = (
            r[0] for source in self._sources(kind) for r in db.execute(_EXTERNAL + " AND coalesce(source,'')=?", (kind.name, text, source))
        )
        yield list(dict.fromkeys(found))
        for name in ("name", "email", "code"):
            if name in kind.columns and (name != "email" or "@" in text):
                # The index of names forgives case; e-mails are kept in small letters.
                how, wanted = ("", text.lower()) if name == "email" else (" COLLATE NOCASE", text)
                rows = db.execute(f"SELECT id, {q(name)} FROM {q(kind.name)} WHERE {q(name)}=?{how} LIMIT 500", (wanted,)).fetchall()
                yield [r[0] for r in rows if r[1] == text]
                yield [r[0] for r in rows]
        yield [r[0] for r in db.execute(_EXTERNAL + " AND coalesce(source,'')=?", (kind.name, text, lookup.WAS))]
        if self.kind.name == "history" and re.fullmatch(rf"(?i){kind.prefix}-\d{{1,12}}", text):
            # What is told of a deal's past may name it as this database's listings do; elsewhere O-1 may be anybody's number.
            given = lookup.resolved(self.store, text)
            yield [given[1]] if given and lookup.get(self.store, *given) else []

    def _sources(self, kind: Kind) -> list[str]:
        """The systems that records of a kind have ids of; this program's own ways of knowing them are none."""
        if kind.name not in self.sources:
            rows = self.store.db.execute("SELECT DISTINCT coalesce(source,'') FROM external WHERE \"kind\"=?", (kind.name,))
            self.sources[kind.name] = [r[0] for r in rows if not r[0].startswith("#")]
        return self.sources[kind.name]

    def _stage(self, text: str, pipeline: int | None) -> int:
        """A stage of the row's pipeline by name, case forgiven; Salesforce's closed stages are known by theirs."""
        pipeline = pipeline or intake.default_pipeline(self.store)
        if pipeline not in self.stages:
            self.stages[pipeline] = _named_stages(self.store, pipeline)
        known = self.stages[pipeline]
        folded = text.casefold()
        found = known.get(folded) or known.get(re.sub(r"[\W_]+", "", folded) if "closed" in folded else "")
        if found is None and (found := known.get(_SYNONYMS_OF.get(self.nearest.get(folded, ""), self.nearest.get(folded, "")))):
            self.read_as[text] = next(s["name"] for s in intake.stages(self.store, pipeline) if s["id"] == found)
        if found is None:
            names_there = ", ".join(s["name"] for s in intake.stages(self.store, pipeline))
            raise BadValue(
                say("stage: there is no stage {text}", text=quoted(text)),
                say(
                    "stages: {names}; `sfa stage add` makes one, [values.stage] in a map file says which it is",
                    names=names_there,
                ),
            )
        return found


def nobody(kind: Kind, text: str) -> str:
    """What is said of a reference to nothing."""
    return say("no {word} is called {text}", word=kind.word, text=quoted(text))


def source_of(op: Operation, kind: Kind, wanted: str) -> str:
    """The source that ids of a recognised product are kept under: its name, unless those of this kind came without one until now."""
    rows = op.store.db.execute("SELECT DISTINCT coalesce(source,'') FROM external WHERE \"kind\"=?", (kind.name,)).fetchall()
    there = {r[0] for r in rows}
    return "" if "" in there and wanted not in there else wanted


_EXTERNAL = 'SELECT DISTINCT record FROM external WHERE "kind"=? AND external=?'


def _named_stages(store: Store, pipeline: int) -> dict[str, int]:
    """What the stages of a pipeline may be called in a file: their names without capitals, and Salesforce's of closed ones."""
    stages = intake.stages(store, pipeline)
    names = {s["name"].casefold(): s["id"] for s in reversed(stages)}
    only = {o: [s["id"] for s in stages if s["outcome"] == o] for o in ("won", "lost")}
    return {**{k: only[o][0] for k, o in _SYNONYMS.items() if only[o]}, **names}


def known_stages(store: Store, pipeline: int) -> set[str]:
    """The same, plain: what a file may call the stages of a pipeline."""
    return set(map(plain, _named_stages(store, pipeline)))


def _ending(hint: str) -> str:
    return f" ({hint.rstrip('.')})" if hint else ""
