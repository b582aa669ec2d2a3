"""Stage control: what the control asserts is so, and its own recipe finds nothing left to do. What neither can judge is
skipped, and says so.

The two are written apart, and only read the code as it is after the change; where they differ, the change is refused.
"""

from iacfix.domain.control import Control
from iacfix.domain.proposal import AlreadyFixed, Candidate, Declined, Generated
from iacfix.validators.assertions.truth import Truth
from iacfix.validators.trial import RejectedError, SkippedError, Trial

_PLAIN = frozenset({Truth.YES, Truth.NO})


def run(trial: Trial) -> Trial:
    control = trial.case.control
    if control is None:
        raise SkippedError("the catalogue does not know this check, so nothing here says what a fix must make true")
    answer = trial.asserted(control, trial.code_after)
    left = trial.case.recheck(control, trial.case.location, trial.code_after)
    if isinstance(left, Declined) and (left.unproven or _was_judged(trial, control)):
        raise _unshown(control, left.reason)
    if answer.truth is Truth.NO:
        raise RejectedError(f"{control.title}: not yet so: {answer.reason}", remedy=f"make it true{_example(left)}")
    if answer.truth is not Truth.YES and trial.asserted(control, trial.case.code).truth in _PLAIN:
        raise _unshown(control, answer.reason)  # the change itself keeps it from being told
    match left:
        case AlreadyFixed():
            if answer.truth is Truth.UNKNOWN:
                raise SkippedError(f"what {control.id} asserts cannot be judged: {answer.reason}")
            return trial
        case Declined(reason):
            if answer.truth is Truth.YES:
                return trial
            raise _unjudged(trial, control, reason)
        case Candidate():
            raise RejectedError(f"{control.title}: not yet so", remedy=f"make it true{_example(left)}")


def _unshown(control: Control, reason: str) -> RejectedError:
    return RejectedError(
        f"{control.title}: nothing shows that it is so now: {reason}",
        remedy="write the value itself, where the resource is written",
    )


def _unjudged(trial: Trial, control: Control, reason: str) -> RejectedError | SkippedError:
    if trial.touches_settings:
        return SkippedError(f"the recipe of {control.id} cannot judge it: {reason}")
    return RejectedError(
        f"{control.title}: the change leaves everything that decides it as it was",
        remedy=f"change what the finding is about: {', '.join(sorted(trial.settings))}",
    )


def _example(left: Generated) -> str:
    if not isinstance(left, Candidate):
        return ""
    missing = [line[1:].strip() for line in left.diff.splitlines() if line[:1] == "+" and line[:3] != "+++"]
    wanted = "; ".join(line for line in missing if line)[:300]
    return f", for example with: {wanted}"


def _was_judged(trial: Trial, control: Control) -> bool:
    """Whether the recipe could tell before: then the change itself is what keeps it from telling."""
    return not isinstance(trial.case.recheck(control, trial.case.location, trial.case.code), Declined)
