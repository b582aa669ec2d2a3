"""What the evaluator asks of code, whatever language it is written in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from iacfix.iac.values import Value
from iacfix.validators.assertions.truth import Truth

Judge = Callable[[Value | None], Truth]


@dataclass(frozen=True, slots=True)
class Reading:
    """What stands at a path; None is nothing.

    `written` are the values that it has for certain, one for each place and each choice that is left open. `stands` are
    those that it has as the code stands, and `deciding` those by which a case is told. `told` says it in words.
    `chosen`: who deploys may give it any value.
    """

    written: tuple[Value | None, ...]
    stands: tuple[Value | None, ...]
    deciding: tuple[Value | None, ...]
    told: str
    chosen: bool = False

    def judged(self, judge: Judge) -> Truth:
        verdicts = {judge(value) for value in self.written} | ({Truth.UNKNOWN} if self.chosen else set())
        if len(verdicts) == 1 and not verdicts & {Truth.UNKNOWN, Truth.ASSUMED}:
            return verdicts.pop()
        return Truth.ASSUMED if all(judge(value) is Truth.YES for value in self.stands) else Truth.UNKNOWN


class Place(Protocol):
    """A resource, or a nested block of one. What cannot be told raises UnreadableError."""

    @property
    def name(self) -> str: ...
    @property
    def resource_type(self) -> str: ...

    def read(self, path: str) -> Reading: ...

    def parts(self, block: str) -> tuple["Place", ...]:
        """The nested blocks of this name, or the items of a list (`Rules[]`), or the one mapping."""

    def policy(self, path: str) -> Value:
        """The policy that an attribute holds, or with "" the resource itself, as it is written."""

    def rules(self, name: str) -> tuple["Place", ...]:
        """The rules of a network, each a place: nested blocks, items of a list, or with "" the resource itself."""

    def beside(self, resource_type: str, link: Mapping[str, str]) -> "Place | None":
        """The resource of this type that refers to this one; None where there is certainly none."""
