"""Tags by which an owner keeps iacfix away. Exclusions that really exclude: one value that fits is enough."""

from dataclasses import dataclass

from iacfix.domain.triage import Effect, GateResult
from iacfix.triage.tags import Answer, TagCondition, Tags, mark

GATE = "exclusion"
STANDARD: tuple[TagCondition, ...] = (mark("iacfix=off"), mark("iacfix=ignore"), mark("iacfix:exclude"))


@dataclass(frozen=True, slots=True)
class Exclusions:
    marks: tuple[TagCondition, ...] = STANDARD

    def ask(self, tags: Tags) -> GateResult:
        """A tag that is there several times excludes with any of its values."""
        tags = tuple(tags)
        for each in self.marks:
            if each.asked(tags) is not Answer.NO:
                return GateResult(GATE, Effect.DENIED, f"the tag {each} keeps iacfix away from it")
        return GateResult(GATE, Effect.PASSED, "no tag keeps iacfix away from it")
