"""How far a mistyped word is from one that there is: letters left out, added, changed, or two neighbours swapped."""

from __future__ import annotations

from collections.abc import Iterable


def allowed(word: str) -> int:
    """How many slips a word of this length may have: none below three letters or in a number, one up to five, else two."""
    return 0 if len(word) < 3 or any(c.isdigit() for c in word) else 1 if len(word) <= 5 else 2


def distance(a: str, b: str, most: int) -> int:
    """The slips between two words (optimal string alignment distance); `most` + 1 stands for all that are more.

    Source: Damerau, "A technique for computer detection and correction of spelling errors", CACM 7 (1964)."""
    if abs(len(a) - len(b)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, last, row = row, before, [i]
        for j, y in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)


def nearest(word: str, known: Iterable[str], most: int = 3) -> list[tuple[int, str]]:
    """(slips, word) of the words of `known` that `word` was meant for, best first; begun words count too, as in renwa for renewal."""
    limit = allowed(word)
    if not limit:
        return []
    best: list[tuple[int, str]] = []
    letters = set(word)
    for other in known:
        # A letter that the other word does not have is a slip each.
        if len(other) < len(word) - limit or len(letters.difference(other)) > limit:
            continue
        found = distance(word, other, limit)
        if found > limit and len(other) > len(word):
            # Only the beginning was typed: what is compared is as long as that, give or take the slip itself.
            found = min(distance(word, other[: len(word) + extra], limit) for extra in range(-1, 2))
        if found <= limit:
            best.append((found, other))
    return sorted(best, key=lambda b: (b[0], abs(len(b[1]) - len(word)), b[1]))[:most]
