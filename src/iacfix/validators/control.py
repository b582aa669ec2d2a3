"""Stage control: the control's own recipe finds nothing left to do. What it cannot judge is skipped, and says so."""

from iacfix.domain.control import Control
from iacfix.domain.proposal import AlreadyFixed, Candidate, Declined
from iacfix.validators import unguided
from iacfix.validators.trial import RejectedError, SkippedError, Trial


def run(trial: Trial) -> Trial:
    control = trial.case.control
    if control is None:
        raise SkippedError("the catalogue does not know this check, so nothing here says what a fix must make true")
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
            if weaker := unguided.given_up(trial.compared) or unguided.unseen(trial.compared):
                raise RejectedError(
                    f"{control.title}: the recipe cannot judge it, and {weaker}",
                    remedy="write the value itself, and leave the resource as it is otherwise",
                )
            raise SkippedError(f"the recipe of {control.id} cannot judge it: {reason}")
        case Candidate(diff):
            missing = [line[1:].strip() for line in diff.splitlines() if line[:1] == "+" and line[:3] != "+++"]
            wanted = "; ".join(line for line in missing if line)[:300]
            raise RejectedError(f"{control.title}: not yet so", remedy=f"make it true, for example with: {wanted}")


def _was_judged(trial: Trial, control: Control) -> bool:
    """Whether the recipe could tell before: then the change itself is what keeps it from telling."""
    return not isinstance(trial.case.recheck(control, trial.case.location, trial.case.code), Declined)
