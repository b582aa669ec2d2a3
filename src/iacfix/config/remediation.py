"""What a user can say about changing live resources."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RemediationSettings:
    """`accounts` are those that may be changed: none where none is named. `role_arn` is the role to start runbooks as,
    `runbook_role_arn` the one that they act as (the same, where it is ""), both with `{account}` in them. `deadline` is
    in seconds, from the start of a runbook to its end.
    """

    accounts: tuple[str, ...] = ()
    role_arn: str = ""
    runbook_role_arn: str = ""
    external_id: str = ""
    deadline: float = 2400.0
    starts_per_minute: int = 5
    approval_hours: float = 24.0
