"""`sfa edit REF`: a record's fields in a person's own editor, checked when it comes back. What is written goes through the same rules as
`sfa NOUN edit`."""

from __future__ import annotations

import os
from typing import Annotated, Any

import typer

from sfa import output
from sfa.commands.nouns import Yes, differences, tell
from sfa.commands.session import Session
from sfa.errors import Ambiguous, Refused, SfaError, UsageError
from sfa.messages import say, together
from sfa.sales import forms, refs, values
from sfa.sales.kinds import Field, Kind
from sfa.store import deals, intake, lookup, participants
from sfa.store.database import Store
from sfa.store.operations import operation

Record = dict[str, Any]
ENDING = ".toml"


def command(
    ctx: typer.Context,
    ref: Annotated[str, typer.Argument(metavar="REF", help="Any record: its reference or name; - for the last one you touched.")],
    words: Annotated[list[str] | None, typer.Argument(hidden=True)] = None,
    yes: Yes = False,
) -> None:
    """Edit one record, of any kind, in your editor ($VISUAL, $EDITOR).

    All its fields stand in a text with comments. What is wrong is pointed at when you come back, and the text is opened again; left
    unchanged, nothing is written.

    Examples:
      sfa edit O-1
      sfa edit 'Wei Zhang'
    """
    session: Session = ctx.obj
    from sfa.commands import editor

    if words:
        raise _without_editor(session, ref, words)
    editor.program()
    with session.store(write=True) as store:
        kind, before = lookup.any_kind(store, ref)
        if kind.name == "lead" and before.get("converted"):
            raise Refused("a converted lead is read-only", "Edit the account, contact or opportunity that it became.")
        fields = [f for f in kind.fields if not f.managed]
        texts = _texts(store, kind, fields, before)
        title = say(
            "{ref} {label} ({word})", ref=refs.show(kind.name, before["id"], store.site), label=lookup.label(kind, before), word=kind.word
        )
        _until_right(store, session, kind, before, texts, forms.written(title.replace("\n", " "), fields, texts))


def _without_editor(session: Session, ref: str, words: list[str]) -> UsageError:
    """The error for fields on the command line: the line that sets them."""
    import shlex

    with session.store() as store:
        kind, _ = lookup.any_kind(store, ref)
    return UsageError(
        say("{words} has no place here: an editor opens", words=values.quoted(words[0])),
        f"sfa {kind.noun} edit {shlex.join([ref, *words])}",
    )


def _until_right(store: Store, session: Session, kind: Kind, before: Record, texts: dict[str, str], form: str) -> None:
    """Open the editor until what it leaves can be written, or a person gives up by leaving it as it is. The text that was not written
    stays in its file, and the error names it."""
    from sfa.commands import editor

    path = editor.kept(form, ENDING)
    shown = form
    while True:
        left = editor.edit(path)
        if left == shown or not forms.cleaned(left).strip():
            os.unlink(path)
            return output.message("Nothing to change: the text was left as it is." if left.strip() else "Nothing was changed.")
        text = forms.cleaned(left)
        try:
            changed = _write(store, session, kind, before, texts, text)
        except _Wrong as wrong:
            shown = forms.marked(text, wrong.at, wrong.problem.hint)
            if not output.interactive():
                raise _pointed(wrong, text, path) from None
            with open(path, "w", encoding="utf-8") as file:
                file.write(shown)
            continue
        except SfaError as error:
            error.hint = say("{hint} The text is kept in {path}", hint=error.hint, path=path).strip()
            raise
        os.unlink(path)
        if not changed:
            return output.message("Nothing to change: it is so already.")
        return tell(store, kind, before["id"], "Changed", False, ": " + differences(store, kind, before, changed))


class _Wrong(Exception):
    """Something in the form that can be pointed at."""

    def __init__(self, at: forms.Fault, problem: SfaError) -> None:
        super().__init__(at.why)
        self.at, self.problem = at, problem


