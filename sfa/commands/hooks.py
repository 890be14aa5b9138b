"""Hooks: programs in the config folder's `hooks` that run before an operation is kept (and may forbid it) and after it was.

Each gets lines of JSON on stdin: first what is done by whom and how many records it touches, then a line for each of them, before and
after. Lines are made as they are read, so that a hook that wants the first one alone costs an import nothing.
"""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from typing import IO, Any

from sfa import output
from sfa.commands.session import view
from sfa.errors import Refused, SfaError
from sfa.messages import say
from sfa.sales import refs
from sfa.store import changes, history
from sfa.store.database import Store
from sfa.store.operations import Operation

LEFT_OUT = ("~", ".md", ".txt", ".sample", ".bak", ".disabled")
"""Ends of names that are no hooks."""
MOST_SAID = 4_000
"""Bytes of what a hook says that are shown."""
HELP = """\
Programs in the folder hooks beside the config file (`sfa help environment` says where that is):

  before, before.d/*   run before an operation is kept; an exit code other than 0 forbids it: nothing is changed, what the hook wrote
                       to stderr is the reason (exit 4)
  after, after.d/*     run when it was kept; a failure is told as a warning and takes nothing back

Undo, redo, imports and merges are operations too: one call each, whatever their size. Each hook gets lines of JSON on stdin:

  {"event": "before", "command": "opp win O-12", "operation": "1a21452a82f", "undoes": null, "actor": {"ref": "U-1", "name": "anna"},
   "database": "/home/anna/sfa.db", "counts": {"opportunity": {"added": 0, "changed": 1, "deleted": 0}}}     (on one line)
  {"kind": "opportunity", "ref": "O-12", "change": "changed", "before": {…}, "after": {…}}                   a line for each record

Whoever needs the first line alone reads no more. Records look as in --json; before is null for a new one, after for a deleted one.

A hook may call sfa: it finds SFA_DB and SFA_ME set, and SFA_HOOK=before or after. A before hook reads (what stood before the operation), an
after hook may write too; neither sets off hooks again. A hook has `hook_timeout` seconds (10), then it is ended and counts as failed.

Only files that are yours, that nobody else may write and that can be executed are run; a before hook that is not forbids every operation
until that is mended. Names that begin with a dot or end in ~, .md, .txt, .sample, .bak or .disabled are no hooks. On Windows: before.exe,
.cmd, .bat, .ps1 or .py. None run with --no-hooks, SFA_HOOKS=off or `sfa config set hooks off`.

  #!/bin/sh
  # before.d/no-friday-wins: forbid closing deals on Fridays
  read -r operation
  case "$operation" in *'"opp win'*) [ "$(date +%u)" = 5 ] && echo 'no wins on a Friday' >&2 && exit 1 ;; esac
  exit 0
"""


class Hooks:
    """The hooks of one run. `inside` is the event of the hook that this very process was started by, if it was."""

    def __init__(self, store: Store, folder: str, timeout: int, inside: str) -> None:
        self.store, self.folder, self.timeout, self.inside = store, folder, timeout, inside

    def opening(self) -> None:
        """Raise Refused where a `before` hook would write: the operation that it is asked about holds the database."""
        if self.inside == "before":
            raise Refused("a before hook may read, not write", "An after hook may write: `sfa help hooks`.")

    def before(self, op: Operation) -> None:
        """Ask the `before` hooks. Raises Refused where one says no, fails or may not be run."""
        for path in self._found("before"):
            try:
                _must_be_safe(path)
                self._call(path, "before", op)
            except _Failed as failed:
                name = os.path.relpath(path, self.folder)
                raise Refused(
                    say("the hook {name} forbids this: {failed}", name=name, failed=failed), failed.hint or "Nothing was changed."
                ) from None

    def after(self, op: Operation) -> None:
        """Tell the `after` hooks. What goes wrong is a warning."""
        for path in self._found("after"):
            try:
                _must_be_safe(path)
                self._call(path, "after", op)
            except (_Failed, SfaError, OSError) as failed:
                output.warning(
                    say(
                        "the hook {relpath} failed: {failed}; what was done stands",
                        relpath=os.path.relpath(path, self.folder),
                        failed=failed,
                    )
                )

    def _found(self, event: str) -> list[str]:
        """The hooks for an event: the file of that name, then those of its folder by name."""
        if self.inside:
            return []
        alone = [p for p in _files(self.folder) if os.path.basename(p).partition(".")[0] == event]
        return alone + _files(os.path.join(self.folder, event + ".d"))

    def _call(self, path: str, event: str, op: Operation) -> None:
        """Run one hook to its end. Raises _Failed where that is not exit code 0, or comes too late."""
        own = {"SFA_HOOK": event, "SFA_DB": os.path.abspath(self.store.path), "SFA_ME": self.store.me}
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            try:
                process = subprocess.Popen(
                    _launched(path), stdin=subprocess.PIPE, stdout=out, stderr=err, env={**os.environ, **own}, **_apart()
                )
            except OSError as error:
                raise _Failed(
                    say("it cannot be started ({why})", why=error.strerror or error),
                    "A script begins with a line such as #!/bin/sh.",
                ) from None
            late = self._fed(process, event, op)
            said = [_said(f) for f in (err, out)]
            if late:
                raise _Failed(
                    say("it took longer than {timeout} s", timeout=self.timeout), "`sfa config set hook_timeout 30` gives it more."
                )
            if process.returncode:
                raise _Failed(next((s for s in said if s), say("it ended with exit code {returncode}", returncode=process.returncode)))
            for text in reversed(said):
                if text:
                    output.message(text)

    def _fed(self, process: subprocess.Popen[bytes], event: str, op: Operation) -> bool:
        """Hand a hook its lines and wait for its end; whether it had to be ended."""
        late = threading.Event()

        def end() -> None:
            late.set()
            _kill(process)

        timer = threading.Timer(max(self.timeout, 1), end)
        timer.start()
        try:
            _write(process, _lines(self.store, event, op))
            process.wait()
        except BaseException:
            _kill(process)
            process.wait()
            raise
        finally:
            timer.cancel()
        return late.is_set()


