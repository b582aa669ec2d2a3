"""What a resource keeps from when it was made: a change of it makes another in its place.

After `createOnlyProperties` of AWS's own resource schemas. For Terraform these are the attributes that bear the names
of such properties, where the type is one thing on either side: the provider may know of another way, and may not.
`scripts/create_only.py` writes both lists.
"""

import csv
from collections.abc import Mapping
from functools import cache
from importlib import resources

Path = tuple[str, ...]


def properties(resource_type: str) -> frozenset[Path]:
    """Of a type of CloudFormation, from `Properties` down."""
    return _table("cloudformation").get(resource_type, frozenset())


def attributes(resource_type: str) -> frozenset[Path]:
    """Of a type of Terraform; each has one part."""
    return _table("terraform").get(resource_type, frozenset())


@cache
def _table(language: str) -> Mapping[str, frozenset[Path]]:
    file = resources.files("iacfix.validators") / language / "create_only.csv"
    rows = csv.reader(file.read_text(encoding="utf-8").splitlines()[1:])
    return {kind: frozenset(tuple(path.split("/")) for path in paths.split()) for kind, paths in rows}
