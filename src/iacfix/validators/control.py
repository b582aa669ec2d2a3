"""Stage control: what the control asserts is so, and its own recipe finds nothing left to do. What neither can judge is
skipped, and says so.

The two are written apart, and only read the code as it is after the change; where they differ, the change is refused.
"""

from iacfix.domain.control import Control
from iacfix.domain.proposal import AlreadyFixed, Candidate, Declined, Generated
from iacfix.validators import unguided
from iacfix.validators.assertions.truth import Answer, Truth
from iacfix.validators.terraform import reading
from iacfix.validators.trial import Origin, RejectedError, SkippedError, Trial

_PLAIN = frozenset({Truth.YES, Truth.NO})


def run(trial: Trial) -> Trial:
    control = trial.case.control
    if control is None:
        raise _skipped(trial, "the catalogue does not know this check, so nothing here says what a fix must make true")
    if trial.case.origin is not None:
        return _at_origin(trial, control, trial.case.origin)
    answer = trial.asserted(control, trial.code_after)
    left = trial.case.recheck(control, trial.case.location, trial.code_after)
    if isinstance(left, Declined) and (left.unproven or _was_judged(trial, control)):
        raise _unshown(control, left.reason)
    if answer.truth is Truth.NO:
        raise RejectedError(f"{control.title}: not yet so: {answer.reason}", remedy=f"make it true{_example(left)}")
    if answer.truth is not Truth.YES and trial.asserted(control, trial.case.code).truth in _PLAIN:
        raise _unshown(control, answer.reason)  # the change itself keeps it from being told
    return _together(trial, control, answer, left)


def _together(trial: Trial, control: Control, answer: Answer, left: Generated) -> Trial:
    """What both witnesses say, where neither says no."""
    match left:
        case AlreadyFixed():
            if answer.truth is Truth.UNKNOWN:
                raise _skipped(trial, f"what {control.id} asserts cannot be judged: {answer.reason}")
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
        if weaker := unguided.given_up(trial.compared) or unguided.unseen(trial.compared):
            return RejectedError(
                f"{control.title}: the recipe cannot judge it, and {weaker}",
                remedy="write the value itself, and leave the resource as it is otherwise",
            )
        return _skipped(trial, f"the recipe of {control.id} cannot judge it: {reason}")
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


def _skipped(trial: Trial, reason: str) -> RejectedError | SkippedError:
    """What nobody can judge is at least no change without an effect."""
    if overruled := trial.overruled:
        return RejectedError(overruled, remedy="change the value where it is set")
    return SkippedError(reason)


def _was_judged(trial: Trial, control: Control) -> bool:
    """Whether the recipe could tell before: then the change itself is what keeps it from telling."""
    return not isinstance(trial.case.recheck(control, trial.case.location, trial.case.code), Declined)


def _at_origin(trial: Trial, control: Control, origin: Origin) -> Trial:
    """Nothing is left to do there, it hangs on nothing but the value that was changed, and so does the assertion."""
    after = origin.after(trial.edits[0].after)
    if reason := unmended(trial.case.recheck(control, origin.location, after), origin):
        raise RejectedError(f"{control.title}: {reason}", remedy="write the value that is wanted")
    answer = reading.holds(control, after, origin.location.address, trial.case.defaults)
    if answer.truth not in {Truth.YES, Truth.ASSUMED}:
        raise RejectedError(f"{control.title}: not yet so: {answer.reason}", remedy="write the value that is wanted")
    return trial


def unmended(found: Generated, origin: Origin) -> str:
    """What is still missing at the origin, "" where nothing is.

    The recipe has to see that setting, by that name, and find it right: anything else it says of something else.
    """
    address = origin.location.address
    match found:
        case AlreadyFixed(reason):
            return f"whether it is so for {address} then is not judged by that value: {reason}"
        case Declined(assumed=assumed) if assumed and set(assumed) == {origin.reading}:
            return ""
        case Declined(reason):
            return f"that alone does not show that it is so for {address}: {reason}"
        case Candidate(explanation=explanation):
            return f"that alone is not enough for {address}, which still lacks something: {explanation}"
