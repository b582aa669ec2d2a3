"""What has to hold before a live resource is touched. Each answers a refusal, or nothing."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from iacfix.domain.control import Control, Risk
from iacfix.domain.finding import Finding
from iacfix.domain.ledger import State
from iacfix.domain.runbook import RuntimeFix
from iacfix.domain.triage import Mode

# Somebody is at the code: what he starts from is not to change under him.
BUSY = frozenset({State.FIXING, State.PROPOSED})
# A change of the code has been made, and waits for people or its rollout.
ON_ITS_WAY = frozenset({State.PULL_REQUEST_OPEN, State.VERIFYING})
_STACK_TAG = "aws:cloudformation:stack-name"


@dataclass(frozen=True, slots=True)
class Refused:
    """`stays`: the finding stays where it is: its way is the code, or somebody has decided."""

    rule: str
    reason: str
    stays: bool = False


class Owned(StrEnum):
    """Whether Terraform or CloudFormation decides what the runbook would change."""

    BY_CODE = "by_code"
    BY_NOBODY = "by_nobody"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Source:
    """`where` is the place in the code, or why that is not known."""

    owned: Owned
    where: str = ""


def seen_in_tags(finding: Finding, source: Source) -> Source:
    """A stack marks what it has made, whatever was found in repositories."""
    stacks = [value for key, value in finding.resource.tags if key == _STACK_TAG]
    if stacks and source.owned is not Owned.BY_CODE:
        return Source(Owned.BY_CODE, f"the CloudFormation stack {ascii(stacks[0])[:120]}")
    return source


def free(state: State) -> Refused | None:
    if state in BUSY:
        return Refused("ledger", f"its code is being fixed ({state})", stays=True)
    if state is State.ACCEPTED:
        return Refused("exception", "its risk is accepted", stays=True)
    return None


def account(finding: Finding, allowed: Collection[str]) -> Refused | None:
    """Nothing is allowed where no account is named."""
    number = finding.resource.account
    if number in allowed:
        return None
    known = "none is named" if not allowed else f"there are {len(allowed)} of them"
    return Refused("accounts", f"{number!a} is not among the accounts that may be changed: {known}")


def region(name: str, only: str) -> Refused | None:
    """`only` is where runbooks can be started from here, "" where that is everywhere."""
    if only in {"", name}:
        return None
    said = f"it is in {name}, and runbooks are started from here in {only} alone"
    return Refused("region", f"{said}: there, the same name is another resource")


def source_fix(source: Source, fix: RuntimeFix, state: State) -> Refused | None:
    """What code decides would come back with its next apply, unless the code changes too."""
    if source.owned is Owned.BY_NOBODY or (source.owned is Owned.BY_CODE and state in ON_ITS_WAY):
        return None
    if source.owned is Owned.UNKNOWN:
        said = f"nobody knows whether code decides it: {source.where or 'no repository was looked at'}"
        return Refused("source", f"{said}; name the repository, or say that no code does")
    return Refused(
        "source",
        f"{source.where} decides {', '.join(fix.owns)}: what a runbook changes would come back with the next apply. "
        "It is fixed in the code; once that fix is on its way, the live resource may be changed too",
        stays=True,
    )


def risk(control: Control) -> Refused | None:
    if control.risk is Risk.HIGH:
        return Refused("risk", f"{control.id} is of high risk: a person plans the change")
    return None


def needs_approval(control: Control, mode: Mode) -> bool:
    """Only what is harmless goes ahead by itself, and only where that was chosen."""
    return not (mode is Mode.AUTONOMOUS and control.risk is Risk.LOW)


def may_apply(mode: Mode) -> Refused | None:
    if mode.reaches(Mode.SUPERVISED):
        return None
    return Refused("mode", f"this control is in {mode}: the change is shown, and not made")
