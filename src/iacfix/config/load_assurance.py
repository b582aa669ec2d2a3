"""From the parts of `iacfix.yaml` about stages to their settings. The schema has been checked before."""

from collections.abc import Mapping
from typing import cast

from iacfix.config.assurance import AssuranceSettings, ChangeSetSettings, PlanSettings, RescanSettings

Node = Mapping[str, object]


def assurance_settings(entry: Node) -> AssuranceSettings:
    """Of the whole file. `plan` and `change_set` are on where they stand in it."""
    stages = cast("Node", entry.get("stages", {}))
    return AssuranceSettings(
        rescan=_rescan(cast("Node", entry.get("rescan", {}))),
        plan=_plan(cast("Node", entry["plan"])) if "plan" in entry else None,
        change_set=_change_set(cast("Node", entry["change_set"])) if "change_set" in entry else None,
        required=_list(stages.get("required")),
    )


def _rescan(entry: Node) -> RescanSettings:
    standard = RescanSettings()
    return RescanSettings(
        enabled=bool(entry.get("enabled", standard.enabled)),
        command=_list(entry.get("command")) or standard.command,
        timeout=cast("float", entry.get("timeout", standard.timeout)),
    )


def _plan(entry: Node) -> PlanSettings:
    standard = PlanSettings()
    return PlanSettings(
        command=_list(entry.get("command")) or standard.command,
        var_files=_list(entry.get("var_files")),
        backend=_texts(entry.get("backend")),
        environment=_list(entry.get("environment")),
        timeout=cast("float", entry.get("timeout", standard.timeout)),
    )


def _change_set(entry: Node) -> ChangeSetSettings:
    standard = ChangeSetSettings({})
    return ChangeSetSettings(
        stacks=_texts(entry.get("stacks")),
        region=str(entry.get("region", standard.region)),
        timeout=cast("float", entry.get("timeout", standard.timeout)),
    )


def _list(value: object) -> tuple[str, ...]:
    return tuple(str(each) for each in cast("list[object]", value or []))


def _texts(value: object) -> Mapping[str, str]:
    return {key: str(each) for key, each in cast("Node", value or {}).items()}
