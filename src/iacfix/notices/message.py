"""What a notice says, whoever it is told to: lines of plain text without secrets, and links that were looked at."""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlsplit

from iacfix.domain.finding import Severity
from iacfix.domain.notice import Notice, Occasion, Summary
from iacfix.domain.plain_text import is_plain_https, plain
from iacfix.domain.secrets import holds_secret, redact

MOST_TEAMS: Final = 20
MOST_DETAILS: Final = 12
_KEY = re.compile(r"[0-9a-f]{64}")
_TITLE = 200
_REASON = 1_500
_FACT = 300
_DETAIL = 600
_BREAK = "\u200b"
# What chats and trackers act on in plain text: mentions, channels, issues, addresses, names of sites, templates, tags.
_ACTIVE = re.compile(
    r"(?<=[@#!])(?=[^\s.,;:)])|(?<=<)(?=[^\s\d])|(?<=:)(?=//)|(?<=www)(?=\.)|(?<=mailto)(?=:)|(?<=\{)(?=\{)|(?<=\w)(?=\.[A-Za-z]{2,24}/)",
    re.IGNORECASE,
)

OCCASIONS: Final[Mapping[Occasion, str]] = {
    Occasion.PULL_REQUEST: "A fix is proposed",
    Occasion.NEEDS_A_PERSON: "A person is needed",
    Occasion.APPROVAL: "An approval is wanted",
    Occasion.FIXED: "Fixed",
    Occasion.STILL_OPEN: "Still open",
    Occasion.ACCEPTED: "The risk is accepted",
}
ENDED: Final = frozenset({Occasion.FIXED, Occasion.ACCEPTED})


@dataclass(frozen=True, slots=True)
class Link:
    """`words` name the host, so that nobody is led where they did not expect to be."""

    words: str
    url: str


@dataclass(frozen=True, slots=True)
class Message:
    """`headline` says what happened, `title` what it is about; all of it is one line each, at most as long as above."""

    headline: str
    title: str
    body: str
    facts: tuple[tuple[str, str], ...]
    links: tuple[Link, ...] = ()

    @property
    def text(self) -> str:
        """For whoever shows nothing but text."""
        facts = "\n".join(f"{name}: {value}" for name, value in self.facts)
        links = "\n".join(f"{each.words}: {each.url}" for each in self.links)
        head = "\n".join(filter(None, (self.headline, self.title)))
        return "\n\n".join(filter(None, (*map(broken, (head, self.body, facts)), links)))


def shown(text: str, limit: int) -> str:
    """One line, without what is not seen and without secrets, cut between letters."""
    return plain(redact(plain(redact(text), len(text) + 1)), limit)


def broken(text: str) -> str:
    """With a space of no width wherever a chat would make more of it than text."""
    return _ACTIVE.sub(_BREAK, text)


def mark(key: str) -> str:
    """What a ticket is found again by: letters, figures and a hyphen. Keys that are no hash are made one."""
    return f"iacfix-{key if _KEY.fullmatch(key) else hashed(key)}"


def hashed(text: str) -> str:
    """Of any text that Python can hold, also one that no encoding takes."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def occasion_id(notice: Notice) -> str:
    """The same for the same finding, occasion, round and question, and for nothing else."""
    return hashed(f"{notice.key}\n{notice.occasion}\n{notice.round}\n{notice.question}")


def message(notice: Notice) -> Message:
    severity = "" if notice.severity is Severity.UNKNOWN else f"{notice.severity.value.upper()}: "
    return Message(
        f"{severity}{OCCASIONS[notice.occasion]}",
        title(notice),
        shown(notice.reason, _REASON),
        tuple(_facts(notice)),
        tuple(_links(notice)),
    )


def title(notice: Notice) -> str:
    """The same on every occasion."""
    what = shown(notice.title, _TITLE) or shown(notice.control, _TITLE) or "A finding"
    resource = shown(notice.resource, _TITLE)
    return plain(f"{what} ({resource})" if resource else what, _TITLE)


def summary_message(summary: Summary) -> Message:
    """Counts in the order of severities, and with the largest first."""
    total = sum(summary.states.values())
    severities = [(name.value, summary.severities.get(name.value, 0)) for name in Severity]
    facts = [
        ("By severity", _counts(severities)),
        ("By team", _teams(summary.teams)),
        ("By state", _counts(_largest(summary.states))),
    ]
    findings = "1 finding" if total == 1 else f"{total} findings"
    return Message(
        f"A run of iacfix: {findings}",
        shown(f"run {summary.run}", _TITLE),
        "",
        tuple((name, value) for name, value in facts if value),
    )


def fitted(said: Message, is_small: Callable[[Message], bool]) -> Message:
    """With as much of the body as there is room for, and of the facts then, first to last."""
    while said.body and not is_small(said):
        said = replace(said, body=plain(said.body, len(said.body) // 2))
    while said.facts and not is_small(said):
        said = replace(said, facts=said.facts[:-1])
    return said


def _facts(notice: Notice) -> Iterator[tuple[str, str]]:
    told = (
        ("Control", notice.control),
        ("Resource", notice.resource),
        ("Severity", "" if notice.severity is Severity.UNKNOWN else notice.severity.value),
        ("State", notice.state.replace("_", " ")),
        ("Account", notice.account),
        ("Region", notice.region),
        ("Repository", notice.repository),
        ("Owner", notice.owner),
    )
    for name, value in told:
        if text := shown(value, _FACT):
            yield name, text
    for given, value in notice.details[:MOST_DETAILS]:
        if (name := shown(given, _FACT // 5)) and (text := shown(value, _DETAIL)):
            yield name, text


def _links(notice: Notice) -> Iterator[Link]:
    for words, url in (("The pull request", notice.pull_request), ("The finding", notice.link)):
        if is_plain_https(url) and not holds_secret(url):
            yield Link(f"{words} at {urlsplit(url).netloc}", url)


def _teams(teams: Mapping[str, int]) -> str:
    ordered = _largest(teams)
    more = sum(count for _, count in ordered[MOST_TEAMS:])
    told = _counts(ordered[:MOST_TEAMS])
    return f"{told}, {more} of {len(ordered) - MOST_TEAMS} other teams" if more else told


def _largest(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda each: (-each[1], each[0]))


def _counts(counts: Iterable[tuple[str, int]]) -> str:
    told = (f"{count} {shown(name.replace('_', ' '), 60) or 'of nobody'}" for name, count in counts if count)
    return ", ".join(told)
