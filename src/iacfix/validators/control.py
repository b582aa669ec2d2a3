"""Stage control: the control's own recipe finds nothing left to do. What has no recipe is skipped, and says so."""

from iacfix.domain.proposal import AlreadyFixed, Candidate, Declined
from iacfix.validators.trial import RejectedError, SkippedError, Trial


def run(trial: Trial) -> Trial:
    control = trial.case.control
    if control is None:
        raise SkippedError("the catalogue does not know this check, so nothing here says what a fix must make true")
    match trial.case.recheck(control, trial.case.location, trial.module_after):
        case AlreadyFixed():
            return trial
        case Declined(reason):
            raise SkippedError(f"the recipe of {control.id} cannot judge it: {reason}")
        case Candidate(diff):
            missing = [line[1:].strip() for line in diff.splitlines() if line[:1] == "+" and line[:3] != "+++"]
            wanted = "; ".join(line for line in missing if line)[:300]
            raise RejectedError(f"{control.title}: not yet so", remedy=f"make it true, for example with: {wanted}")
