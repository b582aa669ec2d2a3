"""What the catalogue says of one weakness: its names, and how it is fixed. A recipe is data in six verbs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from iacfix.domain.runbook import RuntimeFix


@dataclass(frozen=True, slots=True)
class Entries:
    """A mapping as a literal, in its order. Something meets it that holds all of it; what else it holds stays."""

    items: tuple[tuple[str, "Literal"], ...]


Literal = str | int | bool | tuple["Literal", ...] | Entries


class Risk(StrEnum):
    """What a fix may break: low goes ahead, moderate wants a second look, high is for people only."""

    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"


def at_least(known: Risk, claimed: Risk | None) -> Risk:
    """The higher of both: what somebody claims can raise a risk, never lower it."""
    return known if claimed is None else max(known, claimed, key=list(Risk).index)


@dataclass(frozen=True, slots=True)
class Setting:
    """A value that only the user can know; `name` is its key under `defaults` in the configuration.

    `fallback` is used when the configuration has none; without one the recipe declines and names the key. What is set
    stays, unless it is one of `instead_of`, or a list of nothing else.
    """

    name: str
    fallback: Literal | None = None
    instead_of: tuple[Literal, ...] = ()


@dataclass(frozen=True, slots=True)
class Want:
    """What an attribute or property must be. Exactly one of the six is set.

    `equals` this value; `at_least` this number; `at_most` this number, and more than 0; `one_of` these values (the
    first is written); `includes` all of these items, keeping what else is in the list; `unused` a number from this one
    on that no other item beside a new one has.
    """

    equals: Literal | Setting | None = None
    at_least: int | Setting | None = None
    at_most: int | None = None
    one_of: tuple[Literal, ...] = ()
    includes: tuple[Literal, ...] = ()
    unused: int | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """Holds or not for a block, or cannot be told because a value is not known.

    `attribute` is a dotted path (`root_block_device.encrypted`, `SSESpecification.SSEEnabled`). `style` asks how a
    Terraform module writes S3 settings: `inline` (nested blocks in aws_s3_bucket, AWS provider before 4) or `separate`
    (own resources). `given` is a setting that the configuration has. `written` is the literal that stands there: it is
    not followed, so it can always be told.
    """

    attribute: str = ""
    present: bool | None = None
    equals: Literal | None = None
    one_of: tuple[Literal, ...] = ()
    not_matching: str = ""
    written: Literal | None = None
    style: str = ""
    target: str = ""
    given: str = ""


@dataclass(frozen=True, slots=True)
class SetAttribute:
    """The attribute at the dotted path is what is wanted. In Terraform missing blocks on the way are an error; in a
    template missing mappings are made.
    """

    attribute: str
    want: Want


@dataclass(frozen=True, slots=True)
class EnsureBlock:
    """A nested block of this name is there, and `steps` hold in it. More than one such block is declined.

    In a template it is a mapping at this dotted path, or with `[]` behind it the one item of a list.

    Where `initially` is given, a block that has to be made is made as it says, and one that is there is its owner's:
    it is judged and never changed.

    `key` says by which attributes the one that is meant is known among several; where none is, one more is made, with
    these. `each`: the steps hold in every one that is there (and known by the key, where there is one), and none is
    made.
    """

    block: str
    steps: tuple["Step", ...]
    initially: tuple["Step", ...] = ()
    key: Mapping[str, Literal] = field(default_factory=dict)
    each: bool = False


@dataclass(frozen=True, slots=True)
class Remove:
    """The attribute or nested block of this name is gone."""

    name: str


@dataclass(frozen=True, slots=True)
class Companion:
    """A resource of this type exists whose attributes refer to the target: `link` maps its attribute to theirs.

    In a template theirs is `Ref`, or `GetAtt.` and an attribute's name. `initially` as in EnsureBlock.
    """

    resource_type: str
    link: Mapping[str, str]
    steps: tuple["Step", ...]
    initially: tuple["Step", ...] = ()


@dataclass(frozen=True, slots=True)
class Close:
    """No rule lets everybody reach this port; 0 means all traffic.

    Rules are the nested blocks of this name, in a template the items of the list, and "" is the target itself. `range`
    are the attributes of the first and the last port, `protocol` is that of the protocol. `open` maps attributes of
    sources to what means everybody there; `others` name sources too. Only rules for which `where` holds are looked at.

    An open source gives way to `instead`, where the configuration has it. Where it has not, it goes, and so does a rule
    that is left without a source; `only_instead`: it is declined, because nobody but the owner knows who may come in.
    """

    rules: str
    port: int
    range: tuple[str, str]
    protocol: str
    open: Mapping[str, tuple[str, ...]]
    others: tuple[str, ...] = ()
    where: Mapping[str, Literal] = field(default_factory=dict)
    instead: Setting | None = None
    only_instead: bool = False


@dataclass(frozen=True, slots=True)
class Narrow:
    """No statement of the policy that allows something lets everybody in.

    `policy` is the attribute or property that holds it; "" is an aws_iam_policy_document, which is one. Everybody is
    taken out where the statement names somebody else too. Where it does not, `otherwise` says why it is declined:
    whom it is for only its owner knows. `keeps_accounts`: an account, a role or a user has to be left, since services
    alone cannot look after what the policy is of.
    """

    policy: str
    otherwise: str
    keeps_accounts: bool = False


Step = SetAttribute | EnsureBlock | Remove | Companion | Close | Narrow


@dataclass(frozen=True, slots=True)
class Meets:
    """The attribute at the dotted path is as wanted."""

    attribute: str
    want: Want


@dataclass(frozen=True, slots=True)
class Present:
    """Something stands at the dotted path: neither null nor empty. Which value it is, is its owner's."""

    attribute: str


