"""A module as its one caller in the repository uses it: what the call gives stands for its variables."""

from dataclasses import replace
from posixpath import dirname

from iacfix.iac.terraform import files
from iacfix.iac.terraform.document import TerraformDocument
from iacfix.iac.terraform.module import Module
from iacfix.locators.instances import MAX_DEPTH, META, sealed
from iacfix.locators.repository import Repository


def used(folder: str, repository: Repository, changed: TerraformDocument | None = None, depth: int = 0) -> Module:
    """By itself where nobody calls it, or several do. `changed` is a file as it would be, in any folder."""
    module = repository.module(folder)
    if changed is not None and dirname(changed.path) == folder:
        module = _changed(module, repository.document(changed.path), changed)
    callers = repository.instances.callers.get(folder, ())
    if len(callers) != 1 or depth > MAX_DEPTH:
        return module
    path, entry = callers[0]
    caller = used(dirname(path), repository, changed, depth + 1)
    written = caller.main.get(entry.address, ())
    if len(written) != 1:
        return module
    arguments = [item for item in written[0][1].attributes if item.name not in META]
    return replace(module, tfvars={item.name: sealed(caller.resolve(item.value)) for item in arguments})


def _changed(module: Module, before: TerraformDocument, after: TerraformDocument) -> Module:
    if not files.is_variables(after.path):
        return module.with_document(after)
    old = {item.name: item.value for item in before.assignments}
    new = {item.name: item.value for item in after.assignments if item.value != old.get(item.name)}
    return replace(module, tfvars={**module.tfvars, **new})
