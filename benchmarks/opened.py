"""A repository opened as a run of iacfix opens it, and findings that say nothing but an ARN."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from benchmarks.repository import Thing

from iacfix.adapters.index_cache import index_cache
from iacfix.adapters.source_tree import FileSystemTree
from iacfix.domain.finding import CloudResource, Finding
from iacfix.domain.location import Location
from iacfix.locators.entries import version
from iacfix.locators.locate import locate
from iacfix.locators.repository import Repository


def opened(folder: Path) -> Repository:
    """With the cache that an earlier run left, where there was one."""
    tree = FileSystemTree(folder, environment=os.environ)
    return Repository(tree, index_cache(tree.work_tree, version()))


def forget(folder: Path) -> None:
    """As if iacfix had never run here."""
    shutil.rmtree(folder / ".git" / "iacfix", ignore_errors=True)


def finding_of(arn: str) -> Finding:
    return Finding("benchmark", arn, "", "", CloudResource("", arn))


def locate_all(repository: Repository, made: Sequence[Thing], findings: int) -> None:
    """Evenly over the repository; fails when one is not located where it is written."""
    for number in range(findings):
        thing = made[number * len(made) // findings]
        found = locate(finding_of(thing.arn), repository)
        assert isinstance(found, Location), found
        assert (found.path, found.address) == (thing.path, thing.address), found
