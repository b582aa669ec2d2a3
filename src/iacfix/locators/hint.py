"""From a scanner's hint, checked against the file: its address is written there, or its lines fall in one block."""

import re
from pathlib import PurePosixPath

from iacfix.domain.errors import DocumentError, IacfixError, UnsafePathError
from iacfix.domain.finding import Finding, Hint
from iacfix.domain.location import Evidence, Location, LocationResult, NotLocated
from iacfix.iac.terraform.document import Block, TerraformDocument
from iacfix.locators.index import TERRAFORM
from iacfix.locators.places import location_of
from iacfix.locators.repository import TerraformRepository

STRATEGY = "scanner hint"
SURE, MOVED, BY_LINES = 1.0, 0.8, 0.7

_INDEX = re.compile(r"\[[^\]]*\]")


def locate(finding: Finding, repository: TerraformRepository) -> LocationResult:
    hint = finding.hint
    if not hint.path.endswith(TERRAFORM):
        return NotLocated(f"{_shown(hint.path)} is no Terraform file, which is all that can be located here today")
    try:
        paths = _paths(hint, repository)
        documents = [repository.document(path) for path in paths]
    except (UnsafePathError, DocumentError) as error:
        return NotLocated(str(error))
    except IacfixError as error:
        return NotLocated(error.what)
    if not documents:
        return NotLocated(f"the repository has no file {_shown(hint.path)}: give the folder that was scanned as --repo")
    moved = documents[0].path != hint.path
    found = [
        _location(document, block, hint, moved=moved) for document in documents for block in _blocks(document, hint)
    ]
    if len(found) == 1:
        return found[0]
    if found:
        return NotLocated("the scanner's address is written more than once", tuple(found))
    return NotLocated(f"{hint.address or 'a block at these lines'} is not written in {documents[0].path}")


def _paths(hint: Hint, repository: TerraformRepository) -> tuple[str, ...]:
    """The path itself, else the files that the scanner can have meant when it ran in another folder."""
    if repository.exists(hint.path):
        return (hint.path,)
    parts = PurePosixPath(hint.path).parts
    known = [path for path in repository.paths if path.endswith(TERRAFORM)]
    longer = [path for path in known if path.endswith("/" + hint.path)]
    shorter = [path for path in known if len(parts) > 1 and hint.path.endswith("/" + path)]
    return tuple(longer or shorter[-1:])


def _blocks(document: TerraformDocument, hint: Hint) -> list[Block]:
    wanted = _addresses(hint.address)
    named = [block for block in document.blocks if block.address in wanted]
    if len(named) > 1 and hint.start_line:
        return [block for block in named if block.start_line == hint.start_line] or named
    if named or hint.address or not hint.start_line:
        return named
    end = hint.end_line or hint.start_line
    return [block for block in document.blocks if block.start_line <= hint.start_line and end <= block.end_line]


def _addresses(address: str) -> frozenset[str]:
    """The address inside its own module, in each way a scanner may write it."""
    bare = _INDEX.sub("", address)
    parts = bare.split(".")
    while len(parts) > 2 and parts[0] == "module":  # noqa: PLR2004 - `module`, its name, and more behind it
        parts = parts[2:]
    local = ".".join(parts)
    return frozenset({bare, local, f"data.{local}", f"provider.{local}"}) if local else frozenset()


def _location(document: TerraformDocument, block: Block, hint: Hint, *, moved: bool) -> Location:
    at = f"{document.path}:{block.start_line}-{block.end_line}"
    evidence = [Evidence(STRATEGY, f"{block.address} stands at {at}")]
    if moved:
        evidence.append(Evidence(STRATEGY, f"the scanner wrote the path {_shown(hint.path)}"))
    if hint.address and hint.start_line and hint.start_line == block.start_line:
        evidence.append(Evidence(STRATEGY, "the scanner's lines agree"))
    confidence = BY_LINES if not hint.address else MOVED if moved else SURE
    return location_of(document, block, tuple(evidence), confidence)


def _shown(path: str) -> str:
    return path if path.isprintable() and len(path) <= 200 else repr(path[:200])  # noqa: PLR2004 - keeps the reason readable
