"""What `terraform show -json` tells of a plan. Values are compared here and go no further: many are secrets."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from posixpath import join, normpath
from typing import cast

from iacfix.ports import Plan, PlannedChange, ToolError

_INDEX = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|[^\["\]]*)\]')
_CALL = re.compile(r"module\.([\w-]+)")
_NO_CHANGE = (["no-op"], ["read"])
_REPLACES = (["delete", "create"], ["create", "delete"])
_DELETES = (["delete"], ["forget"], ["create", "forget"])
_COMPARED = ("actions", "before", "after", "after_unknown", "replace_paths")
_FAULTY = "it is not as Terraform writes it; format 1 is known"

Node = Mapping[str, object]


def read_plan(output: bytes, root: str) -> Plan:
    """`root` is the folder that was planned. Raises ToolError."""
    try:
        told = _node(json.loads(output))
    except (ValueError, RecursionError):
        raise ToolError(f"the plan is no JSON: {_FAULTY}") from None
    if not str(told.get("format_version", "")).startswith("1.") or told.get("errored") is True:
        raise ToolError(f"the plan cannot be read: {_FAULTY}")
    configuration = _node(_node(told.get("configuration")).get("root_module"))
    folders: dict[str, str | None] = {"": root, **dict(_folders(configuration, root, ""))}
    changes = tuple(
        _change(each, folders)
        for each in map(_node, _list(told.get("resource_changes")))
        if each.get("mode") != "data" and _actions(each) not in _NO_CHANGE
    )
    return Plan(f"terraform {told.get('terraform_version', '')}".strip(), changes)


def _change(entry: Node, folders: Mapping[str, str | None]) -> PlannedChange:
    change, actions = _node(entry.get("change")), _actions(entry)
    deposed = f" (deposed {entry['deposed']})" if entry.get("deposed") else ""
    compared = {name: change.get(name) for name in _COMPARED}
    return PlannedChange(
        address=f"{_word(entry, 'address')}{deposed}",
        folder=folders.get(".".join(_CALL.findall(_INDEX.sub("", str(entry.get("module_address", "")))))),
        block=f"{_word(entry, 'type')}.{_word(entry, 'name')}",
        deletes=actions in _DELETES,
        replaces=actions in _REPLACES,
        attributes=frozenset(_changed(change)),
        fingerprint=hashlib.sha256(json.dumps(compared, sort_keys=True).encode()).hexdigest(),
    )


def _changed(change: Node) -> Iterator[str]:
    """The names at the top that differ, of what is there before and after."""
    before, after, unknown = (change.get(name) for name in ("before", "after", "after_unknown"))
    if not isinstance(before, dict) or not isinstance(after, dict):
        return
    open_values = unknown if isinstance(unknown, dict) else {}
    for name in {*before, *after, *open_values}:
        if before.get(name) != after.get(name) or _any(open_values.get(name)):
            yield str(name)


def _any(value: object) -> bool:
    match value:
        case dict():
            return any(map(_any, value.values()))
        case list():
            return any(map(_any, value))
        case _:
            return value is True


def _folders(module: Node, folder: str, calls: str) -> Iterator[tuple[str, str | None]]:
    """From the names of the calls (`shops.jobs`) to where the module's code stands; None outside the repository."""
    for name, called in _node(module.get("module_calls", {})).items():
        call, source = _node(called), str(_node(called).get("source", ""))
        place = normpath(join(folder, source)) if source.startswith(("./", "../")) else None
        if place is not None and place.startswith(".."):
            place = None
        path = f"{calls}.{name}" if calls else name
        yield path, "" if place == "." else place
        inside = _folders(_node(call.get("module", {})), place or "", path)
        yield from inside if place is not None else ((each, None) for each, _ in inside)


def _actions(entry: Node) -> list[object]:
    return _list(_node(entry.get("change")).get("actions"))


def _node(value: object) -> Node:
    if not isinstance(value, dict):
        raise ToolError(f"the plan cannot be read: {_FAULTY}")
    return cast("Node", value)


def _list(value: object) -> list[object]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise ToolError(f"the plan cannot be read: {_FAULTY}")
    return cast("list[object]", value)


def _word(entry: Node, name: str) -> str:
    found = entry.get(name)
    if not isinstance(found, str):
        raise ToolError(f"the plan names no {name} of a change: {_FAULTY}")
    return found
