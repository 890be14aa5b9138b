"""How far a long work is, on stderr."""

from __future__ import annotations

import sys

from sfa.languages import spoken
from sfa.messages import say
from sfa.wrapping import cell_width


class Progress:
    """A line on stderr that tells how far a long work is; silent unless stderr is a terminal and the work takes over a second."""

    def __init__(self, label: str, total: int = 0) -> None:
        from time import monotonic

        self.clock, self.label, self.total = monotonic, label, total
        self.start = self.last = monotonic()
        self.on, self.wide = sys.stderr.isatty(), 0

    def at(self, done: int) -> None:
        now = self.clock()
        if not self.on or now - self.start < 1 or now - self.last < 0.2:
            return
        self.last = now
        rate = done / (now - self.start)
        left = say(", {total:.0f} s left", total=(self.total - done) / rate) if self.total > done and rate else ""
        of = say(" of {total:,}", total=self.total) if self.total else ""
        told = say("{label}: {done:,}{of}, {rate:,.0f}/s{left}", label=self.label, done=done, of=of, rate=rate, left=left)
        self._over(spoken(told))

    def done(self) -> None:
        if self.on and self.last != self.start:
            self._over("")
            self._over("")

    def _over(self, text: str) -> None:
        """Write over what stood there, with blanks and without an escape: not every terminal knows one."""
        wide = cell_width(text)
        sys.stderr.write(f"\r{text}{' ' * (self.wide - wide)}")
        sys.stderr.flush()
        self.wide = wide
