"""From the parts of `iacfix.yaml` about git hosts to their settings. The schema has been checked before."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast

from iacfix.config.hosting import GitHostSettings, PullRequestSettings

Node = Mapping[str, object]


def git_host_settings(entry: Node, above: GitHostSettings, to_path: Callable[[object], Path]) -> GitHostSettings:
    """What `entry` does not say is as `above` has it; the name of a repository is one repository's alone."""
    return GitHostSettings(
        kind=str(entry.get("kind", above.kind)),
        folder=to_path(entry["folder"]) if "folder" in entry else above.folder,
        repository=str(entry.get("repository", above.repository)),
        api=str(entry.get("api", above.api)).rstrip("/"),
        branch=str(entry.get("branch", above.branch)),
        region=str(entry.get("region", above.region)),
        role_arn=str(entry.get("role_arn", above.role_arn)),
        external_id=str(entry.get("external_id", above.external_id)),
        writers=_texts(entry["writers"]) if "writers" in entry else above.writers,
    )


def pull_request_settings(entry: Node) -> PullRequestSettings:
    standard = PullRequestSettings()
    reviewers = entry.get("reviewers", list(standard.reviewers))
    return PullRequestSettings(
        max_open=_count(entry.get("max_open")),
        max_an_hour=_count(entry.get("max_an_hour")),
        labels=_texts(entry.get("labels", [])),
        reviewers=(reviewers,) if isinstance(reviewers, str) else _texts(reviewers),
        group_by=str(entry.get("group_by", standard.group_by)),
        draft=str(entry.get("draft", standard.draft)),
        commands=bool(entry.get("commands", standard.commands)),
    )


def _count(value: object) -> int | None:
    return None if value is None else int(cast("float", value))


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(each) for each in cast("list[object]", value))
