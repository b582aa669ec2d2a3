"""Finding a control by what a tool calls it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property

from iacfix.domain.control import Control
from iacfix.domain.errors import ConfigurationError


@dataclass(frozen=True)
class Catalogue:
    """Controls by id. Two may claim the same name of a tool only while the resource type tells them apart."""

    controls: tuple[Control, ...]

    def __post_init__(self) -> None:
        for name, claimed in self._by_name.items():
            for index, control in enumerate(claimed):
                for other in claimed[index + 1 :]:
                    if shared := set(_types(control)) & set(_types(other)):
                        raise ConfigurationError(
                            f"the controls {control.id} and {other.id} both claim {name[0]} {name[1]}"
                            f" for {', '.join(sorted(shared))}",
                            remedy="take the name from one of them",
                        )

    def __iter__(self) -> Iterator[Control]:
        return iter(self.controls)

    @cached_property
    def _by_id(self) -> dict[str, Control]:
        return {control.id: control for control in self.controls}

    @cached_property
    def _by_name(self) -> dict[tuple[str, str], tuple[Control, ...]]:
        found: dict[tuple[str, str], tuple[Control, ...]] = {}
        for control in self.controls:
            for tool, names in control.names.items():
                for name in names:
                    key = (tool, name.lower())
                    found[key] = (*found.get(key, ()), control)
        return found

    def get(self, control_id: str) -> Control | None:
        return self._by_id.get(control_id)

    def find(self, tool: str, check_id: str, resource_type: str) -> Control | None:
        """The control a tool means. The resource type decides only where several claim the name."""
        claimed = self._by_name.get((tool, check_id.lower()), ())
        if len(claimed) == 1:
            return claimed[0]
        return next((control for control in claimed if resource_type in _types(control)), None)

    def nearest(self, tool: str, check_id: str) -> tuple[str, ...]:
        """Up to three known names that look like this one, for a message."""
        known = {name: original for (of, name), original in self._spelled.items() if of == tool}
        return tuple(known[name] for name in get_close_matches(check_id.lower(), known, n=3, cutoff=0.8))

    def matching(self, words: Iterable[str]) -> tuple[Control, ...]:
        """Controls that a person means by these words: an id, or a tool's name in any case."""
        wanted = {word.lower() for word in words}
        return tuple(
            control
            for control in self.controls
            if control.id in wanted or any(name.lower() in wanted for names in control.names.values() for name in names)
        )

    @cached_property
    def _spelled(self) -> dict[tuple[str, str], str]:
        return {
            (tool, name.lower()): name
            for control in self.controls
            for tool, names in control.names.items()
            for name in names
        }


def _types(control: Control) -> tuple[str, ...]:
    return (*control.resource_types, *control.terraform.targets)
