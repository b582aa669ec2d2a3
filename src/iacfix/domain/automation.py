"""Rules that change findings before anybody decides of them: the same in Security Hub and in process."""

from dataclasses import dataclass
from enum import StrEnum

from iacfix.domain.finding import Severity

LABEL = "label:"
"""Before the key of a label, where it stands among the tags of a resource: `label:team=payments`. What routing reads of
tags it reads of labels too, and none of them can pass for a tag.
"""


class Field(StrEnum):
    """What of a finding a rule may ask about. `TAGS` and `LABELS` have a key and a value."""

    SEVERITY = "severity"
    CONTROL = "control"
    TITLE = "title"
    ACCOUNT = "account"
    REGION = "region"
    RESOURCE_TYPE = "resource_type"
    RESOURCE_ID = "resource_id"
    TAGS = "tags"
    LABELS = "labels"


class Comparison(StrEnum):
    """Case counts. What a finding does not have fits every negative comparison, and none of the others."""

    IS = "is"
    STARTS_WITH = "starts_with"
    CONTAINS = "contains"
    IS_NOT = "is_not"
    STARTS_NOT_WITH = "starts_not_with"
    CONTAINS_NOT = "contains_not"

    @property
    def is_negative(self) -> bool:
        return self in {Comparison.IS_NOT, Comparison.STARTS_NOT_WITH, Comparison.CONTAINS_NOT}


@dataclass(frozen=True, slots=True)
class Condition:
    """`key` is that of a tag or a label, "" elsewhere."""

    field: Field
    comparison: Comparison
    value: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class AutomationRule:
    """What fits all fields is changed: of one field one of the positive conditions and all of the negative ones.

    `order` is 1 to 1000, the lower first. After a `terminal` rule that fits no other is asked. `suppress` says why
    nothing is to be done, "" where something is.
    """

    name: str
    description: str
    order: int
    conditions: tuple[Condition, ...]
    severity: Severity | None = None
    suppress: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    terminal: bool = False
    enabled: bool = True
