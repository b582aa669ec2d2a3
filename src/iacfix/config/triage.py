"""What a user can say about triage, as it stands in the file: what it means is for the parts that use it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from iacfix.config.stores import Table

ENVIRONMENT_TAGS = ("Environment", "Env", "Stage")


@dataclass(frozen=True, slots=True)
class OpaSettings:
    url: str
    timeout: float = 5.0
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class WindowSettings:
    """Times of the day as HH:MM in the zone's wall-clock time."""

    name: str
    start: str
    end: str
    zone: str = "UTC"
    days: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FreezeSettings:
    """Days, of which the last is frozen too, or moments without a zone of their own."""

    name: str
    start: str
    end: str
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class RouteSettings:
    route: str
    control: str = "*"
    type: str = "*"
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReviewSettings:
    """A second opinion by a model, "" being the one that writes fixes. `silence` is what an answer that does not come,
    or cannot be read, counts as: `escalate` or `ignore`. Seconds, tokens, and how many events are shown.
    `cloudtrail`: it is asked too.
    """

    model: str = ""
    silence: str = "escalate"
    timeout: float = 20.0
    max_tokens: int = 400
    events: int = 20
    cloudtrail: bool = False


@dataclass(frozen=True, slots=True)
class TriageSettings:
    """`owners` and `exceptions`: a file or a table; exceptions of a repository stand in its own file beside these.
    `limits` are the most resources of a run, an hour and a control. `modes` maps names of controls to modes, of
    which the first that fits counts. `assume_tags` and `assume_account` are for findings that do not say.
    """

    owners: Path | Table
    exceptions: Table | None = None
    exception_days: int = 365
    review: ReviewSettings | None = None
    policy: Path | None = None
    opa: OpaSettings | None = None
    environment_tags: tuple[str, ...] = ENVIRONMENT_TAGS
    environments: Mapping[str, str] = field(default_factory=dict)
    assume_account: str = ""
    assume_tags: Mapping[str, str] = field(default_factory=dict)
    resource_types: tuple[str, ...] = ()
    exclude_tags: tuple[str, ...] | None = None
    automation_rules: Path | None = None
    actions: Mapping[str, str] = field(default_factory=dict)
    mode: str = "supervised"
    modes: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)
    windows: tuple[WindowSettings, ...] = ()
    freezes: tuple[FreezeSettings, ...] = ()
    routes: tuple[RouteSettings, ...] = ()
