"""How a live resource is looked at."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from iacfix.domain.errors import IacfixError

Answer = Mapping[str, object]
"""What an API answered, without the metadata of the transport. Untrusted."""


@dataclass(frozen=True, slots=True)
class At:
    """Where to look: the account's number and the region, "" for what the credentials lead to."""

    account: str = ""
    region: str = ""


class PostureError(IacfixError):
    """An API that did not answer. `code` is the service's own (`AccessDenied`, `NoSuchBucket`), "" where there was no
    answer at all; `passes` whether trying again may help: throttling, network, 5xx.
    """

    def __init__(self, what: str, *, remedy: str = "", code: str = "", passes: bool = False) -> None:
        super().__init__(what, remedy=remedy)
        self.code = code
        self.passes = passes


class PostureReader(Protocol):
    def read(self, service: str, operation: str, parameters: Mapping[str, object], at: At) -> Answer:
        """One call, not retried, by names of the service's model (`s3`, `GetBucketAcl`). Only operations that read.

        Raises PostureError.
        """
