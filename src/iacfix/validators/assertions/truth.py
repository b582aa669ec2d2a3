"""What can be said of a predicate."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from iacfix.domain.errors import IacfixError


class Truth(IntEnum):
    """In this order, the least of several that all have to hold is the truth of all, the most that of any.

    `ASSUMED`: it is so as the code stands, by a variable's default or what is chosen at deployment: no proof.
    """

    NO = 0
    UNKNOWN = 1
    ASSUMED = 2
    YES = 3


class UnreadableError(IacfixError):
    """What stands there cannot be told without a plan or a deployment."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`reason` says what stands there and what is wanted; empty where it simply is so."""

    truth: Truth
    reason: str = ""


YES = Answer(Truth.YES)


def every(answers: Iterable[Answer]) -> Answer:
    """The reasons are those of the answers that decide."""
    found = list(answers)
    truth = min((each.truth for each in found), default=Truth.YES)
    return Answer(truth, _joined(found, truth))


def either(answers: Iterable[Answer]) -> Answer:
    found = list(answers)
    truth = max((each.truth for each in found), default=Truth.NO)
    return Answer(truth, _joined(found, truth))


def _joined(answers: Iterable[Answer], truth: Truth) -> str:
    return "; ".join(dict.fromkeys(each.reason for each in answers if each.truth is truth and each.reason))
