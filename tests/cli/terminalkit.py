"""The program in a pseudo-terminal of 80 × 24, as a person uses it: keys go in, what stands on the screen comes out."""

from __future__ import annotations

import os
import pty
import re
import select
import struct
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")


class Terminal:
    """One run of the program, or of another `command`; `until` waits for a text, `send` types. `raw` is all that came, `seen` the same
    without escapes."""

    def __init__(
        self,
        folder: Path,
        *argv: str,
        size: tuple[int, int] = (24, 80),
        env: Mapping[str, str] = MappingProxyType({}),
        command: Sequence[str] = (),
    ) -> None:
        import fcntl
        import termios

        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
        whole = {**os.environ, "TERM": "xterm-256color", "COLUMNS": str(size[1]), "LINES": str(size[0]), **env}

        def its_own() -> None:
            # Ctrl-C comes only from a terminal that controls the process.
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen(
            [*(command or (sys.executable, "-m", "sfa")), *argv],
            cwd=folder,
            env={k: v for k, v in whole.items() if v},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            preexec_fn=its_own,
        )
        os.close(slave)
        self.seen, self.read, self.raw = "", 0, b""

    def until(self, text: str, seconds: float = 30) -> str:
        """What came since the last call up to and with `text`."""
        end = time.monotonic() + seconds
        while text not in self.seen[self.read :]:
            ended = not self._more(0.2) and self.process.poll() is not None and not self._more(0.2)
            if time.monotonic() > end or (ended and text not in self.seen[self.read :]):
                raise AssertionError(f"{text!r} never came, this did:\n{self.seen[self.read :]}")
        start = self.read
        self.read = self.seen.index(text, start) + len(text)
        return self.seen[start : self.read]

    def _more(self, seconds: float) -> bool:
        if not select.select([self.master], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.master, 65536)
        except OSError:
            return False
        self.raw += data
        self.seen += _ANSI.sub("", data.decode("utf-8", "replace")).replace("\r\n", "\n")
        return bool(data)

    def send(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def end(self, seconds: float = 30) -> int:
        """The exit code, when all has been read."""
        end = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < end:
            self._more(0.1)
        while self._more(0.1):
            pass
        code = self.process.wait(1)
        os.close(self.master)
        return code