@dataclass(frozen=True, slots=True)
class Absent:
    """Nothing stands at the dotted path."""

    attribute: str


@dataclass(frozen=True, slots=True)
class Excludes:
    """What stands at the dotted path is none of these items and holds none of them; nothing is right too."""

    attribute: str
    items: tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class HasBlock:
    """There is such a nested block, as in EnsureBlock, and `holds` is true in each of several, else in one of them."""

    block: str
    holds: tuple["Predicate", ...]
    each: bool


@dataclass(frozen=True, slots=True)
class Every:
    """`holds` is true in every such block that the key names, `key` as in EnsureBlock; also where there is none."""

    block: str
    key: Mapping[str, Literal]
    holds: tuple["Predicate", ...]


@dataclass(frozen=True, slots=True)
class Beside:
    """There is a resource of this type that refers to the target, `link` as in Companion, and `holds` is true in it."""

    resource_type: str
    link: Mapping[str, str]
    holds: tuple["Predicate", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    either: tuple["Predicate", ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    every: tuple["Predicate", ...]


# `Close` and `Narrow` are each one as it stands: no rule, no statement lets everybody in.
Predicate = Meets | Present | Absent | Excludes | HasBlock | Every | Beside | Close | Narrow | AnyOf | AllOf


@dataclass(frozen=True, slots=True)
class Assertion:
    """What is true of a resource that is as the control wants it, for those where every condition holds.

    Where `untold` is not empty, nothing is asserted of such resources, and it says why.
    """

    when: tuple[Condition, ...]
    holds: tuple[Predicate, ...] = ()
    untold: str = ""


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to fix it, for blocks where every condition holds. `decline` says why there is no safe way."""

    when: tuple[Condition, ...]
    steps: tuple[Step, ...] = ()
    decline: str = ""


@dataclass(frozen=True, slots=True)
class LanguageFix:
    """`targets` are the resource types this control speaks of, `companions` those that a fix may add or touch.

    `asserts` is written out where the variants do not say what they make true; the first that is meant counts.
    """

    targets: tuple[str, ...]
    companions: tuple[str, ...]
    variants: tuple[Variant, ...]
    asserts: tuple[Assertion, ...] = ()

    @property
    def has_recipe(self) -> bool:
        """Whether it changes anything, as opposed to saying why nothing can be."""
        return any(variant.steps for variant in self.variants)


@dataclass(frozen=True, slots=True)
class TerraformFix(LanguageFix):
    """Types are the provider's (`aws_s3_bucket`), paths its attributes and blocks."""


@dataclass(frozen=True, slots=True)
class CloudFormationFix(LanguageFix):
    """Types are CloudFormation's or SAM's (`AWS::S3::Bucket`), paths lead down from `Properties`."""


@dataclass(frozen=True, slots=True)
class Control:
    """`names` maps a tool (`checkov`, `security_hub`, …) to its ids for this weakness; `why` is two sentences.

    `verify` names the check that looks at the live resource (docs/verification.md), "" where there is none.

    A language is None where it has nothing that the control could speak of; one of them is there. `runtime` is None
    where no runbook is known that changes the live resource.
    """

    id: str
    title: str
    why: str
    service: str
    risk: Risk
    names: Mapping[str, tuple[str, ...]]
    resource_types: tuple[str, ...]
    terraform: TerraformFix | None = None
    cloudformation: CloudFormationFix | None = None
    effect: str = ""
    references: tuple[str, ...] = field(default=())
    verify: str = ""
    runtime: RuntimeFix | None = None

    @property
    def fixes(self) -> tuple[LanguageFix, ...]:
        """Those of every language that has one."""
        return tuple(fix for fix in (self.terraform, self.cloudformation) if fix is not None)

    @property
    def targets(self) -> tuple[str, ...]:
        return tuple(target for fix in self.fixes for target in fix.targets)
