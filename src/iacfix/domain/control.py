"""What the catalogue says of one weakness: its names, and how it is fixed. A recipe is data in four verbs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Literal = str | int | bool | tuple["Literal", ...]


class Risk(StrEnum):
    """What a fix may break: low goes ahead, moderate wants a second look, high is for people only."""

    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Setting:
    """A value that only the user can know; `name` is its key under `defaults` in the configuration.

    `fallback` is used when the configuration has none; without one the recipe declines and names the key.
    """

    name: str
    fallback: Literal | None = None


@dataclass(frozen=True, slots=True)
class Want:
    """What an attribute must be. Exactly one of the five is set.

    `equals` this value; `at_least` this number; `at_most` this number, and more than 0; `one_of` these values (the
    first is written); `includes` all of these items, keeping what else is in the list.
    """

    equals: Literal | Setting | None = None
    at_least: int | Setting | None = None
    at_most: int | None = None
    one_of: tuple[Literal, ...] = ()
    includes: tuple[Literal, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """Holds or not for a block, or cannot be told because a value is not known.

    `attribute` is a dotted path (`root_block_device.encrypted`). `style` asks how the module writes S3 settings:
    `inline` (nested blocks in aws_s3_bucket, AWS provider before 4) or `separate` (own resources).
    """

    attribute: str = ""
    present: bool | None = None
    equals: Literal | None = None
    one_of: tuple[Literal, ...] = ()
    not_matching: str = ""
    style: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class SetAttribute:
    """The attribute at the dotted path is what is wanted; missing blocks on the way are an error, not made."""

    attribute: str
    want: Want


@dataclass(frozen=True, slots=True)
class EnsureBlock:
    """A nested block of this name is there, and `steps` hold in it. More than one such block is declined.

    Where `initially` is given, a block that has to be made is made as it says, and one that is there is its owner's:
    it is judged and never changed.
    """

    block: str
    steps: tuple["Step", ...]
    initially: tuple["Step", ...] = ()


@dataclass(frozen=True, slots=True)
class Remove:
    """The attribute or nested block of this name is gone."""

    name: str


@dataclass(frozen=True, slots=True)
class Companion:
    """A resource of this type exists whose attributes refer to the target: `link` maps its attribute to theirs."""

    resource_type: str
    link: Mapping[str, str]
    steps: tuple["Step", ...]


Step = SetAttribute | EnsureBlock | Remove | Companion


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to fix it, for blocks where every condition holds. `decline` says why there is no safe way."""

    when: tuple[Condition, ...]
    steps: tuple[Step, ...] = ()
    decline: str = ""


@dataclass(frozen=True, slots=True)
class TerraformFix:
    """`targets` are the resource types this control speaks of, `companions` those that a fix may add or touch."""

    targets: tuple[str, ...]
    companions: tuple[str, ...]
    variants: tuple[Variant, ...]


@dataclass(frozen=True, slots=True)
class Control:
    """`names` maps a tool (`checkov`, `security_hub`, …) to its ids for this weakness; `why` is two sentences."""

    id: str
    title: str
    why: str
    service: str
    risk: Risk
    names: Mapping[str, tuple[str, ...]]
    resource_types: tuple[str, ...]
    terraform: TerraformFix
    effect: str = ""
    references: tuple[str, ...] = field(default=())
