"""Writing accepted changes into a work tree."""

import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from iacfix.adapters.git import find_work_tree, open_git
from iacfix.adapters.source_tree import FileSystemTree, dirty_files
from iacfix.domain.errors import InputError, UnsafePathError
from iacfix.domain.proposal import Edit


def write_edits(root: Path, edits: Iterable[Edit], *, environment: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Each file as its edit says, replaced in one step, its mode kept. Returns the paths.

    Nothing is written unless every file still reads as its edit's `before`, and git knows no uncommitted change of it.
    Raises InputError, UnsafePathError.
    """
    tree = FileSystemTree(root, environment=environment)
    wanted = tuple(edits)
    if not wanted:
        return ()
    for edit in wanted:
        if tree.read(edit.path) != edit.before:
            raise InputError(f"{edit.path} was changed while iacfix ran", remedy="run it again")
    real = {edit.path: Path(os.path.realpath(root / edit.path)) for edit in wanted}
    dirty = _dirty(root, environment)
    top = Path(os.path.realpath(root))
    if in_the_way := {path for path, file in real.items() if {path, file.relative_to(top).as_posix()} & dirty}:
        raise InputError(
            f"{', '.join(sorted(in_the_way))} has uncommitted changes", remedy="commit or stash them, then run it again"
        )
    for edit in wanted:
        try:
            _replace(real[edit.path], edit.after)
        except OSError as error:
            what = f"{edit.path} cannot be written: {error.strerror}"
            raise InputError(what, remedy="let iacfix write there") from error
    return tuple(edit.path for edit in wanted)


def write_file(root: Path, path: str, before: bytes | None, after: bytes) -> None:
    """One file, made where `before` is None, replaced in one step; whatever git says of it. Raises InputError where it
    does not stand as `before` any more, UnsafePathError where a link leads out of the root.
    """
    tree = FileSystemTree(root)
    if (tree.read(path) if tree.exists(path) else None) != before:
        raise InputError(f"{path} was changed meanwhile", remedy="run it again")
    top, file = Path(os.path.realpath(root)), Path(os.path.realpath(root / path))
    if not file.is_relative_to(top):
        raise UnsafePathError(f"{path} leads out of {root}")
    try:
        if before is None:
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("xb") as made:
                made.write(after)
        else:
            _replace(file, after)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}", remedy="let iacfix write there") from error


def _dirty(root: Path, environment: Mapping[str, str] | None) -> frozenset[str]:
    """Outside a git repository there are no commits that a change could be missing from."""
    if find_work_tree(open_git(root, environment)) is None:
        return frozenset()
    return dirty_files(root, environment=environment)


def _replace(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".iacfix-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).chmod(path.stat().st_mode & 0o7777)
        Path(name).replace(path)
    except BaseException:  # an interrupt too: nothing half written stays, and whatever it was goes on
        Path(name).unlink(missing_ok=True)
        raise
