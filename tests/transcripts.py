"""Transcripts in Markdown: ```console blocks whose `$ ` lines are run in an 80-column terminal and compared with what stands below them.

`python tests/transcripts.py --write FILE…` puts the true output in. A command that fails ends with a line `[exit N]`.
"""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "examples").glob("*.md"))]
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")


class Step(NamedTuple):
    """One command of a transcript and the output that the document claims."""

    command: str
    expected: str


def split(text: str) -> list[tuple[str, list[Step]]]:
    """The document as (text before, steps of the console block that follows) pairs; the last pair may have no steps."""
    parts = re.split(r"^```console\n(.*?)^```\n", text, flags=re.M | re.S)
    return [(parts[i], _steps(parts[i + 1]) if i + 1 < len(parts) else []) for i in range(0, len(parts), 2)]


def _steps(block: str) -> list[Step]:
    found = re.split(r"^\$ ", block, flags=re.M)[1:]
    steps = []
    for part in found:
        lines = part.split("\n")
        count = 1
        while lines[count - 1].endswith("\\"):
            count += 1
        if here := re.search(r"<<'(\w+)'", lines[0]):
            count = lines.index(here[1]) + 1
        steps.append(Step("\n".join(lines[:count]), "\n".join(lines[count:]).rstrip("\n")))
    return steps


def environment(folder: Path) -> dict[str, str]:
    """A person's first day: nothing configured, a fixed clock, this program first on the path."""
    keep = {k: v for k, v in os.environ.items() if not k.startswith(("SFA_", "XDG_"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    own = {"HOME": str(folder), "SFA_TODAY": "2026-11-20T12:00:00Z", "SFA_ME": "anna", "TZ": "UTC", "LANG": "C.UTF-8", "SFA_LANGUAGE": "en"}
    return keep | own | {"PATH": path, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "COLUMNS": "80", "TERM": "xterm"}


def run(command: str, folder: Path) -> str:
    """What a terminal of 80 columns shows: stdout and stderr of the command in order, without styles."""
    import fcntl
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 80, 0, 0))
    chunks: list[bytes] = []

    def read() -> None:
        try:
            while data := os.read(ours, 65536):
                chunks.append(data)
        except OSError:
            return  # the other end was closed

    # What one command exports, the next ones have: a document is one session of a shell.
    whole = f"[ -f .session ] && . ./.session\n{command}\ncode=$?\nexport -p > .session\nexit $code"
    process = subprocess.Popen(
        ["sh", "-c", whole], cwd=folder, env=environment(folder), stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    reader = threading.Thread(target=read)
    reader.start()
    code = process.wait(120)
    reader.join(10)
    os.close(ours)
    text = _ANSI.sub("", b"".join(chunks).decode("utf-8", "replace")).replace("\r\n", "\n").replace(str(folder), "~")
    text = "\n".join(line.rstrip() for line in text.rstrip("\n").split("\n"))
    return text + (f"{chr(10) if text else ''}[exit {code}]" if code else "")


def play(document: Path) -> list[tuple[Step, str]]:
    """Run every step of a document in one fresh folder; (step, true output) in order."""
    with tempfile.TemporaryDirectory() as name:
        return [(step, run(step.command, Path(name))) for _, steps in split(document.read_text("utf-8")) for step in steps]


def write(document: Path) -> None:
    """Put the true output under every command of a document."""
    results = iter(play(document))
    out = []
    for text, steps in split(document.read_text("utf-8")):
        out.append(text)
        if steps:
            block = ""
            for _ in steps:
                step, true = next(results)
                block += f"$ {step.command}\n{true}\n" if true else f"$ {step.command}\n"
            out.append(f"```console\n{block}```\n")
    document.write_text("".join(out), "utf-8")


if __name__ == "__main__":
    for name in [a for a in sys.argv[1:] if not a.startswith("-")] or [str(d) for d in DOCUMENTS]:
        write(Path(name))
