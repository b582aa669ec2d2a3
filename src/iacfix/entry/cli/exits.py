"""Exit codes: see docs/exit-codes.md."""

from collections.abc import Iterable
from enum import IntEnum

from iacfix.domain.outcome import NEEDS_NOBODY, Outcome


class Exit(IntEnum):
    DONE = 0
    NEEDS_A_PERSON = 1
    UNUSABLE_INPUT = 2
    INTERNAL_ERROR = 3


def exit_code(outcomes: Iterable[Outcome]) -> Exit:
    return Exit.DONE if all(outcome.status in NEEDS_NOBODY for outcome in outcomes) else Exit.NEEDS_A_PERSON
