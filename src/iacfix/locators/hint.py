"""From a scanner's hint, checked against the file: its address is written there, or its lines fall in one block."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from posixpath import dirname

from iacfix.domain.errors import DocumentError, IacfixError, UnsafePathError
from iacfix.domain.finding import Finding, Hint
from iacfix.domain.location import Evidence, Location, LocationResult, NotLocated
from iacfix.iac.entry import CLOUDFORMATION, NOT_FOLLOWED, Entry
from iacfix.iac.terraform import files
from iacfix.locators.follow import follow
from iacfix.locators.places import Place, locate_at
from iacfix.locators.repository import Repository
from iacfix.locators.template_entries import is_template_path

STRATEGY = "scanner hint"
SURE, MOVED, BY_LINES = 1.0, 0.8, 0.7

_NO_BLOCK = frozenset({"", NOT_FOLLOWED})
_INDEX = re.compile(r"\[[^\]]*\]")

Found = tuple[str, Entry]


def locate(finding: Finding, repository: Repository) -> LocationResult:
    hint = finding.hint
    if not _is_code(hint.path):
        return NotLocated(f"{_shown(hint.path)} is neither Terraform nor a CloudFormation template")
    try:
        paths = _paths(hint, repository)
        entries = [
            (path, entry)
            for path in paths
            for entry in repository.entries(path)
            if entry.keyword not in {"", NOT_FOLLOWED}
        ]
        found = [
            _location(path, entry, hint, repository)
            for path in paths
            for entry in _blocks([entry for where, entry in entries if where == path], repository.scanned(path), hint)
        ]
    except (UnsafePathError, DocumentError) as error:
        return NotLocated(str(error))
    except IacfixError as error:
        return NotLocated(error.what)
    if not paths:
        called = _calls(hint, repository)
        if len(called) == 1:
            return called[0]
        if called:
            return NotLocated("several calls lead to the scanner's address", tuple(called))
        return NotLocated(f"the repository has no file {_shown(hint.path)}: give the folder that was scanned as --repo")
    if len(found) == 1:
        return found[0]
    if found:
        return NotLocated("the scanner's address is written more than once", tuple(found))
    if not entries:
        return NotLocated(f"{paths[0]} holds no block of Terraform and no resource of a template")
    return NotLocated(f"{hint.address or 'a block at these lines'} is not written in {paths[0]}")


def _calls(hint: Hint, repository: Repository) -> list[Location]:
    """Scanners look into modules that are not of the repository: what can be changed is the call."""
    parts = _INDEX.sub("", hint.address).split(".")
    modules: list[str] = []
    while len(parts) > 2 and parts[0] == "module":  # noqa: PLR2004 - as above
        modules.append(parts[1])
        parts = parts[2:]
    if not modules or len(parts) != 2:  # noqa: PLR2004 - type and name
        return []
    folders = {dirname(path) for path, entry in repository.index.blocks("module") if entry.labels == (modules[0],)}
    places = (follow(repository, folder, modules, parts[0], parts[1]) for folder in sorted(folders))
    detail = f"{hint.address} is in {_shown(hint.path)}, which is no file of the repository"
    return [
        locate_at(place, repository, (Evidence(STRATEGY, detail),), MOVED)
        for place in places
        if isinstance(place, Place) and place.inner
    ]


def _is_code(path: str) -> bool:
    return files.is_terraform(path) or is_template_path(path)


def _paths(hint: Hint, repository: Repository) -> tuple[str, ...]:
    """The path itself, else the files that the scanner can have meant when it ran in another folder."""
    if repository.exists(hint.path):
        return (hint.path,)
    parts = PurePosixPath(hint.path).parts
    known = [path for path in repository.paths if _is_code(path)]
    longer = [path for path in known if path.endswith("/" + hint.path)]
    shorter = [path for path in known if len(parts) > 1 and hint.path.endswith("/" + path)]
    return tuple(longer or shorter[-1:])


def _blocks(entries: list[Entry], scanned: Sequence[Entry], hint: Hint) -> list[Entry]:
    """Of the entries as they stand now. Lines are looked up in what the scanner saw: a change before may have moved all
    that follows, onto another block.
    """
    wanted = _addresses(hint.address)
    named = [entry for entry in entries if wanted.intersection(_names(entry))]
    if len(named) > 1 and hint.start_line:
        first = [entry for entry in scanned if wanted.intersection(_names(entry))]
        at = [number for number, entry in enumerate(first) if entry.start_line == hint.start_line]
        return [named[at[0]]] if len(at) == 1 and len(first) == len(named) else named
    if named or hint.address or not hint.start_line:
        return named
    end = hint.end_line or hint.start_line
    known = {entry.address for entry in scanned if entry.start_line <= hint.start_line and end <= entry.end_line}
    return [entry for entry in entries if entry.address in known]


def _names(entry: Entry) -> tuple[str, ...]:
    """What scanners call it."""
    if entry.keyword != CLOUDFORMATION:
        return (entry.address,)
    kind, logical_id = entry.labels
    return logical_id, entry.address, f"{kind}.{logical_id}"


def _addresses(address: str) -> frozenset[str]:
    """The address inside its own module, in each way a scanner may write it."""
    bare = _INDEX.sub("", address)
    parts = bare.split(".")
    while len(parts) > 2 and parts[0] == "module":  # noqa: PLR2004 - a module, its name, and more
        parts = parts[2:]
    local = ".".join(parts)
    return frozenset({bare, local, f"data.{local}", f"provider.{local}"}) if local else frozenset()


def _location(path: str, entry: Entry, hint: Hint, repository: Repository) -> Location:
    moved = path != hint.path
    evidence = [Evidence(STRATEGY, f"{entry.address} stands at {path}:{entry.start_line}-{entry.end_line}")]
    if moved:
        evidence.append(Evidence(STRATEGY, f"the scanner wrote the path {_shown(hint.path)}"))
    if hint.address and hint.start_line and hint.start_line == entry.start_line:
        evidence.append(Evidence(STRATEGY, "the scanner's lines agree"))
    confidence = BY_LINES if not hint.address else MOVED if moved else SURE
    return locate_at(Place(path, entry), repository, tuple(evidence), confidence)


def _shown(path: str) -> str:
    return path if path.isprintable() and len(path) <= 200 else repr(path[:200])  # noqa: PLR2004 - keeps the reason readable
