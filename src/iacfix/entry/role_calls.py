"""Which calls each control makes in a member account, gathered from the rooms that make them."""

from collections.abc import Mapping
from pathlib import Path
from typing import cast

import yaml

from iacfix.controls import Catalogue
from iacfix.domain.errors import ConfigurationError, InputError
from iacfix.permissions import aws_runbooks, platform
from iacfix.permissions.roles import Calls, Kind
from iacfix.permissions.runbooks import calls_of_document
from iacfix.verification import operations

_LARGEST = 1_000_000


def calls_of(kind: Kind, catalogue: Catalogue, runbooks: Path) -> Calls:
    """`runbooks` is the folder of our own documents. Raises ConfigurationError, InputError."""
    match kind:
        case Kind.VERIFY:
            return verifying(catalogue)
        case Kind.REMEDIATE:
            return {
                control: frozenset(call for name in names for call in _calls_of(name, runbooks))
                for control, names in runbooks_of(catalogue).items()
            }
        case Kind.PLATFORM:
            return platform.CALLS


def verifying(catalogue: Catalogue) -> Calls:
    """What the checks of these controls ask."""
    return {control.id: operations(control.id) for control in catalogue}


def runbooks_of(catalogue: Catalogue) -> Mapping[str, frozenset[str]]:
    """The documents that mend the live resources of these controls, and those that restore them."""
    fixes = {control.id: control.runtime for control in catalogue}
    return {
        name: frozenset(run.runbook for run in (fix.run, fix.restore) if run is not None)
        for name, fix in fixes.items()
        if fix is not None
    }


def read_before(catalogue: Catalogue) -> Calls:
    """What is read of the live resources before and after, by who starts the runbooks."""
    return {
        control.id: frozenset({(control.runtime.reads.service, control.runtime.reads.operation)})
        for control in catalogue
        if control.runtime is not None
    }


def _calls_of(name: str, folder: Path) -> frozenset[tuple[str, str]]:
    if name in aws_runbooks.CALLS:
        return aws_runbooks.CALLS[name]
    path = folder / f"{name}.yaml"
    try:
        with path.open("rb") as file:
            read = file.read(_LARGEST + 1)
    except OSError as error:
        raise InputError(
            f"the runbook {path} cannot be read ({error.strerror})", remedy="name the folder with --runbooks"
        ) from error
    if len(read) > _LARGEST:
        raise InputError(f"the runbook {path} is larger than {_LARGEST} bytes")
    try:
        document: object = yaml.safe_load(read)
    except (yaml.YAMLError, RecursionError) as error:
        raise ConfigurationError(f"the runbook {path} is no YAML", remedy="correct it") from error
    if not isinstance(document, dict):
        raise ConfigurationError(f"the runbook {path} is no document", remedy="correct it")
    return calls_of_document(name, cast("Mapping[str, object]", document))
