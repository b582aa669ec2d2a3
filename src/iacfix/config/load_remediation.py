"""From the part of `iacfix.yaml` about changing live resources to its settings. The schema has been checked before."""

from collections.abc import Mapping
from typing import cast

from iacfix.config.remediation import RemediationSettings


def remediation_settings(entry: Mapping[str, object]) -> RemediationSettings:
    standard = RemediationSettings()
    return RemediationSettings(
        accounts=tuple(str(each) for each in cast("list[object]", entry.get("accounts", []))),
        role_arn=str(entry.get("role_arn", "")),
        runbook_role_arn=str(entry.get("runbook_role_arn", "")),
        external_id=str(entry.get("external_id", "")),
        deadline=float(cast("float", entry.get("deadline", standard.deadline))),
        starts_per_minute=int(cast("float", entry.get("starts_per_minute", standard.starts_per_minute))),
        approval_hours=float(cast("float", entry.get("approval_hours", standard.approval_hours))),
    )
