"""How far each control has come on the way from observing to acting by itself."""

from dataclasses import dataclass

from iacfix.domain.finding import Finding
from iacfix.domain.triage import Effect, GateResult, Mode
from iacfix.triage.tags import like

GATE = "mode"


@dataclass(frozen=True, slots=True)
class ModeRule:
    """`control` is the catalogue's id or a check's, with `*` for any characters."""

    control: str
    mode: Mode


@dataclass(frozen=True, slots=True)
class Modes:
    """The first rule that names the control counts, else `otherwise`."""

    otherwise: Mode = Mode.SUPERVISED
    rules: tuple[ModeRule, ...] = ()

    def ask(self, finding: Finding) -> GateResult:
        for rule in self.rules:
            if any(name and like(rule.control, name) for name in (finding.control, finding.check_id)):
                return GateResult(GATE, Effect.CAPPED, f"{rule.control} is in {rule.mode}", rule.mode)
        return GateResult(
            GATE, Effect.CAPPED, f"controls without a mode of their own are in {self.otherwise}", self.otherwise
        )
