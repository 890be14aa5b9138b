"""Every test runs in a folder of its own, with a database, a config file and a clock of its own: none touches real data."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared" / "data"
TODAY = "2026-11-23T12:00:00Z"


class Result(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Sfa:
    """The program: called like `sfa("opp", "list", "--json")`, in this process; `process` starts a real one."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.capsys, self.monkeypatch = folder, capsys, monkeypatch
        self.db = folder / "sfa.db"

    def __call__(self, *argv: str, input: str | None = None) -> Result:
        from sfa.cli import run

        self.capsys.readouterr()
        if input is not None:
            self.monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(input.encode()), encoding="utf-8"))
        code = run(list(argv))
        out, err = self.capsys.readouterr()
        return Result(code, out, err)

    def ok(self, *argv: str, input: str | None = None) -> Result:
        result = self(*argv, input=input)
        assert result.code == 0, result
        return result

    def process(self, *argv: str, input: bytes | None = None, env: dict[str, str] | None = None, timeout: float = 120) -> Result:
        done = subprocess.run(
            [sys.executable, "-m", "sfa", *argv],
            input=input,
            stdin=subprocess.DEVNULL if input is None else None,
            capture_output=True,
            env={**os.environ, **(env or {})},
            cwd=self.folder,
            timeout=timeout,
        )
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture(autouse=True)
def _own_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("SFA_", "XDG_")):
            monkeypatch.delenv(name)
    for name, value in {
        "HOME": str(tmp_path),
        "SFA_DB": str(tmp_path / "sfa.db"),
        "SFA_CONFIG": str(tmp_path / "config.toml"),
        "SFA_TODAY": TODAY,
        "SFA_ME": "anna",
        "SFA_LANGUAGE": "en",
        "TZ": "UTC",
        "NO_COLOR": "1",
        "PYTHONPATH": str(ROOT),
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def sfa(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Sfa:
    return Sfa(tmp_path, capsys, monkeypatch)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real exports; a test that needs it is skipped with a reason where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("real exports are absent: ../shared/data beside the project holds them")
    return SHARED
