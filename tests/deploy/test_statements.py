"""What the policies of deploy/ allow is what IAM knows, on resources that it knows the action for."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import cfnlint
import pytest
from tests.deploy.forms import DEPLOY
from tests.support import templates

# As in tests/unit/permissions/test_actions.py: the Service Authorization Reference, as cfn-lint ships it.
LISTED: dict[str, Any] = json.loads(
    (Path(cfnlint.__file__).parent / "data" / "AdditionalSpecs" / "Policies.json").read_text()
)


def statements(node: object) -> Iterator[dict[str, Any]]:
    """Of policies of IAM: those of resources have a principal."""
    if isinstance(node, dict):
        if node.get("Effect") == "Allow" and "Principal" not in node:
            yield cast("dict[str, Any]", node)
        for each in node.values():
            yield from statements(each)
    elif isinstance(node, list):
        for each in node:
            yield from statements(each)


@pytest.mark.parametrize("name", ["platform.yaml", "member-role.yaml"])
def test_each_action_is_one_and_can_be_limited_as_it_is(name: str) -> None:
    template = templates.load((DEPLOY / "cloudformation" / name).read_text(encoding="utf-8"))
    found = list(statements(template["Resources"]))
    assert len(found) > 5
    for each in found:
        actions = [each["Action"]] if isinstance(each["Action"], str) else each["Action"]
        for action in actions:
            prefix, _, verb = action.partition(":")
            known = LISTED[prefix]["Actions"]
            assert verb.lower() in known or action == "apigateway:GET", action
            if each["Resource"] != "*":
                assert known[verb.lower()].get("Resources"), f"{action} knows no resource: nothing would be allowed"


def test_nothing_is_allowed_everywhere_without_a_condition() -> None:
    for name in ("platform.yaml", "member-role.yaml"):
        template = templates.load((DEPLOY / "cloudformation" / name).read_text(encoding="utf-8"))
        for each in statements(template["Resources"]):
            assert each["Resource"] != "*" or "aws:ResourceAccount" in json.dumps(each["Condition"]), each


def test_nothing_is_allowed_by_a_wildcard() -> None:
    for name in ("platform.yaml", "member-role.yaml"):
        template = templates.load((DEPLOY / "cloudformation" / name).read_text(encoding="utf-8"))
        assert not [each for each in statements(template["Resources"]) if "*" in json.dumps(each["Action"])]
