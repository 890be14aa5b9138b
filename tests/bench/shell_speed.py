"""`sfa shell`: the CPU that a command of the day takes within it, once the program has started."""

from __future__ import annotations

import os
import statistics
import subprocess
from pathlib import Path

from measure import Row, cpu, environment, sfa

BOUND = 0.020
"""CPU seconds of a command."""
MANY = 20
DAY = (
    ("today", "today"),
    ("log", "log O-2 call 'spoke about the quote' --next 'send it' --due +3d"),
    ("opp edit", "opp edit O-2 amount+=1"),
    ("opp show", "opp show O-2"),
    ("opp list", "opp list is:open is:mine --limit 20"),
    ("search", "search quote"),
    ("task add", "task add 'call back' --due +1d"),
)


def answers(env: dict[str, str], size: str, folder: Path, only: tuple[str, ...] = ()) -> list[Row]:
    """A row for each command of the day, or those of `only`: its CPU in a shell, against the bound."""
    return [
        Row(f"sfa shell: {name}, {size}", f"{BOUND * 1000:.0f} ms of CPU", 1.0, seconds / BOUND, f"{seconds * 1000:.1f} ms")
        for name, line in DAY
        if not only or name in only
        for seconds in [one(env, line, folder)]
    ]


def one(env: dict[str, str], line: str, folder: Path) -> float:
    """The CPU of one command among many, the median of five runs; the program's start and its first command do not count."""

    def run(times: int) -> float:
        script = folder / "script.txt"
        script.write_text(f"{line}\n" * times, encoding="utf-8")
        return cpu(["sh", "-c", '"$@" < "$0"', str(script), *sfa("shell")] if os.name != "nt" else sfa("shell"), env)

    run(1)
    return statistics.median((run(1 + MANY) - run(1)) / MANY for _ in range(5))


def rows(folder: Path) -> list[Row]:
    """Each command of the day ≤ 20 ms of CPU within a shell, in a small database; `day` and `quick_million` have those of large ones."""
    env = environment(folder / "small.db")
    for argv in (
        ("account", "add", "Blue Harbor"),
        ("opp", "add", "Renewal", "account=Blue Harbor"),
        ("opp", "add", "Cranes", "amount=60k"),
    ):
        subprocess.run(sfa(*argv), env=env, check=True, capture_output=True)
    return answers(env, "small", folder)
