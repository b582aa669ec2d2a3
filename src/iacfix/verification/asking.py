"""Asking AWS during one look: only what the check says that it asks, each call tried three times at most, everything
kept as evidence.
"""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from iacfix.ports.posture import Answer, PostureError, PostureReader
from iacfix.verification.answers import ABSENT, Node, at, listed
from iacfix.verification.gone import GONE
from iacfix.verification.target import Target, UnclearError

# Seconds before the second and the third try of a call; there is no fourth.
PAUSES: Final = (1.0, 2.0)
MOST_CALLS: Final = 300

Operation = tuple[str, str]
"""A service and its operation, by botocore's names: `("s3", "GetBucketAcl")`."""


class GoneError(Exception):
    """The service says that there is no such resource."""


@dataclass
class Ask:
    """One look at one resource. Verbs raise PostureError where AWS does not answer in the end, GoneError where it says
    that the resource is not there, and UnclearError where the answer is of no use.
    """

    target: Target
    reader: PostureReader
    operations: frozenset[Operation]
    pause: Callable[[float], None]
    calls: int = 0
    evidence: list[Mapping[str, object]] = field(default_factory=list)

    def read(
        self, service: str, operation: str, parameters: Mapping[str, object], absent: Collection[str] = ()
    ) -> Answer | None:
        """None where the service answers with one of the codes `absent`: what was asked for is not set, or is of
        something else than the resource.
        """
        if (service, operation) not in self.operations:
            msg = f"the check does not say that it asks {service}:{operation}"
            raise RuntimeError(msg)
        filled = self.target.filled(parameters)
        for pause in (*PAUSES, None):
            try:
                return self._once(service, operation, filled)
            except PostureError as error:
                if error.code in absent:
                    return None
                if error.code in GONE.get(service, ()):
                    raise GoneError(f"{service} answered {error.code}") from None
                if not error.passes or pause is None:
                    raise
                self.pause(pause)
        raise AssertionError

    def must(self, service: str, operation: str, parameters: Mapping[str, object]) -> Answer:
        answer = self.read(service, operation, parameters)
        assert answer is not None  # noqa: S101 - nothing is absent here
        return answer

    def pages(
        self,
        service: str,
        operation: str,
        parameters: Mapping[str, object],
        items: str,
        token: tuple[str, str] = ("NextToken", "NextToken"),
    ) -> list[Node]:
        """The objects of all pages. `token` is what the request and what the answer calls the next page's."""
        found: list[Node] = []
        seen: set[str] = set()
        given: dict[str, object] = {}
        while True:
            answer = self.must(service, operation, {**parameters, **given})
            found += listed(answer, items)
            following = next_page(answer, token[1])
            if not following:
                return found
            if following in seen:
                raise UnclearError(f"{service}:{operation} answers the same page again and again")
            seen.add(following)
            given = {token[0]: following}

    def _once(self, service: str, operation: str, parameters: Mapping[str, object]) -> Answer:
        if self.calls >= MOST_CALLS:
            raise UnclearError(f"more than {MOST_CALLS} calls would be needed to look at this resource")
        self.calls += 1
        kept: dict[str, object] = {"service": service, "operation": operation, "parameters": parameters}
        self.evidence.append(kept)
        try:
            answer = self.reader.read(service, operation, parameters, self.target.at)
        except PostureError as error:
            kept["error"] = {"code": error.code, "what": error.what}
            raise
        kept["answer"] = answer
        return answer


def next_page(answer: Node, token: str) -> str:
    """What leads to the next page, "" on the last one. Raises UnclearError where it cannot be told which that is: half
    a list would pass for all of it.
    """
    following = at(answer, token)
    if following in (ABSENT, "") and at(answer, "IsTruncated") is not True:
        return ""
    if not isinstance(following, str) or not following:
        raise UnclearError("the answer does not say where it goes on")
    return following


def document(value: object) -> Node:
    """A policy, which services answer as JSON text or as an object. Raises UnclearError."""
    try:
        read: object = json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        raise UnclearError("the policy is not JSON") from None
    if not isinstance(read, Mapping):
        raise UnclearError("the policy is no object")
    return read
