"""From the parts of `iacfix.yaml` about stages to their settings. The schema has been checked before."""

from collections.abc import Mapping
from typing import cast

from iacfix.config.assurance import ChangeSetSettings, PlanSettings, RescanSettings, StageSettings

Node = Mapping[str, object]


def stage_settings(entry: Node) -> StageSettings:
    return StageSettings(_list(entry.get("required")))


def rescan_settings(entry: Node) -> RescanSettings:
    standard = RescanSettings()
    return RescanSettings(
        enabled=bool(entry.get("enabled", standard.enabled)),
        command=_list(entry.get("command")) or standard.command,
        timeout=cast("float", entry.get("timeout", standard.timeout)),
    )


def plan_settings(entry: Node) -> PlanSettings:
    standard = PlanSettings()
    return PlanSettings(
        enabled=bool(entry.get("enabled", standard.enabled)),
        command=_list(entry.get("command")) or standard.command,
        var_files=_list(entry.get("var_files")),
        backend=_texts(entry.get("backend")),
        environment=_list(entry.get("environment")),
        timeout=cast("float", entry.get("timeout", standard.timeout)),
    )


def change_set_settings(entry: Node) -> ChangeSetSettings:
    standard = ChangeSetSettings()
    return ChangeSetSettings(
        stacks=_texts(entry.get("stacks")),
        region=str(entry.get("region", standard.region)),
        timeout=cast("float", entry.get("timeout", standard.timeout)),
    )


def _list(value: object) -> tuple[str, ...]:
    return tuple(str(each) for each in cast("list[object]", value or []))


def _texts(value: object) -> Mapping[str, str]:
    return {key: str(each) for key, each in cast("Node", value or {}).items()}
