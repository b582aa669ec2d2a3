"""What changing live resources may read, and start."""

from collections.abc import Iterable

from iacfix.domain.control import Control

Operation = tuple[str, str]
"""Service and operation, by names of the service's model."""

FOLLOWING: frozenset[Operation] = frozenset(
    {
        ("ssm", "StartAutomationExecution"),
        ("ssm", "GetAutomationExecution"),
        ("ssm", "StopAutomationExecution"),
        ("ssm", "AddTagsToResource"),
    }
)
"""Of whoever starts runbooks. `iam:PassRole` for the role that they act as comes to it."""


def reads(controls: Iterable[Control]) -> frozenset[Operation]:
    """What is read before and after."""
    fixes = (each.runtime for each in controls)
    return frozenset((fix.reads.service, fix.reads.operation) for fix in fixes if fix is not None)


def runbooks(controls: Iterable[Control]) -> frozenset[str]:
    """The documents that are started, those of the way back too."""
    fixes = [each.runtime for each in controls if each.runtime is not None]
    runs = [fix.run for fix in fixes] + [fix.restore for fix in fixes if fix.restore is not None]
    return frozenset(run.runbook for run in runs)
