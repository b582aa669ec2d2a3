"""Who says whether a finding may be acted on."""

from collections.abc import Mapping
from typing import Protocol

from iacfix.domain.triage import PolicyDecision

Fact = str | int | bool | None | tuple["Fact", ...] | Mapping[str, "Fact"]


class Policy(Protocol):
    @property
    def version(self) -> str:
        """What tells its text from any other, "" where that is not known before it was asked."""

    def decide(self, facts: Mapping[str, Fact]) -> PolicyDecision:
        """Raises nothing: what cannot be evaluated denies, with the reason."""
