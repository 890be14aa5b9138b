"""`make bench`: every figure that the project promises, as a ratio to a base measured in the same run.

Arguments name the families to run (start_up, shell_speed, listing, import_leads, duplicates_million, forecast_million,
forecast_history, winloss_million, export_million, day, quick_million, capture); without any, all.
Exits 1 when a bound is missed.
"""

from __future__ import annotations

import sys
import tempfile
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent)]
FAMILIES = (
    "start_up",
    "shell_speed",
    "listing",
    "import_leads",
    "duplicates_million",
    "forecast_million",
    "forecast_history",
    "winloss_million",
    "export_million",
    "day",
    "quick_million",
    "capture",
)


def main() -> int:
    missed = 0
    line = f"{'what':<46} {'against':<44} {'bound':>6} {'ratio':>6}"
    sys.stdout.write(f"{line}\n{'-' * len(line)}\n")
    for name in sys.argv[1:] or FAMILIES:
        with tempfile.TemporaryDirectory() as folder:
            for row in import_module(name).rows(Path(folder)):
                over = row.ratio > row.bound
                missed += over
                mark = "  OVER" if over else ""
                sys.stdout.write(f"{row.what:<46} {row.base:<44} {row.bound:>6.1f} {row.ratio:>6.2f}{mark}  {row.note}\n")
                sys.stdout.flush()
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
