"""From an address (`module.a.module.b.aws_s3_bucket.logs`) to its block, through the calls of modules."""

from collections.abc import Iterator, Sequence

from iacfix.domain.location import CallSite
from iacfix.iac.entry import Entry
from iacfix.iac.terraform import files
from iacfix.locators.instances import local_source
from iacfix.locators.places import Place
from iacfix.locators.repository import Repository


def follow(repository: Repository, folder: str, modules: Sequence[str], resource_type: str, name: str) -> Place | str:
    """From the folder where Terraform runs. Ends at the call of a module that is not of the repository.

    In words where the trace ends.
    """
    calls: tuple[CallSite, ...] = ()
    for depth, module in enumerate(modules):
        here = list(written(repository, folder, "module", (module,)))
        if len(here) != 1:
            return f"{folder or 'the root'} holds {len(here) or 'no'} module.{module}"
        path, entry = here[0]
        calls += (CallSite(path, entry.address, entry.start_line),)
        target = local_source(path, entry)
        if target is None:
            inside = "".join(f"module.{each}." for each in modules[depth + 1 :])
            return Place(path, entry, (calls[:-1],), f"{inside}{resource_type}.{name}")
        folder = target
    blocks = list(written(repository, folder, "resource", (resource_type, name)))
    if len(blocks) != 1:
        return f"{folder or 'the root'} holds {len(blocks) or 'no'} {resource_type}.{name}"
    return Place(*blocks[0], (calls,))


def written(repository: Repository, folder: str, keyword: str, labels: tuple[str, ...]) -> Iterator[tuple[str, Entry]]:
    """The blocks of a folder by their labels, override files left out."""
    for path, entry in repository.index.entries(folder):
        if (entry.keyword, entry.labels) == (keyword, labels) and not files.is_override(path):
            yield path, entry
