"""From the parts of `iacfix.yaml` that say where code stands to their settings. The schema has been checked before."""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import cast

from iacfix.config.hosting import GitHostSettings
from iacfix.config.load_hosting import git_host_settings
from iacfix.config.locating import LocateSettings, RepositorySettings, StateSetting

Node = Mapping[str, object]
ToPath = Callable[[object], Path]


def locate_settings(entry: Node, to_path: ToPath) -> LocateSettings:
    standard = LocateSettings()
    return LocateSettings(
        states=_states(entry.get("states"), to_path),
        remote_states=bool(entry.get("remote_states", standard.remote_states)),
        ask_cloudformation=bool(entry.get("ask_cloudformation", standard.ask_cloudformation)),
        stacks=_texts(entry.get("stacks")),
        fix_modules_at=str(entry.get("fix_modules_at", standard.fix_modules_at)),
    )


def repository_settings(
    entries: object, to_path: ToPath, host: GitHostSettings, cache: Callable[[], Path]
) -> tuple[RepositorySettings, ...]:
    """`cache` gives the folder for clones that have no path of their own."""
    return tuple(
        RepositorySettings(
            path=to_path(each["path"]) if "path" in each else _clone(each, cache),
            folder=_folder(each.get("folder", "")),
            accounts=_list(each.get("accounts")),
            tags=_texts(each.get("tags")),
            stacks=_list(each.get("stacks")),
            state_buckets=_list(each.get("state_buckets")),
            states=_states(each.get("states"), to_path),
            git_host=git_host_settings(cast("Node", each.get("git_host", {})), host, to_path),
            url=str(each.get("url", "")),
        )
        for each in _nodes(entries)
    )


def _clone(entry: Node, cache: Callable[[], Path]) -> Path:
    """A folder of its own for each address, with a name that a person knows again."""
    url = str(entry["url"])
    name = re.sub(r"[^A-Za-z0-9]+", "-", url.partition("://")[2]).strip("-").lower()[-60:]
    return cache() / f"{name}-{hashlib.sha256(url.encode()).hexdigest()[:8]}"


def _states(entries: object, to_path: ToPath) -> tuple[StateSetting, ...]:
    return tuple(StateSetting(to_path(each["file"]), _folder(each.get("folder", ""))) for each in _nodes(entries))


def _folder(value: object) -> str:
    """As paths in a repository are written: no slash at the end, "" for its top."""
    text = str(value).strip("/").removeprefix("./")
    return "" if text == "." else text


def _nodes(value: object) -> Iterator[Node]:
    yield from cast("list[Node]", value or [])


def _list(value: object) -> tuple[str, ...]:
    return tuple(str(each) for each in cast("list[object]", value or []))


def _texts(value: object) -> Mapping[str, str]:
    return {key: str(each) for key, each in cast("Node", value or {}).items()}
