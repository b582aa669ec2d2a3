"""Where SARIF goes: on stdout, into a file beside another output, or both."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from iacfix.adapters.source_tree import FileSystemTree
from iacfix.controls import Catalogue
from iacfix.domain.errors import InputError
from iacfix.domain.outcome import Outcome
from iacfix.entry.cli.sarif import sarif_log


def check_sarif(repo: str | None, output: str, file: Path | None, *, apply_edits: bool) -> bool:
    """Whether SARIF is asked for: then no fix builds on another, since each speaks of a file as it is."""
    if output != "sarif" and file is None:
        return False
    if repo is None:
        raise click.UsageError("SARIF speaks of one repository: give --repo")
    if output == "diff" or apply_edits:
        raise click.UsageError("fixes of SARIF stand alone, and do not add up to one patch or to --apply")
    return True


def show_sarif(
    outcomes: Sequence[Outcome], catalogue: Catalogue, repo: str, file: Path | None, *, on_stdout: bool
) -> None:
    """Raises InputError where the file cannot be written."""
    if file is None and not on_stdout:
        return
    tree = FileSystemTree(Path(repo), environment=os.environ).work_tree
    data = sarif_log(outcomes, catalogue, tree.prefix if tree is not None else "").encode()
    if on_stdout:
        sys.stdout.buffer.write(data)
    if file is not None:
        try:
            file.write_bytes(data)
        except OSError as error:
            raise InputError(f"{file} cannot be written: {error.strerror}", remedy="give another --sarif") from None
