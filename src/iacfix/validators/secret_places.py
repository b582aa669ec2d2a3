"""Where the secrets of a file stand: the same value under another name, or in another block, may be read by others."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator

from iacfix.domain.secrets import find_secrets
from iacfix.validators.texts import SHORTEST_COPY

# The names on the way to what holds the secret, () where nothing does: in a comment, or as a name.
Place = tuple[str, ...]
NOWHERE: Place = ()

# What holds secrets: from, to, in bytes, and its place.
Held = tuple[int, int, Place]


def moved(old: Iterable[tuple[Place, str]], new: Iterable[tuple[Place, str]]) -> str:
    """Why the change must not be: a secret of the file stands where it did not stand; "" where that is not so."""
    for place, _ in Counter(new) - Counter(old):
        return f"a secret is moved to {'.'.join(place) if place else 'a comment'}"
    return ""


def secrets_of(data: bytes) -> frozenset[str]:
    text = data.decode()
    return frozenset(text[found.start : found.end] for found in find_secrets(text))


def where(secrets: frozenset[str], data: bytes) -> list[tuple[int, str]]:
    """Where they begin, in bytes and in that order, whatever they are called there: under another name one may not
    look like a secret. Short ones stand in many places by chance, and count where they are called what they are.
    """
    text = data.decode()
    long = [value for value in secrets if len(value) >= SHORTEST_COPY]
    found = [(match.start(), value) for value in long for match in re.finditer(re.escape(value), text)]
    named = ((each.start, text[each.start : each.end]) for each in find_secrets(text))
    found += [(at, value) for at, value in named if value in secrets and len(value) < SHORTEST_COPY]
    return [(len(text[:at].encode()), value) for at, value in sorted(found)]


def placed(secrets: Iterable[tuple[int, str]], held: Iterable[Held]) -> Iterator[tuple[Place, str]]:
    """Each secret with what it stands in. What holds them does not overlap."""
    known = sorted(held)
    starts = [start for start, _, _ in known]
    for at, value in secrets:
        number = bisect_right(starts, at) - 1
        yield (known[number][2] if number >= 0 and at < known[number][1] else NOWHERE), value
