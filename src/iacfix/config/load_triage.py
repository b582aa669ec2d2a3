"""From the part of `iacfix.yaml` about triage to its settings. The schema has been checked before."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import cast

from iacfix.config.stores import table_at
from iacfix.config.triage import (
    ENVIRONMENT_TAGS,
    FreezeSettings,
    OpaSettings,
    ReviewSettings,
    RouteSettings,
    TriageSettings,
    WindowSettings,
)

Node = Mapping[str, object]
ToPath = Callable[[object], Path]
OPA_TOKEN = "IACFIX_OPA_TOKEN"  # noqa: S105 - the name of a variable


def triage_settings(entry: object, to_path: ToPath, environ: Mapping[str, str]) -> TriageSettings | None:
    """None where the file says nothing of triage: then nothing is triaged."""
    if entry is None:
        return None
    node = cast("Node", entry)
    assumed = cast("Node", node.get("assume", {}))
    return TriageSettings(
        owners=table_at(str(node["owners"])) or to_path(node["owners"]),
        exceptions=table_at(str(node.get("exceptions", ""))),
        exception_days=int(cast("float", node.get("exception_days", 365))),
        review=_review(node.get("review")),
        policy=to_path(node["policy"]) if "policy" in node else None,
        opa=_opa(node.get("opa"), environ),
        environment_tags=_list(node.get("environment_tags")) or ENVIRONMENT_TAGS,
        environments=_texts(node.get("environments")),
        assume_account=str(assumed.get("account", "")),
        assume_tags=_texts(assumed.get("tags")),
        resource_types=_list(node.get("resource_types")),
        automation_rules=to_path(node["automation_rules"]) if "automation_rules" in node else None,
        exclude_tags=_list(node["exclude_tags"]) if "exclude_tags" in node else None,
        actions=_texts(node.get("actions")),
        mode=str(node.get("mode", "supervised")),
        modes=_texts(node.get("modes")),
        limits={key: int(cast("float", each)) for key, each in cast("Node", node.get("limits", {})).items()},
        windows=tuple(_window(each) for each in _nodes(node.get("windows"))),
        freezes=tuple(_freeze(each) for each in _nodes(node.get("freezes"))),
        routes=tuple(RouteSettings(**cast("Mapping[str, str]", each)) for each in _nodes(node.get("routes"))),
    )


def _opa(entry: object, environ: Mapping[str, str]) -> OpaSettings | None:
    if entry is None:
        return None
    node = cast("Node", entry)
    return OpaSettings(str(node["url"]), cast("float", node.get("timeout", 5.0)), environ.get(OPA_TOKEN, ""))


def _review(entry: object) -> ReviewSettings | None:
    if entry is None:
        return None
    node, standard = cast("Node", entry), ReviewSettings()
    return ReviewSettings(
        model=str(node.get("model", standard.model)),
        silence=str(node.get("silence", standard.silence)),
        timeout=float(cast("float", node.get("timeout", standard.timeout))),
        max_tokens=int(cast("float", node.get("max_tokens", standard.max_tokens))),
        events=int(cast("float", node.get("events", standard.events))),
        cloudtrail=bool(node.get("cloudtrail", standard.cloudtrail)),
    )


def _window(node: Node) -> WindowSettings:
    zone, days = str(node.get("zone", "UTC")), _list(node.get("days"))
    return WindowSettings(str(node["name"]), str(node["from"]), str(node["to"]), zone, days)


def _freeze(node: Node) -> FreezeSettings:
    return FreezeSettings(str(node["name"]), str(node["from"]), str(node["to"]), str(node.get("zone", "UTC")))


def _nodes(value: object) -> Iterator[Node]:
    yield from cast("list[Node]", value or [])


def _list(value: object) -> tuple[str, ...]:
    return tuple(str(each) for each in cast("list[object]", value or []))


def _texts(value: object) -> Mapping[str, str]:
    return {key: str(each) for key, each in cast("Node", value or {}).items()}
