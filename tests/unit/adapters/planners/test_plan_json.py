"""Plans as `terraform show -json` tells them, whole and broken."""

import json
from collections.abc import Mapping

import pytest

from iacfix.adapters.planners.plan_json import read_plan
from iacfix.ports import PlannedChange, ToolError

SECRET = "hunter2-and-more"


def entry(*actions: str, before: object = None, after: object = None, **more: object) -> Mapping[str, object]:
    unknown = more.pop("after_unknown", {})
    change = {"actions": list(actions), "before": before, "after": after, "after_unknown": unknown}
    named = {"address": "aws_db_instance.x", "mode": "managed", "type": "aws_db_instance", "name": "x"}
    return {**named, **more, "change": change}


def plan(*entries: object, **calls: object) -> bytes:
    root = {"module_calls": calls} if calls else {}
    told = {"format_version": "1.2", "terraform_version": "1.9.5", "resource_changes": list(entries)}
    return json.dumps({**told, "configuration": {"root_module": root}}).encode()


def only(*entries: object, **calls: object) -> PlannedChange:
    (found,) = read_plan(plan(*entries, **calls), "live").changes
    return found


def test_the_names_of_what_changes_are_told_and_no_value() -> None:
    found = only(
        entry(
            "update",
            before={"password": "old", "port": 1, "same": [1]},
            after={"password": SECRET, "port": 1, "same": [1]},
            after_unknown={"arn": True, "same": [False], "tags": {"a": True}},
        )
    )
    assert found.attributes == {"password", "arn", "tags"}
    assert (found.address, found.folder, found.block) == ("aws_db_instance.x", "live", "aws_db_instance.x")
    assert (found.deletes, found.replaces) == (False, False)
    assert SECRET not in repr(found)


@pytest.mark.parametrize(
    ("actions", "deletes", "replaces"),
    [
        (("create",), False, False),
        (("delete",), True, False),
        (("forget",), True, False),
        (("delete", "create"), False, True),
        (("create", "delete"), False, True),
    ],
)
def test_what_becomes_of_it(actions: tuple[str, ...], deletes: object, replaces: object) -> None:
    found = only(entry(*actions, before={"a": 1}, after={"a": 2}))
    assert (found.deletes, found.replaces) == (deletes, replaces)


def test_what_stays_and_what_is_only_read_is_left_out() -> None:
    told = plan(entry("no-op"), entry("read"), entry("update", mode="data"))
    assert read_plan(told, "").changes == ()
    assert read_plan(told, "").tool == "terraform 1.9.5"


def test_a_change_of_a_value_is_another_change() -> None:
    one, same, other = (only(entry("update", before={"a": 1}, after={"a": value})) for value in (2, 2, 3))
    assert one.fingerprint == same.fingerprint != other.fingerprint


def test_an_object_that_waits_to_be_deleted_is_not_the_one_in_use() -> None:
    assert only(entry("delete", deposed="1a2b")).address == "aws_db_instance.x (deposed 1a2b)"


@pytest.mark.parametrize(
    ("address", "folder"),
    [
        ("module.shop", "modules/shop"),
        ('module.shop["a.b"].module.queue[0]', "modules/queue"),
        ("module.far", None),
        ("module.far.module.inner", None),
        ("module.out", None),
        ("module.nobody", None),
    ],
)
def test_code_of_a_module_is_found_by_its_calls(address: str, folder: str | None) -> None:
    queue = {"source": "../queue", "module": {}}
    shop = {"source": "../modules/shop", "module": {"module_calls": {"queue": queue}}}
    far = {"source": "hashicorp/far/aws", "module": {"module_calls": {"inner": {"source": "./inner", "module": {}}}}}
    out = {"source": "../../elsewhere", "module": {}}
    found = only(entry("create", module_address=address), shop=shop, far=far, out=out)
    assert found.folder == folder


@pytest.mark.parametrize(
    "told",
    [
        b"",
        b"[]",
        b"[" * 100_000,
        b'{"format_version": "2.0"}',
        b'{"format_version": "1.0"}',
        b'{"format_version": "1.0", "errored": true, "configuration": {"root_module": {}}}',
        b'{"format_version": "1.0", "configuration": {"root_module": {}}, "resource_changes": 1}',
        plan({"change": {"actions": ["create"]}}),
        plan(1),
    ],
)
def test_what_is_no_plan_is_told(told: bytes) -> None:
    with pytest.raises(ToolError, match="format 1 is known"):
        read_plan(told, "")
