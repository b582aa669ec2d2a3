"""Stage parse: the candidate is a diff that can be read, of one file or more."""

from dataclasses import replace

from iacfix.domain.errors import PatchError
from iacfix.patches import read_diff
from iacfix.validators.trial import RejectedError, Trial


def run(trial: Trial) -> Trial:
    try:
        return replace(trial, patches=read_diff(trial.candidate.diff))
    except PatchError as error:
        raise RejectedError(error.what, remedy=error.remedy) from None
