"""Check that docs/commands.md and docs/sfa.1 are what the program's help says; with --write, make them so."""

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
        os.environ |= {"SFA_DB": f"{folder}/none.db", "SFA_CONFIG": f"{folder}/none.toml", "SFA_LANGUAGE": "en"}
        from reference import document, manual

        made = {"commands.md": document(), "sfa.1": manual()}
    drifted = 0
    for name, text in made.items():
        target = ROOT / "docs" / name
        if "--write" in sys.argv:
            target.write_text(text, encoding="utf-8")
        elif target.read_text(encoding="utf-8") == text:
            sys.stdout.write(f"docs/{name} agrees with the program\n")
        else:
            sys.stderr.write(f"docs/{name} differs from the program's help; run `make docs`\n")
            drifted = 1
    return drifted


if __name__ == "__main__":
    sys.exit(main())