def _pointed(wrong: _Wrong, text: str, path: str) -> SfaError:
    """The error with the line that is wrong and a caret below it."""
    problem, lines = wrong.problem, text.splitlines()
    at = lines[wrong.at.line] if 0 <= wrong.at.line < len(lines) else ""
    problem.message = f"{wrong.at.why}\n  {at}\n  {forms.caret(at, wrong.at)}" if at else wrong.at.why
    problem.hint = say("{hint} The text is kept in {path}", hint=problem.hint, path=path).strip()
    return problem


def _texts(store: Store, kind: Kind, fields: list[Field], record: Record) -> dict[str, str]:
    """Each field as the text that is read as the same value again."""
    names = intake.names_of(store, kind, record)
    out = {}
    for field in fields:
        value = record.get(field.name)
        if field.type == "external":
            value = intake.external_of(store, kind, record["id"])
        if field.type == "people":
            out[field.name] = ", ".join(refs.show(field.to, n, store.site) for n in participants.others(store, record["id"]))
        elif field.type == "ref":
            out[field.name] = _reference(store, field, value, names.get(field.name))
        else:
            out[field.name] = str(values.raw(field, value, record.get("currency") or store.currency, store.calendar))
    return out


def _reference(store: Store, field: Field, value: int | None, name: str | None) -> str:
    """A name where it names the one record, else the reference."""
    if value is None:
        return ""
    if name and field.to in ("stage", "pipeline", "user", "account", "contact", "product", "reason"):
        try:
            if field.to == "stage" or lookup.find(store, store.kinds[field.to], name)["id"] == value:
                return name
        except SfaError:
            pass
    return refs.show(field.to, value, store.site)


def _write(store: Store, session: Session, kind: Kind, before: Record, texts: dict[str, str], form: str) -> Record:
    """Write what the form changes; returns the changed fields. Raises _Wrong where something in it can be pointed at, Ambiguous where
    another has changed the same fields meanwhile."""
    given, fault = forms.read(form)
    if fault:
        raise _Wrong(fault, UsageError(fault.why))
    for name in given:
        if name not in texts:
            try:
                kind.field(name)
                problem: SfaError = UsageError(say("{name} is set by the program", name=name))
            except UsageError as error:
                problem = error
            raise _Wrong(forms.fault(form, name, problem.message, key=True), problem)
    changed = {n: t for n, t in given.items() if values.clean(t) != values.clean(texts[n])}
    for name, text in changed.items():
        _try(store, kind, before, form, {name: text}, name)
    _unchanged_meanwhile(store, kind, before, texts, changed)
    try:
        with operation(store, session.command) as op:
            now = lookup.get(store, kind.name, before["id"]) or before
            return deals.change(op, kind, now, intake.stored(store, kind, changed, now))
    except (UsageError, Refused) as error:
        about = next(
            (n for n in changed if n.replace("_", " ") in error.message or kind.field(n).title in error.message), next(iter(changed), "")
        )
        raise _Wrong(forms.fault(form, about, error.message), error) from None


def _try(store: Store, kind: Kind, before: Record, form: str, texts: dict[str, str], name: str) -> None:
    """Read one value, so that it can be pointed at where it cannot be read."""
    try:
        intake.stored(store, kind, texts, before)
    except SfaError as error:
        if kind.field(name).type == "money" and "currency" not in texts:
            return
        raise _Wrong(forms.fault(form, name, error.message), error) from None
    return


def _unchanged_meanwhile(store: Store, kind: Kind, before: Record, texts: dict[str, str], changed: dict[str, str]) -> None:
    """Raise Ambiguous where a field that is to be changed, or the whole record, is no longer as it was when the editor opened."""
    now = lookup.get(store, kind.name, before["id"])
    if now is None:
        raise Ambiguous("the record was deleted meanwhile", "Nothing was changed.")
    if now["op"] == before["op"]:
        return
    fields = [f for f in kind.fields if f.name in changed]
    there = _texts(store, kind, fields, now)
    clashing = [f.title for f in fields if there[f.name] != texts[f.name]]
    if clashing:
        raise Ambiguous(
            say("changed meanwhile by another: {clashing}", clashing=together(", ", clashing)), "Nothing was changed; edit it again."
        )
