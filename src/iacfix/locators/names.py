"""Which attribute names a resource in the cloud, and how to read a name out of what a cloud tool reports."""

from collections.abc import Iterable, Iterator

from iacfix.locators.arn import named_by, parse
from iacfix.locators.resource_types import ResourceType, table

# An account as Security Hub names it; no code makes one.
_ACCOUNT = "AWS::::Account:"


def name_attributes(terraform_type: str) -> tuple[str, ...]:
    """The attributes that become the physical name; none where AWS gives the id."""
    rows = (row for row in table().spelled(terraform_type) if terraform_type in row.terraform)
    return next((row.terraform_name for row in rows), ())


def name_property(cloudformation_type: str) -> str:
    """The property that becomes the physical name, "" where AWS gives the id."""
    rows = (row for row in table().spelled(cloudformation_type) if cloudformation_type in row.cloudformation)
    return next((row.cloudformation_name for row in rows), "")


def all_name_attributes() -> frozenset[str]:
    """The attributes that name any type of resource."""
    return frozenset(name for row in table().rows for name in row.terraform_name)


def terraform_types(cloud_type: str, identifier: str = "") -> tuple[str, ...]:
    """The Terraform resource types behind a tool's type; Terraform's own names stand for themselves.

    The identifier decides where the type is unknown or too wide, and where the two differ: an ARN is the thing itself,
    a type only a label.
    """
    if cloud_type.startswith("aws_"):
        return (cloud_type,)
    return _all(row.terraform for row in _kinds(cloud_type, identifier))


def cloudformation_types(cloud_type: str, identifier: str = "") -> tuple[str, ...]:
    """Like `terraform_types`, for CloudFormation and SAM."""
    kinds = _kinds(cloud_type, identifier)
    known = _all(row.cloudformation for row in kinds)
    if cloud_type.startswith("AWS::") and (not kinds or cloud_type in known):
        return (cloud_type,) if _is_resource_type(cloud_type) else ()
    return known


def physical_names(identifier: str, name: str) -> tuple[str, ...]:
    """The names that an ARN, URL or id may stand for, the likeliest first."""
    return tuple(dict.fromkeys(part for part in _names(identifier, name) if part))


def _kinds(cloud_type: str, identifier: str) -> tuple[ResourceType, ...]:
    labelled = table().spelled(cloud_type)
    named = tuple(found.kind for found in named_by(identifier))
    return tuple(row for row in named if row in labelled) or named or labelled


def _all(types: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found for row in types for found in row))


def _is_resource_type(written: str) -> bool:
    return len(parts := written.split("::")) == 3 and all(parts)  # noqa: PLR2004 - vendor, service, type


def _names(identifier: str, name: str) -> Iterator[str]:
    named = named_by(identifier)
    if not named:
        yield name
        if not identifier.startswith(_ACCOUNT):
            yield from _guessed(identifier)
        return
    yield from (found.name for found in named)
    yield from (found.name[1:] for found in named if found.name.startswith("/"))  # an ARN has the slash in any case
    # A name that is merely the end of the ARN (`50dc6c495c0c9188` of a load balancer) says nothing new.
    if not (any(found.name for found in named) and identifier.rstrip("/:*").endswith(name)):
        yield name
    yield from (found.id for found in named)


def _guessed(identifier: str) -> Iterator[str]:
    """Of an ARN that no known kind has: `function:name:alias`, `db:name`, `role/path/name`, `trail/name`, `name/*`."""
    arn = parse(identifier)
    bare = (arn.resource if arn is not None else identifier).removesuffix("/*")
    _, _, rest = bare.partition(":")
    yield rest
    yield bare.rsplit("/", 1)[-1]
    if not rest and "/" in bare:  # `repository/team/name`: the name itself holds a slash
        yield bare.split("/", 1)[1]
    yield bare
