"""What is exported is what OCSF 1.3 calls Remediation Activity: its required fields, and none that it does not know."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from tests.unit.ledger.test_audit import EVENT, chained, events

from iacfix.domain.audit import AuditEvent, AuditResult
from iacfix.ledger.ocsf import VERSION, event

CLASS: Mapping[str, Any] = json.loads(
    (Path(__file__).parents[2] / "cases" / "ocsf_1_3_0_remediation_activity.json").read_text(encoding="utf-8")
)
"""From the published schema."""


def check(found: Mapping[str, Any]) -> None:
    assert set(CLASS["required"]) <= found.keys() <= set(CLASS["attributes"])
    assert all(type(found[name]) is int for name in CLASS["integers"])
    for name in ("activity_id", "severity_id", "status_id"):
        assert found[name] in CLASS[name]
    assert (found["category_uid"], found["class_uid"]) == (CLASS["category_uid"], CLASS["class_uid"])
    assert found["type_uid"] == found["class_uid"] * 100 + found["activity_id"]
    for kind, made in (
        ("metadata", found["metadata"]),
        ("product", found["metadata"]["product"]),
        *(("observable", each) for each in found.get("observables", ())),
    ):
        rules = CLASS["objects"][kind]
        assert set(rules["required"]) <= made.keys() <= set(rules["attributes"])
    assert found["command_uid"]
    assert found["metadata"]["version"] == VERSION


@given(events)
def test_every_event_keeps_to_the_class(said: AuditEvent) -> None:
    (record,) = chained(replace(said, at=EVENT.at))
    made = event(record, "0.1")
    check(made)
    assert json.loads(json.dumps(made)) == made
    unmapped = made["unmapped"]
    assert isinstance(unmapped, dict)
    assert unmapped["hash"] == record.hash, "it leads back to the record"


@pytest.mark.parametrize(
    ("action", "result", "activity", "status"),
    [
        ("finding.remediating", AuditResult.DONE, 4, 1),
        ("finding.fix_generation_failed", AuditResult.FAILED, 99, 2),
        ("finding.human_review", AuditResult.SKIPPED, 99, 99),
        ("remediation.rolled_back", AuditResult.DONE, 3, 1),
        ("input.rejected", AuditResult.REFUSED, 99, 99),
    ],
)
def test_what_was_done_and_how_it_went_is_said(action: str, result: AuditResult, activity: int, status: int) -> None:
    (record,) = chained(replace(EVENT, action=action, result=result))
    made = event(record, "0.1")
    assert (made["activity_id"], made["status_id"], made["time"]) == (activity, status, 1_767_225_600_000)
    if activity == 99:
        assert made["activity_name"] == action, "the schema asks for the source's word then"
