"""A reviewed list of pairs: chains are followed, contradictions and circles are told with their lines."""

from __future__ import annotations

import pytest

from sfa.sales.reviewed import Decision, resolved


@pytest.mark.parametrize(
    ("pairs", "groups", "lines"),
    [
        ("AB", {"A": "B"}, []),
        ("AB BC", {"A": "BC"}, []),
        ("BC AB", {"A": "BC"}, []),
        ("AB AC DE", {"A": "BC", "D": "E"}, []),
        ("AB AC BC", {"A": "BC"}, []),
        ("AB AB", {"A": "B"}, []),
        ("AB CB", {}, [3]),
        ("AB BA", {}, [2, 3]),
        ("AB BC CA", {}, [2, 3, 4]),
    ],
)
def test_chains(pairs: str, groups: dict[str, str], lines: list[int]) -> None:
    decisions = [Decision(line, ("contact", ord(k)), ("contact", ord(m)), True) for line, (k, m) in enumerate(pairs.split(), 2)]
    found, problems = resolved(decisions)
    assert {chr(k[1]): "".join(sorted(chr(o[1]) for o in v)) for k, v in found.items()} == groups
    assert [line for line, _ in problems] == lines
