"""The demo company for tests: made once a module, then copied."""

from __future__ import annotations

import contextlib
import io
import shutil
from pathlib import Path
from typing import Any

import pytest


def made(folder: Path) -> Path:
    """The file, made by `sfa demo`."""
    from sfa.cli import run

    path = folder / "demo.db"
    with pytest.MonkeyPatch.context() as m, contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        for name, value in {"SFA_TODAY": "2026-11-23T12:00:00Z", "TZ": "UTC", "SFA_CONFIG": "/nowhere", "SFA_DB": str(path)}.items():
            m.setenv(name, value)
        assert run(["demo", str(path)]) == 0
    return path


def given(sfa: Any, path: Path) -> Any:
    """The program with a copy of the company, run by its head."""
    shutil.copy(path, sfa.db)
    sfa.monkeypatch.setenv("SFA_ME", "Helen Ashworth")
    return sfa
