"""Real exports of other products, read by csv alone: what the program makes of them is compared with this."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest


def folder_of(shared: Path, name: str) -> Path:
    """The folder of an export; the test is skipped where it is absent."""
    folder = shared / name
    if not folder.is_dir():
        pytest.skip(f"real exports are absent: ../shared/data/{name} beside the project holds them")
    return folder


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a file in UTF-8, with or without a byte order mark."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))
