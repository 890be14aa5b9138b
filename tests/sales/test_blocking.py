"""Which records are compared: all that agree share a key, what many share is not compared with all, each pair comes once."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from sfa.sales import blocking, matching
from sfa.sales.blocking import Pair, Search, clusters
from sfa.sales.matching import NO, Person, Verdict

Record = dict[str, str]


def search(records: list[Record], least: int = matching.SCORE) -> Search:
    made = Search(Person._make, blocking.person_keys, matching.people, least)
    for record in records:
        made.add(matching.person_of(record))
    return made


def everything(one: int, other: int) -> bool:
    return True


PEOPLE = st.fixed_dictionaries(
    {
        "first_name": st.sampled_from(("Bob", "Robert", "Wei", "Anna", "B", "伟")),
        "last_name": st.sampled_from(("Cole", "Zhang", "Coole", "张")),
    },
    optional={
        "company": st.sampled_from(("Acme Ltd", "Acme", "Blue GmbH")),
        "email": st.sampled_from(("bob@acme.example", "info@acme.example", "wei@blue.example", "b@gmail.com")),
        "phone": st.sampled_from(("+353 1 555 0100", "015550100", "+49 30 1234567")),
    },
)


@settings(max_examples=60, deadline=None)
@given(st.lists(PEOPLE, max_size=12))
def test_nothing_that_agrees_is_missed_where_keys_are_not_crowded(records: list[Record]) -> None:
    found = {(p.one, p.other): p.verdict for p in search(records).pairs(everything)}
    truth = {}
    for i, j in combinations(range(len(records)), 2):
        verdict = matching.person(records[i], records[j])
        if verdict.level != NO and verdict.score >= matching.SCORE:
            truth[i, j] = verdict
    assert found == truth


def test_a_crowd_is_compared_with_its_neighbours_and_told() -> None:
    asked: Counter[tuple[int, int]] = Counter()

    def count(one: int, other: int) -> bool:
        asked[one, other] += 1
        return True

    many = 3_000
    made = search(
        [{"name": f"{chr(97 + i % 26)}{i} Person", "email": "info@acme.example"} for i in range(many)]
        + [{"name": "x7 Person", "email": "info@acme.example"}]
    )
    list(made.pairs(count))
    assert max((c.records, c.key) for c in made.crowds) == (many + 1, "e-mail info@acme.example")
    assert many < sum(asked.values()) <= 2 * many * blocking.NEIGHBOURS + many


def test_a_double_in_a_crowd_stands_beside_its_like() -> None:
    crowd = [{"name": f"Person{i} Number{i}", "email": "info@acme.example"} for i in range(500)]
    made = search([*crowd, {"name": "Number77 Person77", "email": "info@acme.example"}])
    assert [(p.one, p.other) for p in made.pairs(everything)] == [(77, 500)]


def test_clusters_hang_together() -> None:
    pairs = [Pair(*p, Verdict("likely", ())) for p in ((5, 6), (1, 2), (2, 9), (3, 9))]
    assert clusters(pairs) == [[1, 2, 3, 9], [5, 6]]
