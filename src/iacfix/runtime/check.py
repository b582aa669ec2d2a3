"""A look at the values that a control's runbook changes. It is the same look that was taken before: verification is
somebody else's, and this one stands in where there is nobody.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from iacfix.domain.control import Control
from iacfix.domain.finding import Finding
from iacfix.domain.verification import Result, Verification
from iacfix.ports.posture import PostureError, PostureReader
from iacfix.runtime.filling import UnfilledError
from iacfix.runtime.state import read_state
from iacfix.runtime.target import target_of

NAME = "runtime_state"
_GONE = frozenset({"NoSuchBucket", "ResourceNotFoundException", "TrailNotFoundException", "NotFoundException"})
_GONE_ENDINGS = ("NotFound", "NotFoundFault", ".NotFound", "NonExistentQueue", "QueueDoesNotExist")


@dataclass(frozen=True)
class StateCheck:
    """`control_of` gives what the catalogue knows of a finding."""

    reader: PostureReader
    control_of: Callable[[Finding], Control | None]
    now: Callable[[], datetime]

    def __call__(self, finding: Finding) -> Verification:
        control = self.control_of(finding)
        if control is None or control.runtime is None:
            return self._said(finding, Result.ERROR, "no check is known for it")
        target = target_of(finding, control.runtime)
        if isinstance(target, str):
            return self._said(finding, Result.ERROR, target)
        try:
            state = read_state(self.reader, control.runtime, target)
        except UnfilledError as error:
            return self._said(finding, Result.ERROR, str(error))
        except PostureError as error:
            if error.code in _GONE or error.code.endswith(_GONE_ENDINGS):
                return self._said(finding, Result.RESOURCE_GONE, f"AWS answered {error.code}")
            return self._said(finding, Result.ERROR, str(error))
        seen = f"{control.id}: {state.told()}"
        return self._said(finding, Result.RESOLVED if state.right else Result.STILL_OPEN, seen, state.told())

    def _said(self, finding: Finding, result: Result, seen: str, evidence: str = "{}") -> Verification:
        at = self.now().astimezone(UTC).isoformat(timespec="microseconds")
        told = "\n".join((at, finding.control, finding.resource.identifier, result, seen))
        identity = hashlib.sha256(told.encode()).hexdigest()[:32]
        return Verification(identity, at, finding.control, finding.resource.identifier, NAME, result, seen, evidence, 1)
