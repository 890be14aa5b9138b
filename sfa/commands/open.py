"""`sfa open REF`: a record's web page, mail or phone, handed to the program that the system has for it."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from sfa import output
from sfa.commands.session import Session
from sfa.errors import NotFound, SfaError, UsageError
from sfa.messages import say
from sfa.sales import addresses, refs
from sfa.sales.kinds import Kind
from sfa.store import lookup
from sfa.store.database import Store

Record = dict[str, Any]
CHANNELS = {
    "web": (("website",), addresses.web, "", "web page"),
    "mail": (("email",), addresses.mail, "opt_out_email", "e-mail address"),
    "phone": (("mobile", "phone"), addresses.phone, "opt_out_phone", "phone number"),
}
"""Channel → (the fields that hold it, what makes an address of them, the field that says no to it, what it is called)."""
NO = {"opt_out_email": "no e-mail", "opt_out_phone": "no calls"}
BEHIND = {
    "opportunity": ("account", "contact"),
    "contact": ("account",),
    "activity": ("contact", "lead", "opportunity", "account"),
    "task": ("contact", "lead", "opportunity", "account"),
}
"""Kind → the references behind which its addresses are looked for, too."""
SLOW = 5
"""Seconds after which an opener that is still at work is taken to have found its program."""


def command(
    ctx: typer.Context,
    ref: Annotated[str, typer.Argument(metavar="REF", help="Any record: its reference or name; - for the last one you touched.")],
    web: Annotated[bool, typer.Option("--web", help="The web page.")] = False,
    mail: Annotated[bool, typer.Option("--mail", help="A new mail to the address.")] = False,
    phone: Annotated[bool, typer.Option("--phone", help="The phone, mobile first.")] = False,
    print_: Annotated[bool, typer.Option("--print", help="Print the address and open nothing.")] = False,
) -> None:
    """Open the web page of a company, a mail to a person, or the phone.

    People are written to, companies shown; of a deal, task or activity its company and people are tried. What a person does not want is
    passed over, or warned about where you ask for it. Web pages go to $BROWSER where it is set, all else to the system's own opener.

    Examples:
      sfa open 'Wei Zhang' --print
      sfa open 'Wei Zhang' --phone --print
    """
    session: Session = ctx.obj
    asked = [name for name, on in (("web", web), ("mail", mail), ("phone", phone)) if on]
    if len(asked) > 1:
        raise UsageError(say("--{asked} and --{asked2} exclude each other", asked=asked[0], asked2=asked[1]))
    with session.store() as store:
        kind, record = _meant(store, ref)
        address, whose = _address(store, kind, record, asked)
    if print_:
        return output.line(address)
    _open(address)
    output.message(say("Opened {address}, {whose}", address=address, whose=whose))
    return None


def _meant(store: Store, text: str) -> tuple[Kind, Record]:
    """The record that `text` names. An account goes before its own people and deals, which are found by its name too. Raises NotFound,
    Ambiguous."""
    found = lookup.all_kinds(store, text, lookup.NAMED)
    accounts = [n for kind, n in found if kind.name == "account"]
    if len(accounts) == 1 and all(
        (lookup.get(store, k.name, n) or {}).get("account") == accounts[0] for k, n in found if k.name != "account"
    ):
        found = [(store.kinds["account"], accounts[0])]
    return lookup.the_one(store, text, found)


def _address(store: Store, kind: Kind, record: Record, asked: list[str]) -> tuple[str, str]:
    """(address, whose) of the first channel that the record, or one that it refers to, has. Raises NotFound, Refused for a bad address."""
    usual = ["web", "mail", "phone"] if kind.name in ("account", "opportunity") else ["mail", "phone", "web"]
    seen = list(_behind(store, kind, record))
    for channel in asked or usual:
        fields, make, no, _ = CHANNELS[channel]
        for of, found in seen:
            text = next((found[f] for f in fields if found.get(f)), "")
            if not text:
                continue
            if no and found.get(no):
                output.warning(say("{label} wants {no}", label=lookup.label(of, found), no=NO[no]))
                if not asked:
                    continue
            return make(text), f"{refs.show(of.name, found['id'], store.site)} {lookup.label(of, found)}"
    what = " or ".join(CHANNELS[c][3] for c in asked or usual)
    raise NotFound(
        say("{ref} {label} has no {what}", ref=refs.show(kind.name, record["id"], store.site), label=lookup.label(kind, record), what=what)
    )


def _behind(store: Store, kind: Kind, record: Record, deep: bool = True) -> Iterator[tuple[Kind, Record]]:
    """The record, those that it refers to, and those that they refer to."""
    yield kind, record
    for name in BEHIND.get(kind.name, ()) if deep else ():
        number = record.get(name)
        found = lookup.get(store, kind.field(name).to, number) if number is not None else None
        if found:
            yield from _behind(store, store.kinds[kind.field(name).to], found, name == "opportunity")


def _open(address: str) -> None:
    """Hand an address to the system. Raises NotFound where it has no opener, SfaError where that fails."""
    if sys.platform == "win32":
        os.startfile(address)
        return
    line, waits = _opener(address)
    if not line:
        raise NotFound(say("nothing here opens {address}", address=address), "Set BROWSER to a program for web pages, or take --print.")
    try:
        if waits:
            code = subprocess.run(line).returncode
        else:
            code = _started(line)
    except OSError as error:
        raise SfaError(say("{line} cannot be run: {why}", line=line[0], why=error.strerror), address) from None
    if code:
        raise SfaError(
            say("{name} could not open {address} (exit code {code})", name=os.path.basename(line[0]), address=address, code=code),
            "--print only prints it.",
        )


def _opener(address: str) -> tuple[list[str], bool]:
    """(the command line that opens an address, whether it takes the terminal until it ends): the first program of $BROWSER that there is,
    else the system's own."""
    if address.startswith("http"):
        for choice in os.environ.get("BROWSER", "").split(os.pathsep):
            words = shlex.split(choice.strip().removesuffix("&")) if choice.count("'") % 2 == choice.count('"') % 2 == 0 else []
            if words and shutil.which(words[0]):
                return ([w.replace("%s", address) for w in words] if "%s" in choice else [*words, address]), True
    own = "open" if sys.platform == "darwin" else "xdg-open"
    found = shutil.which(own)
    return ([found, address] if found else []), False


def _started(line: list[str]) -> int:
    """Start an opener apart from this terminal; its exit code, 0 where it is still at work after a while."""
    process = subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        return process.wait(SLOW)
    except subprocess.TimeoutExpired:
        return 0
