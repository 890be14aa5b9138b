"""Build the wheel, install it into an empty environment and run the demo from another folder."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run(
            [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", name, str(ROOT)], check=True, stdout=subprocess.DEVNULL
        )
        (wheel,) = folder.glob("*.whl")
        inside = zipfile.ZipFile(wheel).namelist()
        assert "sfa/company/opportunities.csv" in inside, inside
        assert {"sfa/page.typ", "sfa/page.css"} <= set(inside), inside
        assert "sfa/languages/zh_CN/LC_MESSAGES/sfa.mo" in inside, inside
        assert [n for n in inside if n.endswith(".data/data/share/man/man1/sfa.1")], inside
        assert not [n for n in inside if n.startswith(("tests/", "examples/"))], inside
        venv.create(folder / "venv", with_pip=True)
        bin_folder = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
        subprocess.run([bin_folder / "python", "-m", "pip", "-q", "--disable-pip-version-check", "install", str(wheel)], check=True)
        env = {k: v for k, v in os.environ.items() if not k.startswith(("SFA_", "PYTHON"))}
        env |= {"SFA_DB": str(folder / "demo.db"), "HOME": name, "SFA_CONFIG": str(folder / "config.toml"), "SFA_LANGUAGE": "en"}
        done = subprocess.run([bin_folder / "sfa", "demo", str(folder / "demo.db")], cwd=folder, env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert "Forecast" in done.stdout, done.stdout
        listed = subprocess.run(
            [bin_folder / "sfa", "opp", "list", "is:open", "--json"], cwd=folder, env=env, capture_output=True, text=True
        )
        assert listed.returncode == 0 and '"ref"' in listed.stdout, listed.stderr
    sys.stdout.write("the wheel installs and runs the demo on its own\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
