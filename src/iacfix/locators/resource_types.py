"""What Terraform, CloudFormation and Security Hub call the same kind of thing, after `resource_types.csv`.

`{name}` in the column `arn` is the physical name, `{id}` (`{vpc-id}`: with that in front) what AWS gives itself and
`{any}` something else; `region` and `account` stand for themselves and are empty where an ARN has none. Several values
stand with a space between them. Rows of one kind stand with the likeliest first. `also` holds further spellings.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources


@dataclass(frozen=True, slots=True)
class Shape:
    """How an ARN is built: `resource` is a template for all that follows the account."""

    service: str
    regional: bool
    of_account: bool
    resource: str


@dataclass(frozen=True, slots=True)
class ResourceType:
    """One kind. The name attributes are empty where AWS gives an id and there is no name at all."""

    terraform: tuple[str, ...]
    cloudformation: tuple[str, ...]
    security_hub: tuple[str, ...]
    shapes: tuple[Shape, ...]
    terraform_name: tuple[str, ...]
    cloudformation_name: str
    also: tuple[str, ...]

    @property
    def spellings(self) -> tuple[str, ...]:
        return (*self.terraform, *self.cloudformation, *self.security_hub, *self.also)


@dataclass(frozen=True)
class Table:
    rows: tuple[ResourceType, ...]

    @cached_property
    def by_spelling(self) -> Mapping[str, tuple[ResourceType, ...]]:
        found: dict[str, list[ResourceType]] = {}
        for row in self.rows:
            for key in dict.fromkeys(map(_key, row.spellings)):
                found.setdefault(key, []).append(row)
        return {key: tuple(rows) for key, rows in found.items()}

    @cached_property
    def by_service(self) -> Mapping[str, tuple[ResourceType, ...]]:
        """Rows by the third part of the ARN."""
        found: dict[str, list[ResourceType]] = {}
        for row in self.rows:
            for service in dict.fromkeys(shape.service for shape in row.shapes):
                found.setdefault(service, []).append(row)
        return {service: tuple(rows) for service, rows in found.items()}

    def spelled(self, kind: str) -> tuple[ResourceType, ...]:
        """Whatever the tool's taste in colons, underscores and capitals: `AWS::S3::Bucket`, `AwsS3Bucket`."""
        return self.by_spelling.get(_key(kind), ())


@cache
def table() -> Table:
    text = resources.files("iacfix.locators").joinpath("resource_types.csv").read_text(encoding="utf-8")
    return Table(tuple(_row(cells) for cells in list(csv.reader(text.splitlines()))[1:]))


def _row(cells: list[str]) -> ResourceType:
    terraform, cloudformation, security_hub, arns, terraform_name, cloudformation_name, also = cells
    return ResourceType(
        terraform=tuple(terraform.split()),
        cloudformation=tuple(cloudformation.split()),
        security_hub=tuple(security_hub.split()),
        shapes=tuple(_shape(arn) for arn in arns.split()),
        terraform_name=tuple(terraform_name.split()),
        cloudformation_name=cloudformation_name,
        also=tuple(also.split()),
    )


def _shape(written: str) -> Shape:
    service, region, account, resource = written.split(":", 3)
    return Shape(service, bool(region), bool(account), resource)


def _key(kind: str) -> str:
    return "".join(character for character in kind.lower() if character.isalnum())
