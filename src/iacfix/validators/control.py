"""Stage control: the control's own recipe finds nothing left to do. What it cannot judge is skipped, and says so."""

from iacfix.domain.control import Control
from iacfix.domain.proposal import AlreadyFixed, Candidate, Declined, Generated
from iacfix.validators.trial import Origin, RejectedError, SkippedError, Trial


def run(trial: Trial) -> Trial:
    control = trial.case.control
    if control is None:
        raise _skipped(trial, "the catalogue does not know this check, so nothing here says what a fix must make true")
    if trial.case.origin is not None:
        return _at_origin(trial, control, trial.case.origin)
    match trial.case.recheck(control, trial.case.location, trial.code_after):
        case AlreadyFixed():
            return trial
        case Declined(reason, unproven):
            if unproven or _was_judged(trial, control):
                raise RejectedError(
                    f"{control.title}: nothing shows that it is so now: {reason}",
                    remedy="write the value itself, where the resource is written",
                )
            if not trial.touches_settings:
                raise RejectedError(
                    f"{control.title}: the change leaves everything that decides it as it was",
                    remedy=f"change what the finding is about: {', '.join(sorted(trial.settings))}",
                )
            raise _skipped(trial, f"the recipe of {control.id} cannot judge it: {reason}")
        case Candidate(diff):
            missing = [line[1:].strip() for line in diff.splitlines() if line[:1] == "+" and line[:3] != "+++"]
            wanted = "; ".join(line for line in missing if line)[:300]
            raise RejectedError(f"{control.title}: not yet so", remedy=f"make it true, for example with: {wanted}")


def _skipped(trial: Trial, reason: str) -> RejectedError | SkippedError:
    """What nobody can judge is at least no change without an effect."""
    if overruled := trial.overruled:
        return RejectedError(overruled, remedy="change the value where it is set")
    return SkippedError(reason)


def _was_judged(trial: Trial, control: Control) -> bool:
    """Whether the recipe could tell before: then the change itself is what keeps it from telling."""
    return not isinstance(trial.case.recheck(control, trial.case.location, trial.case.code), Declined)


def _at_origin(trial: Trial, control: Control, origin: Origin) -> Trial:
    """Nothing is left to do there, and it hangs on nothing but the value that was changed."""
    if reason := unmended(trial.case.recheck(control, origin.location, origin.after(trial.edits[0].after)), origin):
        raise RejectedError(f"{control.title}: {reason}", remedy="write the value that is wanted")
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
