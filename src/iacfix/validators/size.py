"""Stage size: few enough changed lines for a person to review."""

from iacfix.patches import count_changed_lines
from iacfix.validators.trial import RejectedError, Trial


def run(trial: Trial) -> Trial:
    changed, limit = count_changed_lines(trial.edits), trial.case.max_changed_lines
    if changed > limit:
        raise RejectedError(
            f"{changed} lines are changed, and {limit} is the most",
            remedy="change only what the finding is about, and leave layout and other lines alone",
        )
    return trial
