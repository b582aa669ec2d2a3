"""What a user can say about which findings are let in, and by which way."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """`proof` is signature or header; `header` "" is the proof's own. `secrets` are what the variables hold that are
    set, `unset` the names of the others. `window` is in seconds.
    """

    proof: str = "signature"
    header: str = ""
    window: int = 300
    secrets: tuple[str, ...] = field(default=(), repr=False)
    unset: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IntakeSettings:
    """An empty list lets in everything of its kind. `http` None: nothing comes in over HTTP."""

    shapes: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    senders: tuple[str, ...] = ()
    http: HttpSettings | None = None
