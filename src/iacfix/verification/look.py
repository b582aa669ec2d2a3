"""One look at one resource: what was found, in a value that cannot claim more than was seen."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from iacfix.domain.errors import ConfigurationError
from iacfix.domain.finding import CloudResource
from iacfix.domain.secrets import redact
from iacfix.domain.verification import Result, Verification
from iacfix.ports.posture import PostureError, PostureReader
from iacfix.verification.asking import Ask, GoneError
from iacfix.verification.check import Check
from iacfix.verification.redaction import redacted
from iacfix.verification.target import Target, UnclearError, target_of

# Seconds between a change and the first look: AWS takes a while until what it answers is what holds.
DEFAULT_WAIT: Final = 300.0
LEAST_WAIT: Final = 30.0
MOST_WAIT: Final = 1800.0
# What a table of DynamoDB or a message can still hold; more is told by its digest and its beginning alone.
MOST_EVIDENCE: Final = 200_000
_LONGEST_SEEN = 1000


def checked_wait(seconds: float) -> float:
    """Raises ConfigurationError outside of what is allowed."""
    if not LEAST_WAIT <= seconds <= MOST_WAIT:
        raise ConfigurationError(
            f"a wait of {seconds:g} seconds is not allowed", remedy=f"give {LEAST_WAIT:g} to {MOST_WAIT:g}"
        )
    return seconds


def remaining(since: datetime, wait: float, now: datetime) -> float:
    """Seconds that are left of the wait, never more than all of it."""
    return min(max(wait - (now - since).total_seconds(), 0.0), wait)


def look(  # noqa: PLR0913 - what is looked at, who looks, and what is not the same in a test
    check: Check | None,
    control: str,
    resource: CloudResource,
    reader: PostureReader,
    *,
    now: Callable[[], datetime],
    pause: Callable[[float], None],
    new_id: Callable[[], str],
) -> Verification:
    """Never raises for what the resource, its name or AWS is like: whatever keeps it from looking is `error`."""
    ask: Ask | None = None
    try:
        checking = _known(check, control)
        target = target_of(resource, checking.kinds)
        ask = Ask(target, reader, checking.operations, pause)
        result, said = _judged(checking, ask, target)
    except UnclearError as error:
        result, said = Result.ERROR, str(error)
    except PostureError as error:
        result, said = Result.ERROR, _told(error)
    return Verification(
        id=new_id(),
        at=now().astimezone(UTC).isoformat(timespec="seconds"),
        control=control,
        resource=resource.identifier,
        check=check.name if check is not None else "",
        result=result,
        seen=_line(said),
        evidence=_evidence(ask),
        calls=ask.calls if ask is not None else 0,
    )


def _known(check: Check | None, control: str) -> Check:
    if check is None:
        raise UnclearError(f"no check of {control or 'an unknown control'} is known; a person has to look")
    return check


def _judged(check: Check, ask: Ask, target: Target) -> tuple[Result, str]:
    try:
        seen = check.judge(ask)
    except GoneError as gone:
        if not target.at.account and not target.kind.one_world:
            raise UnclearError(
                f"{gone}, but the resource's account is not known, so that it may be in another; give the account"
            ) from None
        return Result.RESOURCE_GONE, f"the {target.kind.name} is not there any more: {gone}"
    if not (target.at.account or target.kind.one_world or target.kind.by_chance):
        raise UnclearError(
            f"{seen.said}, but the resource's account is not known, and another may have a {target.kind.name} of this "
            "name; give the account"
        )
    return (Result.RESOLVED if seen.resolved else Result.STILL_OPEN), seen.said


def _told(error: PostureError) -> str:
    return f"nobody could look: {error}"


def _line(said: str) -> str:
    line = redact(" ".join(said.split()))
    line = "".join(character if character.isprintable() else "?" for character in line)
    return line[:_LONGEST_SEEN] or "nothing was said"


def _evidence(ask: Ask | None) -> str:
    if ask is None:
        return "{}"
    text = json.dumps({"calls": redacted(ask.evidence)}, sort_keys=True)
    if len(text) <= MOST_EVIDENCE:
        return text
    kept = [{key: value for key, value in each.items() if key != "answer"} for each in ask.evidence]
    return json.dumps({"calls": redacted(kept), "left_out": f"answers of {len(text)} characters"}, sort_keys=True)
