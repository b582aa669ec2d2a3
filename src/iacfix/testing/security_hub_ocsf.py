"""A finding as Security Hub V2 shows it (OCSF), and what filters of V2 select.

By the schema and the documentation alone: no finding of a real Security Hub V2 was at hand.
"""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime

from iacfix.testing.security_hub_filters import BadFilterError

STATUS_OF = {"NEW": 1, "NOTIFIED": 2, "SUPPRESSED": 3, "RESOLVED": 4}
_STATUS_NAMES = {1: "New", 2: "In Progress", 3: "Suppressed", 4: "Resolved", 5: "Archived"}
_ARCHIVED = 5
_SEVERITIES = {
    "INFORMATIONAL": (1, "Informational"),
    "LOW": (2, "Low"),
    "MEDIUM": (3, "Medium"),
    "HIGH": (4, "High"),
} | {"CRITICAL": (5, "Critical")}
_COMPLIANCE = {"PASSED": "Pass", "FAILED": "Fail", "WARNING": "Warning"}

Body = Mapping[str, object]


def metadata_uid(finding: Body) -> str:
    return hashlib.sha256(f"{finding['ProductArn']}\n{finding['Id']}".encode()).hexdigest()


def ocsf(finding: Body) -> dict[str, object]:
    severity, workflow, compliance = (_mapping(finding.get(name)) for name in ("Severity", "Workflow", "Compliance"))
    number, word = _SEVERITIES.get(str(severity.get("Label", "")), (0, "Unknown"))
    status = _ARCHIVED if finding.get("RecordState") == "ARCHIVED" else STATUS_OF[str(workflow.get("Status", "NEW"))]
    view: dict[str, object] = {
        "class_uid": 2003,
        "class_name": "Compliance Finding",
        "category_uid": 2,
        "activity_id": 1,
        "metadata": {
            "uid": metadata_uid(finding),
            "product": {"uid": finding["ProductArn"], "name": finding.get("ProductName", "Security Hub")},
        },
        "finding_info": {
            "uid": finding["Id"],
            "title": finding["Title"],
            "desc": finding["Description"],
            "created_time_dt": finding["CreatedAt"],
            "modified_time_dt": finding["UpdatedAt"],
        },
        "severity": word,
        "severity_id": number,
        "status": _STATUS_NAMES[status],
        "status_id": status,
        "cloud": {"account": {"uid": finding["AwsAccountId"]}, "provider": "AWS", "region": finding.get("Region", "")},
        "compliance": {
            "control": compliance.get("SecurityControlId", finding["GeneratorId"]),
            "status": _COMPLIANCE.get(str(compliance.get("Status", "FAILED")), "Unknown"),
        },
        "resources": [_resource(each) for each in _list(finding["Resources"])],
        "time_dt": finding["UpdatedAt"],
    }
    if note := _mapping(finding.get("Note")):
        view["comment"] = note.get("Text", "")
    return view


def _resource(resource: Body) -> Body:
    tags = [{"name": name, "value": value} for name, value in _mapping(resource.get("Tags")).items()]
    identity = str(resource["Id"])
    return {
        "uid": identity,
        "type": resource["Type"],
        "name": identity.rpartition(":")[2],
        "region": resource.get("Region", ""),
    } | ({"tags": tags} if tags else {})


def matches_v2(view: Body, filters: Body) -> bool:
    """Raises BadFilterError."""
    groups = _list(filters.get("CompositeFilters"))
    said = [_group(view, each) for each in groups]
    return not said or (any(said) if filters.get("CompositeOperator") == "OR" else all(said))


def _group(view: Body, group: Body) -> bool:
    said = [
        _asked(view, kind, each)
        for kind in ("StringFilters", "NumberFilters", "DateFilters")
        for each in _list(group.get(kind))
    ]
    if not said or group.keys() - {"StringFilters", "NumberFilters", "DateFilters", "Operator"}:
        raise BadFilterError("a composite filter has filters of texts, numbers or dates here")
    return any(said) if group.get("Operator") == "OR" else all(said)


def _asked(view: Body, kind: str, given: Body) -> bool:
    values, asked = list(_at(view, str(given["FieldName"]).split("."))), _mapping(given["Filter"])
    if kind == "NumberFilters":
        if asked.keys() != {"Eq"}:
            raise BadFilterError("numbers are compared by Eq here")
        return asked["Eq"] in values
    if kind == "DateFilters":
        start, end = (datetime.fromisoformat(str(asked[name])) for name in ("Start", "End"))
        return any(start <= datetime.fromisoformat(str(each)) <= end for each in values)
    if asked.get("Comparison") != "EQUALS":
        raise BadFilterError("texts are compared by EQUALS here")
    return asked["Value"] in values


def _at(value: object, path: list[str]) -> Iterator[object]:
    if isinstance(value, list):
        for each in value:
            yield from _at(each, path)
    elif not path:
        yield value
    elif isinstance(value, dict) and path[0] in value:
        yield from _at(value[path[0]], path[1:])


def _list(value: object) -> list[Body]:
    return value if isinstance(value, list) else []


def _mapping(value: object) -> Body:
    return value if isinstance(value, dict) else {}
