"""From the part of `iacfix.yaml` about notices to its settings. The schema has been checked before."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast

from iacfix.config.notify import ForSettings, NotifySettings, SnsSettings, TrackerSettings
from iacfix.domain.finding import Severity
from iacfix.domain.notice import Occasion

Node = Mapping[str, object]
DYNAMODB = "dynamodb:"


def notify_settings(
    entry: object, to_path: Callable[[object], Path], state: Path, ledger: str = ""
) -> NotifySettings | None:
    """None where the file says nothing of notices: then nobody is told. `state` is the folder of what iacfix keeps. A
    ledger in a table keeps what was told too, where no other place is named.
    """
    if entry is None:
        return None
    node = cast("Node", entry)
    told = str(node.get("told", ledger if ledger.startswith(DYNAMODB) else state / "told.sqlite"))
    return NotifySettings(
        told=told if told.startswith(DYNAMODB) else str(to_path(told)),
        summary=bool(node.get("summary", True)),
        account_owner_map=_texts(node.get("account_owner_map")),
        sns=SnsSettings(**cast("Mapping[str, str]", node["sns"])) if "sns" in node else None,
        slack=_told_of(node["slack"]) if "slack" in node else None,
        teams=_told_of(node["teams"]) if "teams" in node else None,
        jira=_tracker(node["jira"]) if "jira" in node else None,
        azure_devops=_tracker(node["azure_devops"]) if "azure_devops" in node else None,
    )


def _told_of(entry: object) -> ForSettings:
    node = cast("Node", entry)
    given = cast("list[object] | None", node.get("occasions"))
    return ForSettings(
        frozenset(Occasion) if given is None else frozenset(Occasion(str(each)) for each in given),
        Severity(str(node.get("min_severity", Severity.UNKNOWN.value))),
    )


def _tracker(entry: object) -> TrackerSettings:
    node = cast("Node", entry)
    return TrackerSettings(
        url=str(node["url"]).rstrip("/"),
        project=str(node["project"]),
        type=str(node.get("type", "Task")),
        priorities={Severity(key): value for key, value in _texts(node.get("priorities")).items()},
        people=_texts(node.get("people")),
        area=str(node.get("area", "")),
        done=str(node.get("done", "")),
        reopened=str(node.get("reopened", "")),
        told_of=_told_of(node),
    )


def _texts(value: object) -> Mapping[str, str]:
    return {key: str(each) for key, each in cast("Node", value or {}).items()}
