"""From the part of `iacfix.yaml` about what is let in to its settings. The schema has been checked before."""

from collections.abc import Mapping
from typing import cast

from iacfix.config.intake import HttpSettings, IntakeSettings

Node = Mapping[str, object]


def intake_settings(entry: Node, environ: Mapping[str, str]) -> IntakeSettings:
    """A variable that is to hold a secret may not be set here: only who lets requests in has to know it."""
    return IntakeSettings(
        shapes=_list(entry.get("shapes")),
        accounts=_list(entry.get("accounts")),
        queues=_list(entry.get("queues")),
        topics=_list(entry.get("topics")),
        senders=_list(entry.get("senders")),
        http=_http(cast("Node", entry["http"]), environ) if "http" in entry else None,
    )


def _http(entry: Node, environ: Mapping[str, str]) -> HttpSettings:
    names = _list(entry.get("secrets"))
    given = {name: environ.get(name, "").strip() for name in names}
    return HttpSettings(
        proof=str(entry.get("proof", HttpSettings().proof)),
        header=str(entry.get("header", "")),
        window=int(cast("float", entry.get("window", HttpSettings().window))),
        secrets=tuple(value for value in given.values() if value),
        unset=tuple(name for name, value in given.items() if not value),
    )


def _list(value: object) -> tuple[str, ...]:
    return tuple(str(each) for each in cast("list[object]", value or []))
