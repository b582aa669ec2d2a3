"""Patterns over tags: `Environment=production,Team=plat*`.

Tags are written by people, in every case: keys and values are compared without it and without white space around them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from iacfix.domain.errors import InputError
from iacfix.triage.wildcard import matches

Tags = Iterable[tuple[str, str]]
Index = Mapping[str, tuple[str, ...]]
"""Values by key, keys without case: see `indexed`."""


class Answer(Enum):
    """`CONTRADICTED`: the key is there several times, and only some of its values fit."""

    YES = "yes"
    NO = "no"
    CONTRADICTED = "contradicted"


@dataclass(frozen=True, slots=True)
class TagCondition:
    """`key` has `value`, in which `*` stands for any characters; `*` alone asks only that the key is there."""

    key: str
    value: str

    @property
    def is_exact(self) -> bool:
        return "*" not in self.value

    @property
    def literals(self) -> int:
        """How many characters of the value are said."""
        return len(self.value.replace("*", ""))

    def __str__(self) -> str:
        return f"{self.key}={self.value}"

    def asked(self, tags: "Index") -> Answer:
        answers = {like(self.value, value) for value in tags.get(folded(self.key), ())}
        if answers == {True}:
            return Answer.YES
        return Answer.CONTRADICTED if True in answers else Answer.NO


def pattern(text: str) -> tuple[TagCondition, ...]:
    """Raises InputError for what is no pattern, and for a key that is named twice."""
    found: list[TagCondition] = []
    for part in text.split(","):
        key, equals, value = (each.strip() for each in part.partition("="))
        if not equals or not key or not value or "*" in key:
            raise InputError(f"{part.strip()!r} is no tag", remedy="write key=value, with commas between several")
        if any(folded(each.key) == folded(key) for each in found):
            raise InputError(f"{key!r} is named twice", remedy="a tag has one value: keep one of them")
        found.append(TagCondition(key, value))
    return tuple(found)


def mark(text: str) -> TagCondition:
    """One condition; a key alone asks that it is there. Raises InputError."""
    conditions = pattern(text if "=" in text else f"{text}=*")
    if len(conditions) > 1:
        raise InputError(f"{text!r} is more than one tag", remedy="write one entry for each")
    return conditions[0]


def indexed(tags: Tags) -> Index:
    """For many questions about the same tags."""
    found: dict[str, tuple[str, ...]] = {}
    for key, value in tags:
        name = folded(key)
        found[name] = (*found.get(name, ()), value)
    return found


def values(tags: Tags, key: str) -> Iterator[str]:
    """All that a key has, in any case, as they were written."""
    wanted = folded(key)
    return (value for name, value in tags if folded(name) == wanted)


def folded(text: str) -> str:
    return text.strip().casefold()


def like(wanted: str, text: str) -> bool:
    """Only `*` is special; see wildcard.py."""
    return matches(folded(wanted), folded(text))
