"""The audit record as events of OCSF 1.3: Remediation Activity, 7001, with every field that the class requires.

Where a finding stands has no class of its own; what a record holds beyond the class is in `unmapped`, by our names.
"""

from collections.abc import Mapping
from datetime import datetime

from iacfix.domain.audit import AuditRecord, AuditResult

VERSION = "1.3.0"
CATEGORY, CLASS = 7, 7001
_RESTORE, _HARDEN, _OTHER = 3, 4, 99
_INFORMATIONAL, _HIGH = 1, 4
_RESOURCE_UID = 10  # what an observable is
_STATUS = {AuditResult.DONE: (1, "Success"), AuditResult.FAILED: (2, "Failure")}
_HARDENS = frozenset(
    f"finding.{state}"
    for state in ("fixing", "proposed", "pull_request_open", "remediating", "verifying", "fixed", "prevented")
)


def event(record: AuditRecord, product_version: str) -> Mapping[str, object]:
    said = record.event
    activity, activity_name = _activity(said.action)
    status_id, status = _STATUS.get(said.result, (_OTHER, said.result.value))
    uid = f"{record.chain}:{record.sequence}"
    return {
        "activity_id": activity,
        "activity_name": activity_name,
        "category_uid": CATEGORY,
        "category_name": "Remediation",
        "class_uid": CLASS,
        "class_name": "Remediation Activity",
        "type_uid": CLASS * 100 + activity,
        "severity_id": _HIGH if said.result is AuditResult.FAILED else _INFORMATIONAL,
        "time": _milliseconds(said.at),
        "timezone_offset": 0,
        "message": said.reason,
        "status_id": status_id,
        "status": status,
        "command_uid": said.key or uid,
        "actor": {"app_name": said.actor} if said.actor.startswith("iacfix") else {"user": {"name": said.actor}},
        "metadata": {
            "version": VERSION,
            "product": {"name": "iacfix", "vendor_name": "iacfix", "version": product_version},
            "profiles": ["host"],
            "uid": uid,
            "sequence": record.sequence,
            "event_code": said.action,
            "original_time": said.at,
            **({"correlation_uid": said.key} if said.key else {}),
        },
        **({"observables": [_observable(said.resource)]} if said.resource else {}),
        "unmapped": {
            "chain": record.chain,
            "previous": record.previous,
            "hash": record.hash,
            "finding": said.finding,
            "before": said.before,
            "after": said.after,
            "authorization": said.authorization,
        },
    }


def _activity(action: str) -> tuple[int, str]:
    if action in _HARDENS:
        return _HARDEN, "Harden"
    return (_RESTORE, "Restore") if "roll" in action else (_OTHER, action)


def _observable(resource: str) -> Mapping[str, object]:
    return {"name": "resource", "type": "Resource UID", "type_id": _RESOURCE_UID, "value": resource}


def _milliseconds(at: str) -> int:
    return int(datetime.fromisoformat(at).timestamp() * 1000)
