"""Start-up: what a small command costs against an interpreter that only imports sqlite3."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from measure import Row, cpu, environment, ratio, sfa


def rows(folder: Path) -> list[Row]:
    """opp list and opp show ≤ 5 ×, root help ≤ 10 × CPU of `python -c 'import sqlite3'`."""
    env = environment(folder / "small.db")
    for argv in (("account", "add", "Blue Harbor"), ("opp", "add", "Renewal", "--account", "Blue Harbor", "--amount", "48k")):
        subprocess.run(sfa(*argv), env=env, check=True, capture_output=True)

    def base() -> float:
        return cpu([sys.executable, "-c", "import sqlite3"], env)

    cases = (("sfa opp list", ("opp", "list"), 5.0), ("sfa opp show O-1", ("opp", "show", "O-1"), 5.0), ("sfa --help", ("--help",), 10.0))
    return [
        Row(what, "python -c 'import sqlite3'", bound, ratio(lambda argv=argv: cpu(sfa(*argv), env), base, 15))
        for what, argv, bound in cases
    ]
