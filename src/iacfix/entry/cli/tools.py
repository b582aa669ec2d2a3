"""The programs and services beside iacfix that stages ask, as the configuration has them."""

import os

from iacfix.adapters.scanners.checkov import CheckovScanner
from iacfix.config import Settings
from iacfix.ports import Scanner
from iacfix.validators import Tools


def tools(settings: Settings, repository: str) -> Tools:
    """For one repository, named by its folder."""
    return Tools(_scanner(settings))


def _scanner(settings: Settings) -> Scanner | None:
    """Also where it is not installed: then the stage says so."""
    options = settings.assurance.rescan
    if not options.enabled:
        return None
    return CheckovScanner(options.command, search_path=os.environ.get("PATH", os.defpath), timeout=options.timeout)
