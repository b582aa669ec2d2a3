"""What goes wrong with messages, made by chance: structure first, then bytes. One seed gives the same ones again."""

import copy
import json
from collections.abc import Callable, Sequence
from random import Random
from typing import cast

from tests.support.messages import event, notification, sns, sqs

Spot = tuple[list[object] | dict[str, object], int | str]
"""A container, and where in it a value stands."""

TEXTS = (
    "",
    " ",
    "x" * 5000,
    "\u202e\u2066evil\u2069",
    "\x00\x1b[2J",
    "a\nb\r\nc",
    "\ud800",
    "é" * 700,
    "{{issue.id}}",
    "arn:aws:s3:::",
    "arn:" + ":" * 40,
    "arn:aws:ec2:eu-west-1:111122223333:instance/" + "i" * 3000,
    "{}",
    "[[[[",
    '{"Records": [{"eventSource": "aws:sqs", "body": "{}"}]}',
    "RESOLVED",
    "AWS::S3::Bucket",
    "securityhub-" * 100,
    "*" * 200,
)
VALUES: tuple[object, ...] = (
    None,
    True,
    False,
    0,
    -1,
    2**70,
    1e308,
    float("nan"),
    float("inf"),
    [],
    {},
    [None],
    [[]],
    {"": ""},
    [{}] * 50,
)
DEEP = (30, 900, 100_000)


def spots(value: object) -> list[Spot]:
    found: list[Spot] = []
    waiting = [value]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            found += [(here, key) for key in here]
            waiting += here.values()
        elif isinstance(here, list):
            found += [(here, index) for index in range(len(here))]
            waiting += here
    return found


def mutated(value: object, others: Sequence[object], random: Random) -> object:
    """A copy with one to four wounds. `others` are events that parts are taken from."""
    root: list[object] = [copy.deepcopy(value)]
    for _ in range(random.choice((1, 1, 1, 2, 3, 4))):
        places = spots(root)
        random.choice(_WOUNDS)(random.choice(places), places, others, random)
        if not root:
            return None
    return root[0]


Wound = Callable[[Spot, Sequence[Spot], Sequence[object], Random], None]


def _at(spot: Spot) -> object:
    return cast("dict[int | str, object]", spot[0])[spot[1]]


def _put(spot: Spot, value: object) -> None:
    cast("dict[int | str, object]", spot[0])[spot[1]] = value


def _drop(spot: Spot, _places: Sequence[Spot], _others: Sequence[object], _random: Random) -> None:
    del cast("dict[int | str, object]", spot[0])[spot[1]]


def _swap_type(spot: Spot, _places: Sequence[Spot], _others: Sequence[object], random: Random) -> None:
    _put(spot, copy.deepcopy(random.choice(VALUES)))


def _retext(spot: Spot, _places: Sequence[Spot], _others: Sequence[object], random: Random) -> None:
    _put(spot, random.choice(TEXTS))


def _stretch(spot: Spot, _places: Sequence[Spot], _others: Sequence[object], random: Random) -> None:
    """A text that is nearly right."""
    held = _at(spot)
    _put(spot, random.choice(TEXTS) + held + random.choice(TEXTS) if isinstance(held, str) else str(held)[:1000])


def _nest(spot: Spot, _places: Sequence[Spot], _others: Sequence[object], random: Random) -> None:
    held = _at(spot)
    for _ in range(random.randint(1, 5)):
        held = [held] if random.random() < 0.5 else {random.choice(("Findings", "detail", "x", "Message")): held}
    _put(spot, held)


def _as_text(spot: Spot, _places: Sequence[Spot], _others: Sequence[object], _random: Random) -> None:
    _put(spot, json.dumps(_at(spot)))


def _double(spot: Spot, _places: Sequence[Spot], _others: Sequence[object], random: Random) -> None:
    holder, key = spot
    if isinstance(holder, list):
        holder.extend(copy.deepcopy(_at(spot)) for _ in range(random.choice((1, 2, 20))))
    else:
        holder[f"{key}{random.choice(('', '2', chr(0x202E)))}"] = copy.deepcopy(_at(spot))


def _rename(spot: Spot, _places: Sequence[Spot], _others: Sequence[object], random: Random) -> None:
    holder, key = spot
    if isinstance(holder, dict):
        name = str(key)
        holder[random.choice((name.lower(), name.upper(), name[:-1], name + " ", "Records", "detail-type"))] = (
            holder.pop(name)
        )


def _exchange(spot: Spot, places: Sequence[Spot], _others: Sequence[object], random: Random) -> None:
    other = random.choice(places)
    one, two = copy.deepcopy(_at(spot)), copy.deepcopy(_at(other))
    _put(spot, two)
    _put(other, one)


def _splice(spot: Spot, _places: Sequence[Spot], others: Sequence[object], random: Random) -> None:
    theirs = spots([random.choice(others)])
    _put(spot, copy.deepcopy(_at(random.choice(theirs))))


_WOUNDS: tuple[Wound, ...] = (
    _drop,
    _drop,
    _swap_type,
    _swap_type,
    _retext,
    _stretch,
    _nest,
    _as_text,
    _double,
    _rename,
    _exchange,
    _splice,
)


def wrapped(value: object, random: Random) -> object:
    """In none to five envelopes, of which one may be one too many."""
    for _ in range(random.choice((0, 0, 0, 1, 1, 2, 3, 5))):
        value = random.choice(_ENVELOPES)(value)
    return value


_ENVELOPES: tuple[Callable[[object], object], ...] = (
    notification,
    notification,
    sqs,
    sqs,
    sns,
    lambda value: [value],
    lambda value: event("Findings Imported V2", "aws.securityhub", {"findings": [value]}),
    lambda value: event("Something", "acme.app", value),
    lambda value: {"Findings": [value]},
)


def written(value: object, random: Random) -> bytes:
    """As JSON, and in one of four cases with bytes that are wrong."""
    data = json.dumps(value).encode()
    if random.random() < 0.75 or not data:
        return data
    at = random.randrange(len(data))
    return random.choice(_BYTES)(data, at, random)


_BYTES: tuple[Callable[[bytes, int, Random], bytes], ...] = (
    lambda data, at, _: data[:at],
    lambda data, at, _: data[at:],
    lambda data, at, random: data[:at] + random.randbytes(random.randint(1, 8)) + data[at:],
    lambda data, at, random: data[:at] + bytes([random.randrange(256)]) + data[at + 1 :],
    lambda data, at, random: data + data[at : at + random.randint(1, 200)],
    lambda data, _at, _: b"\xef\xbb\xbf" + data,
    lambda data, _at, _: data.decode().encode("utf-16"),
    lambda data, _at, random: b"[" * (depth := random.choice(DEEP)) + data + b"]" * depth,
    lambda data, at, _: data[:at] + b"9" * 5000 + data[at:],
    lambda data, at, _: data[:at] + b"\x00" * 3 + data[at:],
)
