"""What a profile of a product is: how its exports are recognised, what it calls our fields, what its values are with us. Facts only."""

from __future__ import annotations

from typing import NamedTuple

Headers = dict[str, dict[str, str]]
"""Kind → field → the product's names for it, by rank, separated by ` | `; under the field "" those that say nothing to us."""
Values = dict[str, dict[str, dict[str, str]]]


class Profile(NamedTuple):
    """A product whose exports are known. `name` is also the source of its ids.

    `marks` are headers that tell its files from others': three of them do, of those with ! in front one does,
    those with = (behind it) count as they are written only. `stages` are its usual ones,
    each with the nearest of the default pipeline (Won and Lost mean any stage of that outcome). With `long_ids` ids of 15 characters mean
    those of 18; rows whose column `deleted` says yes are of records that are gone there. `pipelines` is what its usual pipeline is called;
    `outcome` is the column of deals that says won or lost beside a stage which does not."""

    name: str
    title: str
    marks: str
    headers: Headers
    values: Values = {}
    stages: dict[str, str] = {}
    long_ids: bool = False
    deleted: str = ""
    pipelines: str = ""
    outcome: str = ""
