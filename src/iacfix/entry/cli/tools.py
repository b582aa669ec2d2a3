"""The programs and services beside iacfix that stages ask, as the configuration has them."""

import os
from collections.abc import Mapping
from pathlib import Path

from iacfix.adapters.aws.change_sets import ChangeSets
from iacfix.adapters.formatters.terraform import TerraformFormatter
from iacfix.adapters.planners.terraform import TerraformPlanner
from iacfix.adapters.scanners.checkov import CheckovScanner
from iacfix.adapters.source_tree import FileSystemTree
from iacfix.config import Settings
from iacfix.domain.location import Framework
from iacfix.ports import Planner, Scanner
from iacfix.validators import Tools
from iacfix.workflows.desk import Desk, WaitingPlanner, WaitingScanner

FORMAT_SECONDS = 20.0


def tools(settings: Settings, repository: str, desk: Desk | None = None) -> Tools:
    """For one repository, named by its folder. Who waits for one of them leaves the desk."""
    scanner, planners = _scanner(settings), _planners(settings, Path(repository))
    formatter = TerraformFormatter(
        settings.plan.command, search_path=os.environ.get("PATH", os.defpath), timeout=FORMAT_SECONDS
    )
    if desk is None:
        return Tools(scanner, planners, formatter)
    return Tools(
        WaitingScanner(scanner, desk) if scanner is not None else None,
        {framework: WaitingPlanner(planner, desk) for framework, planner in planners.items()},
        formatter,
    )


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
