"""A setting that is a variable or a local, and the one place that decides what it is worth."""

from dataclasses import dataclass
from enum import StrEnum

from iacfix.domain.control import Want


@dataclass(frozen=True, slots=True)
class Reading:
    """`attribute` (a dotted path) of the block `address` is `name` and nothing else: `var.encrypt`, `local.class`.

    `want` is what the control wants of it.
    """

    address: str
    attribute: str
    name: str
    want: Want

    @property
    def setting(self) -> str:
        return f"{self.address}.{self.attribute}"


class DecidedBy(StrEnum):
    DEFAULT = "default"
    LOCAL = "local"
    VARIABLE_FILE = "variable file"
    ARGUMENT = "argument"


@dataclass(frozen=True, slots=True)
class Decision:
    """Where the value is written: `attribute` of `address` (`default` of `var.encrypt`, an argument of `module.db`); a
    local (`local.class`) and what a variable file sets (`tfvars.encrypt`) are themselves what is written there.

    `why` leads from the setting to it, one sentence for each name on the way.
    """

    by: DecidedBy
    path: str
    address: str
    attribute: str
    start_line: int
    end_line: int
    why: tuple[str, ...]
