"""Finding a control by what a tool calls it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from iacfix.domain.control import Control
from iacfix.domain.errors import ConfigurationError

# Words in which every check's title is alike.
EMPTY_WORDS = frozenset(
    {
        "a",
        "all",
        "amazon",
        "an",
        "and",
        "any",
        "are",
        "aws",
        "be",
        "by",
        "configured",
        "do",
        "does",
        "enabled",
        "ensure",
    }
    | {"for", "has", "have", "in", "is", "it", "its", "no", "not", "of", "on", "or", "should", "that", "the", "their"}
    | {"to", "use", "using", "with"}
)
# Share of words in common from which two titles speak of the same thing.
ALIKE = 0.34


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

    def nearest(self, title: str) -> tuple[str, ...]:
        """Up to three controls about the same thing, by the words of a check's title: numbers of checks say nothing."""
        words = _words(title)
        scored = [(len(words & known) / len(words | known), key) for key, known in self._words.items() if words & known]
        return tuple(key for score, key in sorted(scored, key=lambda each: (-each[0], each[1]))[:3] if score >= ALIKE)

    def matching(self, words: Iterable[str]) -> tuple[Control, ...]:
        """Controls that a person means by these words: an id, or a tool's name in any case."""
        wanted = {word.lower() for word in words}
        return tuple(
            control
            for control in self.controls
            if control.id in wanted or any(name.lower() in wanted for names in control.names.values() for name in names)
        )

    @cached_property
    def _words(self) -> dict[str, frozenset[str]]:
        return {control.id: _words(control.title) for control in self.controls}


def _words(title: str) -> frozenset[str]:
    """The words that carry meaning, in the singular."""
    found = re.findall(r"[a-z0-9]+", title.lower())
    return frozenset(word.removesuffix("s") for word in found if word not in EMPTY_WORDS)


def _types(control: Control) -> tuple[str, ...]:
    return (*control.resource_types, *control.targets)
