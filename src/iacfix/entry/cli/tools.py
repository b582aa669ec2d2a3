"""The programs and services beside iacfix that stages ask, as the configuration has them."""

import os
from collections.abc import Mapping
from pathlib import Path

from iacfix.adapters.aws.change_sets import ChangeSets
from iacfix.adapters.planners.terraform import TerraformPlanner
from iacfix.adapters.scanners.checkov import CheckovScanner
from iacfix.adapters.source_tree import FileSystemTree
from iacfix.config import Settings
from iacfix.domain.location import Framework
from iacfix.ports import Planner, Scanner
from iacfix.validators import Tools


def tools(settings: Settings, repository: str) -> Tools:
    """For one repository, named by its folder."""
    return Tools(_scanner(settings), _planners(settings, Path(repository)))


def _scanner(settings: Settings) -> Scanner | None:
    """Also where it is not installed: then the stage says so."""
    options = settings.rescan
    if not options.enabled:
        return None
    return CheckovScanner(options.command, search_path=os.environ.get("PATH", os.defpath), timeout=options.timeout)


def _planners(settings: Settings, repository: Path) -> Mapping[Framework, Planner]:
    found: dict[Framework, Planner] = {}
    if settings.plan.enabled:
        found[Framework.TERRAFORM] = TerraformPlanner(repository, settings.plan, os.environ)
    if settings.change_set.stacks:
        tree = FileSystemTree(repository, environment=os.environ)
        found[Framework.CLOUDFORMATION] = ChangeSets(settings.change_set, tree.read)
    return found
