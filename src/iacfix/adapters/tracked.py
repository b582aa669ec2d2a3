"""What APIs that keep findings share: where a page begins, updates in batches, careful reading of what is answered."""

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self, cast

from iacfix.domain.errors import InputError
from iacfix.domain.finding import Severity
from iacfix.ports import CloudReadError
from iacfix.ports.findings_source import Raw, TrackedStatus, Update

Filters = Mapping[str, object]
# A finding that several resources share is numbered for each of them from the second on.
_NUMBERED = re.compile(r"#[0-9]{1,4}$")


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins: the API's token, and the filters that it takes it with. As text it can be kept."""

    filters: Filters
    token: str

    def __str__(self) -> str:
        return base64.urlsafe_b64encode(json.dumps([self.filters, self.token]).encode()).decode()

    @classmethod
    def read(cls, text: str) -> Self:
        """Raises InputError."""
        try:
            loaded: object = json.loads(base64.urlsafe_b64decode(text.encode()))
        except (ValueError, binascii.Error, RecursionError):
            loaded = None
        match loaded:
            case [dict() as filters, str() as token] if token:
                return cls(filters, token)
            case _:
                raise InputError("--after is no place to go on from", remedy="give it as it was told")


def every_page(get: Callable[[str], tuple[Sequence[Raw], str]]) -> Iterator[Raw]:
    """All findings, from the first page on; `get` answers those of a page and the token of the next. Raises
    CloudReadError where the pages lead in a circle, and as `get` does.
    """
    seen = {""}
    token = ""
    while True:
        findings, token = get(token)
        yield from findings
        if not token:
            return
        if token in seen:
            raise CloudReadError("the pages of the answer lead in a circle", remedy="try again later")
        seen.add(token)


def chunks(items: Sequence[str], most: int) -> Iterator[Sequence[str]]:
    return (items[start : start + most] for start in range(0, len(items), most))


def in_batches(
    updates: Sequence[Update], most: int, send: Callable[[Sequence[str], TrackedStatus, str], Mapping[str, str]]
) -> Mapping[str, str]:
    """One request says the same of all its findings: those with one status and note go together. What fails as a whole
    fails for all that come after, too: credentials or the service are not better a moment later.
    """
    alike: dict[tuple[TrackedStatus, str], list[str]] = {}
    for each in updates:
        alike.setdefault((each.status, each.note), []).append(each.handle)
    failed: dict[str, str] = {}
    stopped = ""
    for (status, note), handles in alike.items():
        for some in chunks(handles, most):
            if not stopped:
                try:
                    failed |= send(some, status, note)
                    continue
                except CloudReadError as error:
                    stopped = str(error)
            failed |= dict.fromkeys(some, stopped)
    return failed


def cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def kept_by_security_hub(source: str, identity: str) -> bool:
    """Its own findings, those of products whose ids are ARNs, and Prowler's, which may be there and may be in a file
    alone: what it does not have it says.
    """
    return source in {"security_hub", "prowler"} or (source != "wiz" and identity.startswith("arn:"))


def reported_ids(identity: str) -> tuple[str, ...]:
    """What a tool may call a finding that is known under this id here."""
    return tuple(dict.fromkeys((identity, _NUMBERED.sub("", identity))))


def mapping(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}


def listing(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []


def text_at(value: Mapping[str, object], *path: str) -> str:
    """A text within, "" where there is none."""
    *above, last = path
    for name in above:
        value = mapping(value.get(name))
    found = value.get(last)
    return found if isinstance(found, str) else ""


def same_word(label: str) -> str:
    """A severity as the rest of iacfix has it."""
    return label.lower() if label.lower() in set(Severity) else Severity.UNKNOWN.value
