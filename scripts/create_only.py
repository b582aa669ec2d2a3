"""Writes what cannot be changed in place, after the schemas of AWS that cfn-lint carries.

    python scripts/create_only.py [schemas.json]

`schemas.json` is what `terraform providers schema -json` tells of the AWS provider: with it the list for Terraform is
written too, of attributes whose names are those of the properties.
"""

import csv
import io
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from iacfix.locators.resource_types import table

VALIDATORS = Path(__file__).resolve().parents[1] / "src" / "iacfix" / "validators"
TEMPLATES = VALIDATORS / "cloudformation" / "create_only.csv"
TERRAFORM = VALIDATORS / "terraform" / "create_only.csv"
REGION = "us-east-1"
PROVIDER = "registry.terraform.io/hashicorp/aws"
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

Names = Mapping[str, tuple[str, ...]]


def of_templates() -> Names:
    """`createOnlyProperties` by type, as paths with slashes."""
    found: dict[str, tuple[str, ...]] = {}
    for kind in sorted(PROVIDER_SCHEMA_MANAGER.get_resource_types(REGION)):
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, kind).schema
        if kind.startswith("AWS::") and (paths := schema.get("createOnlyProperties")):
            found[kind] = tuple(sorted(path.removeprefix("/properties/") for path in paths))
    return found


def of_terraform(schemas: Mapping[str, Mapping[str, object]] | None = None) -> Names:
    """For types that are one thing on either side, what is called the same there. `schemas` are the provider's; without
    them every name that could be is told.
    """
    properties = of_templates()
    found: dict[str, tuple[str, ...]] = {}
    for terraform, kind in sorted(_alike()):
        names = {_snake(path) for path in properties.get(kind, ()) if "/" not in path}
        if schemas is not None:
            names &= set(_written_by_users(schemas.get(terraform, {})))
        if names:
            found[terraform] = tuple(sorted(names))
    return found


def _alike() -> Iterator[tuple[str, str]]:
    rows = [row for row in table().rows if row.cloudformation and row.terraform]
    kinds = Counter(kind for row in rows for kind in row.cloudformation)
    types = Counter(kind for row in rows for kind in row.terraform)
    for row in rows:
        named = [kind for kind in row.cloudformation if not kind.startswith("AWS::Serverless::")]
        if len(named) == len(row.terraform) == 1 and kinds[named[0]] == types[row.terraform[0]] == 1:
            yield row.terraform[0], named[0]


def _written_by_users(schema: Mapping[str, object]) -> Iterator[str]:
    """Attributes of one value: what is a mapping or a list there may be changed in part."""
    block = schema.get("block")
    attributes = block["attributes"] if isinstance(block, dict) else {}
    for name, attribute in attributes.items():
        if isinstance(attribute.get("type"), str) and (attribute.get("optional") or attribute.get("required")):
            yield name


def _snake(name: str) -> str:
    return "_".join(part.lower() for part in _WORD.split(name))


def written(header: tuple[str, str], names: Names) -> str:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(header)
    rows.writerows((kind, " ".join(paths)) for kind, paths in sorted(names.items()))
    return text.getvalue()


def main() -> None:
    TEMPLATES.write_text(written(("type", "properties"), of_templates()))
    if len(sys.argv) > 1:
        told = json.loads(Path(sys.argv[1]).read_text())
        schemas = told["provider_schemas"][PROVIDER]["resource_schemas"]
        TERRAFORM.write_text(written(("type", "attributes"), of_terraform(schemas)))


if __name__ == "__main__":
    main()
