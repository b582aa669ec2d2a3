"""Where automation rules are kept for findings that come in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from iacfix.domain.automation import AutomationRule


@dataclass(frozen=True, slots=True)
class KeptRule:
    """A rule as it is kept. `is_ours`: iacfix made it, by the marker that it leaves. `content` is all that it says,
    to be compared.
    """

    handle: str
    name: str
    order: int
    is_ours: bool
    content: str


class AutomationRuleStore(Protocol):
    def kept(self) -> Sequence[KeptRule]:
        """All, also those of others. Raises CloudReadError."""

    def content_of(self, rule: AutomationRule) -> str:
        """What `KeptRule.content` of this rule would be, so that the two can be compared."""

    def create(self, rule: AutomationRule) -> None:
        """Raises CloudReadError."""

    def update(self, rules: Mapping[str, AutomationRule]) -> Mapping[str, str]:
        """By handle; answers why not, by handle. Raises CloudReadError."""

    def delete(self, handles: Sequence[str]) -> Mapping[str, str]:
        """Answers why not, by handle. Raises CloudReadError."""
