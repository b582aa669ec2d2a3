"""Looking at live resources: by AWS's own word, never by that of the tool that found the weakness or who fixed it."""

from collections.abc import Mapping
from functools import cache
from typing import Final

from iacfix.controls import load_catalogue
from iacfix.verification.asking import Operation
from iacfix.verification.check import Check
from iacfix.verification.checks import account, compute, databases, network, s3, services

CHECKS: Final[Mapping[str, Check]] = {
    check.name: check for room in (s3, network, databases, account, compute, services) for check in room.CHECKS
}


def operations(control_id: str) -> frozenset[Operation]:
    """What looking at a resource of this control of the shipped catalogue may call, by botocore's names of service and
    operation; nothing where it has no check.
    """
    return _by_control().get(control_id, frozenset())


def every_operation() -> frozenset[Operation]:
    """What any check may call."""
    return frozenset().union(*(check.operations for check in CHECKS.values()))


@cache
def _by_control() -> Mapping[str, frozenset[Operation]]:
    return {each.id: CHECKS[each.verify].operations for each in load_catalogue() if each.verify in CHECKS}
