"""What a user can say about the stages that ask programs and services beside iacfix."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RescanSettings:
    """`command` is the scanner with its first arguments, `timeout` in seconds."""

    enabled: bool = True
    command: tuple[str, ...] = ("checkov",)
    timeout: float = 120.0


@dataclass(frozen=True, slots=True)
class PlanSettings:
    """Off unless the configuration says otherwise: a plan runs code of the repository, with credentials.

    `command` is terraform or tofu with its first arguments. `var_files` stand in the repository, `backend` is handed
    to `init`, `environment` names the variables that the program gets beside AWS's and Terraform's own.
    """

    enabled: bool = False
    command: tuple[str, ...] = ("terraform",)
    var_files: tuple[str, ...] = ()
    backend: Mapping[str, str] = field(default_factory=dict)
    environment: tuple[str, ...] = ()
    timeout: float = 600.0


@dataclass(frozen=True, slots=True)
class ChangeSetSettings:
    """`stacks` maps the name of a stack to the path of its template in the repository: without any, no change set
    is made. `timeout` is in seconds.
    """

    stacks: Mapping[str, str] = field(default_factory=dict)
    region: str = ""
    timeout: float = 300.0


@dataclass(frozen=True, slots=True)
class StageSettings:
    """`required` names stages: what one of them cannot judge is not accepted."""

    required: tuple[str, ...] = ()
