"""How a live resource is changed: the runbook, what is read before and after, the way back. Data of a control."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Template = str | tuple["Template", ...] | Mapping[str, "Template"]
"""Parameters as the catalogue has them: texts with `{name}`, `{arn}`, `{account}`, `{region}`, `{partition}`,
`{queue}`, `{role}` in them, and `{was.<value>}` where the state of before is known.
"""

Values = Mapping[str, tuple[str, ...]]
"""By name. Whatever SSM is told is a list of texts, so that a yes is `("true",)`, and nothing at all is `()`."""


@dataclass(frozen=True, slots=True)
class LiveRead:
    """One call that reads, by names of the service's model. `nothing` are the errors that mean: it was never set."""

    service: str
    operation: str
    parameters: Mapping[str, Template]
    nothing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """A document of SSM Automation and what it is told."""

    runbook: str
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RuntimeFix:
    """`arn` is what the ARNs of its resources begin with after `arn:<partition>:`: the service, a colon, and the type
    (`rds:db`), where they have one.

    `state` are the values that the runbook changes: names, and dotted paths into what `reads` answers. `absent` is what
    holds where the answer has none. They are right where each is one of those that `right` has, or as great as
    `at_least`. Where something stands at a path of `leave`, the runbook would do more than it is for: undo what
    somebody has decided, or bring about what waits for a maintenance window. Nothing is changed then, nor brought back.
    `open_port`: the state is the rules of a security group that let everybody reach this port.

    `owns` are the attributes in Terraform that decide the same: what code owns would come back with its next apply.
    Exactly one of `restore` and `irreversible`, which says why there is no way back, is there. `caveat` is what the way
    back does not bring back.
    """

    arn: str
    run: Run
    reads: LiveRead
    state: Mapping[str, str] = field(default_factory=dict)
    absent: Values = field(default_factory=dict)
    right: Values = field(default_factory=dict)
    at_least: Mapping[str, int] = field(default_factory=dict)
    leave: Mapping[str, str] = field(default_factory=dict)
    open_port: int = 0
    owns: tuple[str, ...] = ()
    restore: Run | None = None
    irreversible: str = ""
    caveat: str = ""

    @property
    def reversible(self) -> bool:
        return self.restore is not None
