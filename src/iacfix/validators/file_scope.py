"""Stage file scope: only the file in which the resource was located."""

from iacfix.validators.trial import RejectedError, Trial


def run(trial: Trial) -> Trial:
    located = trial.case.location.path
    if others := [edit.path for edit in trial.edits if edit.path != located]:
        raise RejectedError(f"it changes {', '.join(others)}", remedy=f"edit {located} and no other file")
    return trial
