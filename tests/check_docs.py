"""Check that docs/commands.md is what the program's help says; with --write, make it so."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        for name in [n for n in os.environ if n.startswith("SFA_")]:
            del os.environ[name]
        os.environ |= {"SFA_DB": f"{folder}/none.db", "SFA_CONFIG": f"{folder}/none.toml"}
        from reference import document

        text = document()
    target = ROOT / "docs" / "commands.md"
    if "--write" in sys.argv:
        target.write_text(text, encoding="utf-8")
        return 0
    if target.read_text(encoding="utf-8") == text:
        sys.stdout.write("docs/commands.md agrees with the program\n")
        return 0
    sys.stderr.write("docs/commands.md differs from the program's help; run `make docs`\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
