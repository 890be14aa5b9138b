"""Every command has help with two examples, and every example does what it says."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))
import reference
import world

HELP = dict(reference.commands())
GROUPS = {name for name in HELP if any(other.startswith(name + " ") for other in HELP)}
EXAMPLES = [(name, line) for name, text in HELP.items() for line in reference.examples(text)]


@pytest.fixture(scope="session")
def small_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The world's folder, made once by the real program."""
    import os
    import subprocess

    folder = tmp_path_factory.mktemp("world")
    env = {k: v for k, v in os.environ.items() if not k.startswith("SFA_")}
    env |= {
        "SFA_DB": str(folder / "sfa.db"),
        "SFA_CONFIG": str(folder / "config.toml"),
        "SFA_TODAY": "2026-11-23T12:00:00Z",
        "SFA_ME": "anna",
    }
    env |= {"PYTHONPATH": str(Path(__file__).parent.parent.parent), "TZ": "UTC"}

    def run(*argv: str, at: str | None) -> None:
        then = env | ({"SFA_TODAY": at} if at else {})
        done = subprocess.run([sys.executable, "-m", "sfa", *argv], env=then, cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, (argv, done.stderr)

    world.build(folder, run)
    return folder


@pytest.mark.parametrize("name", HELP)
def test_help_is_there(name: str) -> None:
    text = HELP[name]
    assert text.startswith(f"Usage: {name}")
    assert max(map(len, text.splitlines())) <= 100
    if name not in GROUPS:
        lines = reference.examples(text)
        assert len(lines) >= 2, f"{name} has {len(lines)} examples"
        assert all(line.startswith("sfa ") or "| sfa " in line for line in lines), lines
        own = name.removeprefix("sfa ")
        assert any(own in line for line in lines), f"no example of {name} shows it: {lines}"


@pytest.mark.parametrize(("name", "line"), EXAMPLES)
def test_example_works(name: str, line: str, small_world: Path, tmp_path: Path, sfa, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", shlex.join([sys.executable, "-c", "pass"]))
    shutil.copytree(small_world, tmp_path, dirs_exist_ok=True)
    if "|" in line or ">" in shlex.split(line):
        import os
        import subprocess

        bin_folder = Path(sys.executable).parent
        done = subprocess.run(
            ["sh", "-c", line], capture_output=True, text=True, env={**os.environ, "PATH": f"{bin_folder}:{os.environ['PATH']}"}
        )
        assert done.returncode == 0, done.stderr
        return
    words = shlex.split(line)[1:]
    if "redo" in words:
        sfa("undo", "--yes")
    if "reopen" in words:
        sfa.ok("opp", "win", "O-1")
    result = sfa(*words, input="")
    assert result.code == 0, (line, result.err)
    assert "Traceback" not in result.err


@pytest.mark.parametrize(("word", "meant"), [("forcast", "forecast"), ("oppp", "opp"), ("serach", "search"), ("Acount", "account")])
def test_a_command_that_is_nearly_one(word: str, meant: str, sfa) -> None:
    failed = sfa(word)
    assert failed.code == 2
    assert f"No such command {word!r}. Did you mean {meant!r}" in failed.err and f"Hint: sfa {meant}\n" in failed.err
    assert sfa(*meant.split(), "--help").code == 0
