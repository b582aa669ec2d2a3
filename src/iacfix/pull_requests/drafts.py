"""When a pull request is opened as a draft: where somebody should look twice before it can be merged."""

from collections.abc import Collection
from enum import StrEnum

from iacfix.domain.control import Risk
from iacfix.domain.outcome import Proposal
from iacfix.domain.verdict import StageName, StageOutcome

# These need nothing beside iacfix, so that each has something to say of every fix. What the others need is often not
# there: were it enough that one of those was skipped, every pull request would be a draft, and the mark would say
# nothing. So they count where they were asked for. What is required and skipped is not proposed at all.
OWN = frozenset({StageName.SYNTAX, StageName.HAZARDS, StageName.CONTROL})


class Draft(StrEnum):
    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


def draft_reason(choice: Draft, proposal: Proposal, asked: Collection[StageName] = ()) -> str:
    """Why it is a draft, as the end of a sentence; "" where it is none. `asked` are the stages beside our own that the
    configuration asks for.
    """
    match choice:
        case Draft.NEVER:
            return ""
        case Draft.ALWAYS:
            return "every pull request is opened as one here"
        case Draft.AUTO:
            return " and ".join(filter(None, (_skipped(proposal, asked), _risk(proposal.risk))))


def _skipped(proposal: Proposal, asked: Collection[StageName]) -> str:
    names = [
        stage.name.value.replace("_", " ")
        for stage in proposal.verdict.stages
        if stage.outcome is StageOutcome.SKIPPED and (stage.name in OWN or stage.name in asked)
    ]
    return f"{', '.join(names)} could not be checked" if names else ""


def _risk(risk: Risk | None) -> str:
    if risk is None:
        return "nobody has said what the change may break"
    return "" if risk is Risk.LOW else f"the risk of the change is {risk.value}"
