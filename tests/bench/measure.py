"""How the benchmarks measure: CPU of whole processes (user and system, the system's own accounting), and ratios taken pair by pair."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent.parent
QUIET = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "SFA_TODAY", "SFA_DEBUG")


class Row(NamedTuple):
    """One line of the table: what, against what, the bound, the measured ratio, and other figures worth a word."""

    what: str
    base: str
    bound: float
    ratio: float
    note: str = ""


def environment(db: Path) -> dict[str, str]:
    """The environment of a measured run: its own database, bytecode kept."""
    own = {"SFA_DB": str(db), "SFA_ME": "anna", "SFA_CONFIG": str(db.parent / "no.toml"), "PYTHONPATH": str(ROOT), "SFA_LANGUAGE": "en"}
    return {k: v for k, v in os.environ.items() if k not in QUIET} | own


def cpu(command: Sequence[str], env: dict[str, str] | None = None, ok: tuple[int, ...] = (0,)) -> float:
    """CPU seconds of one run of a command with its children; its output is thrown away. Raises RuntimeError where it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in ok:
        raise RuntimeError(f"{command} exited {done.returncode}: {done.stderr[-500:].decode(errors='replace')}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def memory(command: Sequence[str], env: dict[str, str]) -> int:
    """The most memory that one run of a command takes, in MiB, from the system's own accounting; 0 on Windows, which has none."""
    if os.name == "nt":
        return 0
    probe = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    done = subprocess.run([sys.executable, "-c", probe, *command], env=env, capture_output=True, text=True)
    return int(done.stdout) // 1024


def ratio(ours: Callable[[], float], base: Callable[[], float], runs: int) -> float:
    """The median of ours ÷ base over `runs` pairs run in turn, after one of each that does not count."""
    ours(), base()
    return statistics.median(ours() / base() for _ in range(runs))


def sfa(*argv: str) -> list[str]:
    """The command line that runs the program as installed beside this interpreter."""
    script = Path(sys.executable).parent / ("sfa.exe" if os.name == "nt" else "sfa")
    return [str(script), *argv] if script.exists() else [sys.executable, "-m", "sfa", *argv]
