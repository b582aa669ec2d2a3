"""A change that somebody proposes, before anyone has judged it."""

from dataclasses import dataclass

from iacfix.domain.control import Risk
from iacfix.domain.decision import Reading


@dataclass(frozen=True, slots=True)
class Edit:
    """One file, before and after, byte for byte."""

    path: str
    before: bytes
    after: bytes


@dataclass(frozen=True, slots=True)
class Usage:
    """What a model call cost: tokens in, tokens out, and the service's own latency in milliseconds.

    Tokens that were read from or written to the prompt cache are not among `input_tokens`. `estimated_input_tokens` is
    what we took the prompt for before it left, the cached part included: see generation/model/budget.py. `cost_micros`
    are millionths of a US dollar by the price table of the configuration, 0 where it has no price.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    latency_ms: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    estimated_input_tokens: int = 0
    cost_micros: int = 0


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a generator hands to the validators: a diff as it was written, by whom (`recipe:<control>`, `model:<id>`,
    `given`), and why. Nothing in it is trusted: `assumptions` and `risk` are what a model says of its own fix.
    """

    diff: str
    generator: str
    explanation: str = ""
    usage: Usage | None = None
    assumptions: tuple[str, ...] = ()
    risk: Risk | None = None


@dataclass(frozen=True, slots=True)
class AlreadyFixed:
    """The block already is as the control wants it; `reason` says by what."""

    reason: str


@dataclass(frozen=True, slots=True)
class Declined:
    """No change can be proposed safely, because …: a value, not an exception.

    `unproven`: the setting at fault is looked at, and nothing shows that it is right. Otherwise the recipe is not meant
    for such a block, and says nothing of it. `reading`: what the setting at fault is instead of a value. `assumed`: it
    holds, by these names alone; None is an assumption of another kind.
    """

    reason: str
    unproven: bool = False
    reading: Reading | None = None
    assumed: tuple[Reading | None, ...] = ()


Generated = Candidate | AlreadyFixed | Declined
