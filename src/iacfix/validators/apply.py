"""Stage apply: every hunk lands in exactly one place, and the result is code. In memory, all or nothing."""

from dataclasses import replace

from iacfix.domain.errors import IacfixError, PatchError
from iacfix.domain.proposal import Edit
from iacfix.domain.secrets import holds_secret
from iacfix.patches import FilePatch, apply_patch
from iacfix.validators.trial import Case, RejectedError, Trial


def run(trial: Trial) -> Trial:
    edits = tuple(_edit(trial.case, patch) for patch in trial.patches)
    changed = tuple(edit for edit in edits if edit.after != edit.before)
    if not changed:
        raise RejectedError("the diff changes nothing", remedy="write the lines as they are to become")
    trial = replace(trial, edits=changed)
    located = next((edit for edit in changed if edit.path == trial.case.location.path), None)
    return trial if located is None else trial.reading(located)


def _edit(case: Case, patch: FilePatch) -> Edit:
    path = _path(case, patch.path)
    try:
        before = case.read(path)
    except IacfixError:
        raise RejectedError(
            f"{path} cannot be read in the repository", remedy=f"edit {case.location.path} and no other file"
        ) from None
    within = (case.location.start, case.location.end) if path == case.location.path else None
    try:
        return Edit(path, before, apply_patch(before, patch, within=within, is_sensitive=holds_secret))
    except PatchError as error:
        raise RejectedError(f"{path}: {error.what}", remedy=error.remedy) from None


def _path(case: Case, path: str) -> str:
    """Authors shorten or lengthen the path; it is the located file when nothing else can be meant."""
    located = case.location.path
    if path == located or not (located.endswith("/" + path) or path.endswith("/" + located)):
        return path
    try:
        case.read(path)
    except IacfixError:
        return located
    return path
