"""What people ask for in a comment: `/iacfix retry use the module's own key`. Whether they may is for others to say."""

import re
import shlex
from dataclasses import dataclass
from datetime import date

MAX_WORDS = 500  # characters of what a person tells the model or the record
PREFIX = "/iacfix"

# A line of its own, outside of fences and quotes: what somebody quotes they do not ask for.
_LINE = re.compile(r"^/iacfix(?:[ \t]+(?P<words>[^\r\n]*))?\r?$", re.MULTILINE)
_FENCE = re.compile(r"^(`{3,}|~{3,})[^\r\n]*$.*?(?:^\1[`~]*[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Retry:
    """Once more, with these words for the model; "" where nothing was said."""

    words: str


@dataclass(frozen=True, slots=True)
class AcceptRisk:
    """An exception that holds up to and including a day."""

    until: date
    reason: str


@dataclass(frozen=True, slots=True)
class Ignore:
    """Close it, and do not open it again until the finding changes."""


@dataclass(frozen=True, slots=True)
class Explain:
    """Answer with what is known of the control and of the fix."""


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """`why` is for the one who wrote it."""

    why: str


Command = Retry | AcceptRisk | Ignore | Explain | NotUnderstood
USAGE = (
    '`/iacfix retry WORDS`, `/iacfix accept-risk until=YYYY-MM-DD reason="WORDS"`, `/iacfix ignore`, `/iacfix explain`'
)


def read_command(body: str, today: date, *, most_days: int = 365) -> Command | None:
    """The first command of a comment; None where it has none. `most_days`: how far ahead an exception may end."""
    found = _LINE.search(_COMMENT.sub("", _FENCE.sub("", body)))
    if found is None:
        return None
    verb, _, rest = (found["words"] or "").strip().partition(" ")
    match verb:
        case "retry":
            return Retry(_plain(rest))
        case "accept-risk":
            return _accept_risk(rest, today, most_days)
        case "ignore":
            return Ignore()
        case "explain":
            return Explain()
        case _:
            return NotUnderstood(f"there is no such command; there are {USAGE}")


def _accept_risk(rest: str, today: date, most_days: int) -> Command:
    try:
        given = dict(_pair(word) for word in shlex.split(rest))
    except ValueError:
        return NotUnderstood(f"it could not be read; write {USAGE}")
    if unknown := sorted(given.keys() - {"until", "reason"}):
        return NotUnderstood(f"it takes `until` and `reason`, not {', '.join(map(_plain, unknown))}")
    reason = _plain(given.get("reason", ""))
    if not reason:
        return NotUnderstood('an exception needs a reason: `reason="WORDS"`')
    try:
        until = date.fromisoformat(given.get("until", ""))
    except ValueError:
        return NotUnderstood("an exception needs the day that it ends on: `until=YYYY-MM-DD`")
    if until < today:
        return NotUnderstood(f"{until} is over")
    if (until - today).days > most_days:
        return NotUnderstood(f"{until} is more than {most_days} days ahead, which is the most")
    return AcceptRisk(until, reason)


def _pair(word: str) -> tuple[str, str]:
    name, sign, value = word.partition("=")
    if not sign:
        raise ValueError(word)
    return name, value


def _plain(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:MAX_WORDS]
