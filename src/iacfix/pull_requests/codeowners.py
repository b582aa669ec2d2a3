"""Who owns a file, by CODEOWNERS as GitHub, GitLab and Bitbucket Cloud read it.

Sources: "About code owners" (GitHub Docs), "Code Owners syntax and error handling" (GitLab Docs), "Set up and use code
owners" (Bitbucket Cloud documentation). A line that a host would not understand owns nothing, as there.
"""

import fnmatch
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum, auto

from iacfix.domain.change_request import Person

MAX_BYTES = 3 * 1024 * 1024  # GitHub reads no larger file
MAX_LINES = 50_000
MAX_PATTERN = 1_000
ANY_DEPTH = "**"


class Syntax(StrEnum):
    GITHUB = "github"
    GITLAB = "gitlab"
    BITBUCKET = "bitbucket"


PLACES: Mapping[Syntax, tuple[str, ...]] = {
    Syntax.GITHUB: (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"),
    Syntax.GITLAB: ("CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"),
    Syntax.BITBUCKET: (".bitbucket/CODEOWNERS",),
}
"""Where each host looks, the first that is there counts."""

_SECTION = re.compile(r"\^?\[(?P<name>[^\]\n]{1,200})\](?:\[\d{1,3}\])?(?P<owners>(?:\s+\S+)*)\s*")
_WORD = re.compile(r"(?:\\.|[^\s\\])+")
_MAIL = re.compile(r"[^\s@]{1,100}@[^\s@]{1,200}")


class _Below(Enum):
    """How much of a path may stand below what the pattern has matched."""

    NONE = auto()
    SOME = auto()
    ANY = auto()


@dataclass(frozen=True, slots=True)
class _Pattern:
    """By folder; None stands for any number of them. Walks once over the path: no pattern makes it slow."""

    parts: tuple[re.Pattern[str] | None, ...]
    below: _Below

    def matches(self, path: str) -> bool:
        names = path.split("/")
        reached = {0}  # how many names may be behind what has been matched so far
        for part in self.parts:
            if part is None:
                reached = set(range(min(reached), len(names) + 1)) if reached else set()
            else:
                reached = {at + 1 for at in reached if at < len(names) and part.fullmatch(names[at])}
        match self.below:
            case _Below.NONE:
                return len(names) in reached
            case _Below.SOME:
                return any(at < len(names) for at in reached)
            case _Below.ANY:
                return bool(reached)


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: _Pattern
    owners: tuple[Person, ...]
    section: str
    excludes: bool


@dataclass(frozen=True, slots=True)
class CodeOwners:
    """The rules of one file, in their order."""

    rules: tuple[_Rule, ...]

    def of(self, path: str) -> tuple[Person, ...]:
        """The last rule that matches decides, in each section by itself; one without owners leaves it to nobody."""
        decided: dict[str, tuple[Person, ...]] = {}
        excluded: set[str] = set()
        for rule in self.rules:
            if rule.section in excluded or not rule.pattern.matches(path):
                continue
            if rule.excludes:  # no later rule of the section brings it back
                excluded.add(rule.section)
                decided.pop(rule.section, None)
            else:
                decided[rule.section] = rule.owners
        return tuple(dict.fromkeys(owner for owners in decided.values() for owner in owners))


def read(data: bytes, syntax: Syntax) -> CodeOwners:
    """Of the file's bytes. A file that is larger than a host reads owns nothing."""
    if len(data) > MAX_BYTES:
        return CodeOwners(())
    rules: list[_Rule] = []
    section, by_default = "", tuple[Person, ...]()
    for line in data.decode("utf-8", "replace").splitlines()[:MAX_LINES]:
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if syntax is Syntax.GITLAB and (match := _SECTION.fullmatch(_without_comment(text))):
            section, by_default = match["name"].strip().lower(), _people(match["owners"].split(), syntax)
            continue
        if rule := _rule(text, section, by_default, syntax):
            rules.append(rule)
    return CodeOwners(tuple(rules))


def _rule(text: str, section: str, by_default: tuple[Person, ...], syntax: Syntax) -> _Rule | None:
    pattern, *words = _WORD.findall(_without_comment(text)) or [""]
    excludes = syntax is Syntax.GITLAB and pattern.startswith("!")
    pattern = pattern.removeprefix("!") if excludes else pattern
    # What gitignore has and CODEOWNERS has not: a host skips such a line.
    if not pattern or len(pattern) > MAX_PATTERN or pattern.startswith("!"):
        return None
    if syntax is not Syntax.GITLAB and "[" in pattern:
        return None
    owners = _people(words, syntax) or by_default
    return _Rule(_compiled(pattern, syntax), owners, section, excludes)


def _without_comment(text: str) -> str:
    return re.split(r"(?<!\\)\s#", text, maxsplit=1)[0]


def _people(words: list[str], syntax: Syntax) -> tuple[Person, ...]:
    found = []
    for word in words:
        name = word.removeprefix("@")
        if word.startswith("@@"):  # GitLab's roles: nobody in particular
            continue
        if word.startswith("@") and name:
            found.append(Person(name, is_team="/" in name))
        elif _MAIL.fullmatch(word) or (syntax is Syntax.BITBUCKET and name):
            found.append(Person(name))
    return tuple(found)


def _compiled(pattern: str, syntax: Syntax) -> _Pattern:
    """Without a slash in front a pattern matches at any depth; with one inside, only GitLab lets it do so."""
    unescaped = re.sub(r"\\(.)", r"\1", pattern)
    parts = [part for part in unescaped.split("/") if part]
    anchored = unescaped.startswith("/") or (syntax is not Syntax.GITLAB and len(parts) > 1)
    below = _Below.SOME if unescaped.endswith("/") or parts[-1:] == [ANY_DEPTH] else _Below.ANY
    if parts[-1:] == ["*"] and len(parts) > 1 and not unescaped.endswith("/"):
        below = _Below.NONE
    if parts[-1:] == [ANY_DEPTH]:
        parts = parts[:-1]
    parts = parts if anchored else [ANY_DEPTH, *parts]
    # fnmatch's own classes are none of the three hosts'.
    whole = tuple(
        None if part == ANY_DEPTH else re.compile(fnmatch.translate(part.replace("[", "[[]"))) for part in parts
    )
    return _Pattern(whole, below)