class _Failed(Exception):
    """What a hook says, or what is said of it, where it did not go well."""

    def __init__(self, text: str, hint: str = "") -> None:
        super().__init__(text)
        self.hint = hint


# What a hook is told ----------------------------------------------------------------------------------------------------------------


def _lines(store: Store, event: str, op: Operation) -> Iterator[bytes]:
    """The lines of JSON, each made when it is asked for."""
    from json import dumps

    command, undoes, actor, name = changes.about(store, op)
    counts = changes.counts(store, op)
    head = {
        "event": event,
        "command": command,
        "operation": history.short(op.id),
        "undoes": history.short(undoes) if undoes else None,
        "actor": {"ref": refs.show("user", actor, store.site), "name": name} if actor else None,
        "database": os.path.abspath(store.path),
        "counts": {kind: c._asdict() for kind, c in counts.items()},
    }
    yield dumps(head, ensure_ascii=False).encode() + b"\n"
    for kind in counts:
        for numbers, was, now in changes.sides(store, op, store.kinds[kind]):
            for number in numbers:
                yield dumps(_change(store, kind, number, was, now), ensure_ascii=False).encode() + b"\n"


def _change(store: Store, kind: str, number: int, was: changes.Side, now: changes.Side) -> dict[str, Any]:
    shown = view(store, "json")
    before, after = (output.as_object(s.columns, s.rows[number], shown) if number in s.rows else None for s in (was, now))
    what = "added" if before is None else "deleted" if after is None else "changed"
    ref = refs.show(kind, number, store.site) if store.kinds[kind].prefix else None
    return {"kind": kind, "ref": ref, "change": what, "before": before, "after": after}


def _write(process: subprocess.Popen[bytes], lines: Iterator[bytes]) -> None:
    """Write lines as far as the hook reads them."""
    pipe: IO[bytes] = process.stdin  # type: ignore[assignment]
    for line in lines:
        if not _quietly(lambda line=line: pipe.write(line)):  # type: ignore[misc]
            break
    _quietly(pipe.close)


def _quietly(write: Callable[[], object]) -> bool:
    """Whether a hook still reads."""
    try:
        write()
    except OSError:
        return False
    return True


def _said(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read(MOST_SAID).decode("utf-8", "replace").strip()


# Which programs, and how they run ---------------------------------------------------------------------------------------------------


def _files(folder: str) -> list[str]:
    if not os.path.isdir(folder):
        return []
    names = sorted(n for n in os.listdir(folder) if not n.startswith(".") and not n.endswith(LEFT_OUT))
    return [p for p in (os.path.join(folder, n) for n in names) if os.path.isfile(p)]


def _must_be_safe(path: str) -> None:
    """Raise _Failed for a file that is not the user's alone, or that cannot be run."""
    if os.name == "nt":
        return
    for at in (path, os.path.dirname(path)):
        found = os.stat(at)
        if found.st_uid != os.getuid():
            raise _Failed(say("{at} belongs to another user", at=at), "Make it yours, or take it away.")
        if found.st_mode & stat.S_IWOTH or (found.st_mode & stat.S_IWGRP and not _private(found.st_gid)):
            raise _Failed(say("others may write to {at}", at=at), f"chmod go-w {at}")
    if not os.access(path, os.X_OK):
        raise _Failed("it is not executable", say("chmod +x {path}; a name that ends in .disabled is no hook.", path=path))


def _private(group: int) -> bool:
    """Whether a group is the user's alone, as many systems give everybody one."""
    import grp
    import pwd

    try:
        me = pwd.getpwuid(os.getuid())
        return group == me.pw_gid and set(grp.getgrgid(group).gr_mem) <= {me.pw_name} and grp.getgrgid(group).gr_name == me.pw_name
    except KeyError:
        return False


def _launched(path: str) -> list[str]:
    """The command line that runs a hook; on Windows a script's ending says by what."""
    ending = os.path.splitext(path)[1].lower() if os.name == "nt" else ""
    if ending == ".py":
        return [sys.executable, path]
    if ending == ".ps1":
        return ["powershell", "-NoProfile", "-ExecutionPolicy", "Bypass", "-File", path]
    return [path]


def _apart() -> dict[str, Any]:
    """A process group of its own, so that what a hook started ends with it."""
    return {"creationflags": 0x200} if os.name == "nt" else {"process_group": 0}


def _kill(process: subprocess.Popen[bytes]) -> None:
    try:
        if os.name == "nt":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    except OSError:
        # It has ended by itself.
        pass
