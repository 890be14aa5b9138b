"""Backslashes that take away the meaning of a quote, a delimiter or a backslash behind them (as MySQL and PHP write files).

Before lines are split into cells such pairs are hidden behind characters that no text has, two for two so that columns stay true;
afterwards cells get what was meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sfa.reading.records import Records
from sfa.reading.table import Row

_MARK = "\ufdd0"
_HIDDEN = {'"': "\ufdd1", "'": "\ufdd2", "\\": "\ufdd3"}
_DELIMITER = "\ufdd4"
_MEANT = {mark: c for c, mark in _HIDDEN.items()}
_NULL = "\\N"


def hide(lines: list[str], delimiter: str) -> list[str]:
    """The lines with escaped characters hidden."""
    marks = {**_HIDDEN, delimiter: _DELIMITER}
    pattern = re.compile(r"\\([\"'\\" + re.escape(delimiter) + "])")
    return [pattern.sub(lambda found: _MARK + marks[found[1]], line) if "\\" in line else line for line in lines]


def show(text: str, delimiter: str = ",") -> str:
    """A cell with what its escapes mean."""
    if _MARK not in text:
        return text
    return re.sub(_MARK + "(.)", lambda found: _MEANT.get(found[1], delimiter), text, flags=re.DOTALL)


def shown(records: Records) -> Iterator[Row]:
    """The rows with what their escapes mean; \\N alone is a blank cell. In what is shown of a damaged one they stand as in the file."""
    delimiter = records.how.delimiter
    for row in records:
        line, cells, problem = row
        if problem:
            if line in records.places:
                text, column = records.places[line]
                records.places[line] = (re.sub(_MARK + "(.)", lambda found: "\\" + _MEANT.get(found[1], delimiter), text), column)
            yield Row(line, [re.sub(_MARK + "(.)", lambda found: "\\" + _MEANT.get(found[1], delimiter), cell) for cell in cells], problem)
        else:
            yield Row(line, ["" if cell == _NULL else show(cell, delimiter) for cell in cells], problem)
