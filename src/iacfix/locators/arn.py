"""Amazon Resource Names: what they are made of, which kind of thing they name, and under which name."""

import re
from dataclasses import dataclass
from functools import cache

from iacfix.locators.resource_types import ResourceType, Shape, table

MAX_LENGTH = 2048
"""AWS's own limit for an ARN."""

# arn:partition:service:region:account:resource, and the resource may hold colons itself.
_PARTS = 6

_PARTITIONS = (("cn-", "aws-cn"), ("us-gov-", "aws-us-gov"), ("us-isob-", "aws-iso-b"), ("us-iso-", "aws-iso"))
_QUEUE_URL = re.compile(r"https?://sqs\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/([0-9]{12})/([A-Za-z0-9_.-]+)")
_OLD_QUEUE_URL = re.compile(r"https?://([a-z0-9-]+)\.queue\.amazonaws\.com/([0-9]{12})/([A-Za-z0-9_.-]+)")
_BARE_ID = re.compile(r"((?:[a-z]+-)+)(?:[0-9a-f]{8}|[0-9a-f]{17})")

_PLACEHOLDER = re.compile(r"\{([a-z/:-]*)\}")
_PATTERNS = {
    "name": r"(?P<name>[^:/]+)",
    "name/": r"(?P<name>[^:]+)",
    "name:": r"(?P<name>.+)",
    "/name": r"(?P<name>/[^:]+)",
    "alias/name": r"(?P<name>alias/[^:]+)",
    "path": r"(?:[^:]*/)?",
    "id": r"(?P<id>[^:/]+)",
    "id/": r"(?P<id>[^:]+)",
    "id:": r"(?P<id>.+)",
    "any": r"[^:/]*",
    "random": r"[A-Za-z0-9]{6}",
}
_FREE = {"name", "name/", "name:", "/name", "alias/name", "path"}


@dataclass(frozen=True, slots=True)
class Arn:
    partition: str
    service: str
    region: str
    account: str
    resource: str


@dataclass(frozen=True, slots=True)
class Named:
    """A kind that an ARN fits, with the physical name and AWS's own id as far as the ARN holds them."""

    kind: ResourceType
    name: str = ""
    id: str = ""


def parse(identifier: str) -> Arn | None:
    """An ARN, or the address of a queue, which says the same."""
    if len(identifier) > MAX_LENGTH:
        return None
    if url := _QUEUE_URL.fullmatch(identifier) or _OLD_QUEUE_URL.fullmatch(identifier):
        region, account, name = url.groups()
        return Arn(_partition(region), "sqs", region, account, name)
    parts = identifier.split(":", _PARTS - 1)
    if len(parts) != _PARTS or parts[0] != "arn" or not parts[2] or not parts[5]:
        return None
    return Arn(*parts[1:])


def named_by(identifier: str) -> tuple[Named, ...]:
    """Every kind that the identifier may name; a part of a thing (`table/x/index/y`) stands for the thing.

    Besides ARNs this knows ids by what they begin with (`sg-0123456789abcdef0`).
    """
    if (bare := _BARE_ID.fullmatch(identifier)) is not None:
        return tuple(Named(kind, id=identifier) for kind in _by_prefix().get(bare.group(1), ()))
    arn = parse(identifier)
    if arn is None:
        return ()
    found: list[tuple[int, Named]] = []
    for kind in table().by_service.get(arn.service, ()):
        for shape in kind.shapes:
            if (
                shape.service != arn.service
                or shape.regional != bool(arn.region)
                or shape.of_account != bool(arn.account)
            ):
                continue
            if (match := _pattern(shape.resource).fullmatch(arn.resource)) is not None:
                groups = match.groupdict(default="")
                rest = len(groups["rest"])
                found.append((rest, Named(kind, groups.get("name", ""), groups.get("id", ""))))
    least = min((rest for rest, _ in found), default=0)
    return tuple(named for rest, named in found if rest == least)


def arn_for(terraform_type: str, name: str, account: str, region: str) -> str:
    """The ARN of a thing of that name, "" where an ARN holds more than the name: an id or a parent's name."""
    for kind in table().spelled(terraform_type):
        if kind.shapes and (resource := _filled(kind.shapes[0], name)):
            shape = kind.shapes[0]
            where = f"{region if shape.regional else ''}:{account if shape.of_account else ''}"
            return f"arn:{_partition(region)}:{shape.service}:{where}:{resource}"
    return ""


def _filled(shape: Shape, name: str) -> str:
    holes = _PLACEHOLDER.findall(shape.resource)
    if not any("name" in hole for hole in holes) or not _FREE.issuperset(holes):
        return ""
    if any(hole == "alias/name" for hole in holes) and not name.startswith("alias/"):
        return ""  # no alias is called so

    def fill(hole: re.Match[str]) -> str:
        match hole.group(1):
            case "path":
                return ""
            case "/name":
                return name if name.startswith("/") else f"/{name}"
            case _:
                return name

    return _PLACEHOLDER.sub(fill, shape.resource)


def _partition(region: str) -> str:
    return next((partition for start, partition in _PARTITIONS if region.startswith(start)), "aws")


@cache
def _pattern(template: str) -> re.Pattern[str]:
    """Compiled when first met: all of them would cost a short run more than the rest of locating."""
    pieces = _PLACEHOLDER.split(template)
    body = "".join(_hole(piece) if odd % 2 else re.escape(piece) for odd, piece in enumerate(pieces))
    return re.compile(f"{body}(?P<rest>(?:[:/].*)?)", re.DOTALL)


def _hole(placeholder: str) -> str:
    known = _PATTERNS.get(placeholder)
    return known if known is not None else f"(?P<id>{re.escape(placeholder.removesuffix('id'))}[^:/]+)"


@cache
def _by_prefix() -> dict[str, tuple[ResourceType, ...]]:
    found: dict[str, tuple[ResourceType, ...]] = {}
    for kind in table().rows:
        for shape in kind.shapes[:1]:
            for hole in _PLACEHOLDER.findall(shape.resource):
                if hole.endswith("-id"):
                    prefix = hole.removesuffix("id")
                    found[prefix] = (*found.get(prefix, ()), kind)
    return found
