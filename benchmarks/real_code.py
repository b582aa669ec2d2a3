"""Folders of code that others wrote: which files there are, and what each is when it is read."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from iacfix.adapters.source_tree import FileSystemTree
from iacfix.domain.errors import DocumentError, IacfixError
from iacfix.iac.cloudformation.detect import is_template
from iacfix.iac.cloudformation.document import CloudFormationDocument
from iacfix.iac.terraform import files
from iacfix.iac.terraform.json_document import AnyDocument, read_document

TEMPLATES = (".yaml", ".yml", ".json", ".template")


@dataclass(frozen=True, slots=True)
class Unread:
    """`line` is 0 where it is not known."""

    path: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Parsed:
    terraform: tuple[AnyDocument, ...]
    templates: tuple[CloudFormationDocument, ...]
    unread: tuple[Unread, ...]

    @property
    def resources(self) -> int:
        blocks = (block for document in self.terraform for block in document.blocks)
        return sum(block.keyword == "resource" for block in blocks) + sum(
            len(each.resources) for each in self.templates
        )


def existing(written: Sequence[str]) -> list[Path]:
    """Ends the run where one is no folder."""
    absent = [folder for folder in written if not Path(folder).is_dir()]
    if absent:
        raise SystemExit(f"no such folder: {', '.join(absent)}; give folders of code that is on this machine")
    return [Path(folder).resolve() for folder in written]


def texts(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Path and content of every file that can be code."""
    tree = FileSystemTree(folder, environment=os.environ)
    for path in tree.files((*files.SUFFIXES, *TEMPLATES)):
        yield path, tree.read(path)


def read(folder: Path) -> Parsed:
    terraform: list[AnyDocument] = []
    templates: list[CloudFormationDocument] = []
    unread: list[Unread] = []
    for path, data in texts(folder):
        try:
            if path.endswith(files.SUFFIXES):
                terraform.append(read_document(path, data))
            elif is_template(data):
                templates.append(CloudFormationDocument.read(path, data))
        except IacfixError as error:
            unread.append(Unread(path, error.line if isinstance(error, DocumentError) else 0, error.what))
    return Parsed(tuple(terraform), tuple(templates), tuple(unread))
