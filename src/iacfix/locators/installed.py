"""Modules of registries and git as `terraform init` left them: `.terraform/modules/modules.json` and what it names."""

import json
from collections.abc import Mapping, Sequence
from posixpath import join, normpath
from typing import cast

from iacfix.domain.errors import IacfixError
from iacfix.domain.location import CallSite
from iacfix.iac.terraform import files
from iacfix.iac.terraform.document import TerraformDocument
from iacfix.locators.repository import Repository

MANIFEST = ".terraform/modules/modules.json"


def installed(repository: Repository, root: str, calls: Sequence[CallSite]) -> tuple[TerraformDocument, ...]:
    """The files of the module that the last of these calls makes; none where it is not there, or outside.

    `root` is the folder where Terraform runs, that of the first call.
    """
    try:
        folder = _folders(repository.read(join(root, MANIFEST))).get(".".join(_name(call) for call in calls))
        if folder is None:
            return ()
        inside = normpath(join(root, folder))
        names = repository.names_in(inside)
        found = [TerraformDocument.read(path, repository.read(path)) for path in _code(inside, names)]
    except IacfixError:
        return ()
    return tuple(found)


def _name(call: CallSite) -> str:
    return call.address.removeprefix("module.")


def _code(folder: str, names: Sequence[str]) -> list[str]:
    paths = files.without_shadowed(join(folder, name) for name in names)
    return [path for path in paths if files.is_terraform(path) and not files.is_json(path)]


def _folders(data: bytes) -> Mapping[str, str]:
    """By the dotted names of calls. Written by Terraform; anything else in it is left out."""
    try:
        manifest: object = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    listed = manifest.get("Modules") if isinstance(manifest, dict) else None
    found: dict[str, str] = {}
    for each in cast("list[object]", listed) if isinstance(listed, list) else ():
        if isinstance(each, dict):
            key, folder = each.get("Key"), each.get("Dir")
            if isinstance(key, str) and isinstance(folder, str):
                found[key] = folder
    return found
