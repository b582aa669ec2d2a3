"""Finding a control by what a tool calls it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from iacfix.controls.beyond import beyond_code
from iacfix.controls.names import PATTERNS, canonical, matches, near, shape
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
            # Two spellings of one name are one name.
            for key in dict.fromkeys(canonical(tool, name) for tool, names in control.names.items() for name in names):
                found[key] = (*found.get(key, ()), control)
        return found

    def get(self, control_id: str) -> Control | None:
        return self._by_id.get(control_id)

    def claimed(self, tool: str, check_id: str) -> tuple[Control, ...]:
        """The controls that have this name of the tool, in any spelling."""
        return self._by_name.get(canonical(tool, check_id), ())

    def beyond_code(self, tool: str, check_id: str) -> str:
        """Why no code can meet this check; "" where that is not known, or where a control is about it."""
        return "" if self.claimed(tool, check_id) else beyond_code().get(canonical(tool, check_id), "")

    def find(self, tool: str, check_id: str, resource_type: str, title: str = "") -> Control | None:
        """The control a tool means. The resource type decides only where several claim the name.

        `title` is looked at for tools whose rules are known by what they are called.
        """
        claimed = self.claimed(tool, check_id)
        if not claimed and tool in PATTERNS:
            claimed = self._called(tool, (check_id, title))
        if len(claimed) == 1:
            return claimed[0]
        of_type = [control for control in claimed if resource_type in _types(control)]
        return of_type[0] if len(of_type) == 1 else None

    def _called(self, tool: str, texts: Iterable[str]) -> tuple[Control, ...]:
        named = [text for text in texts if text]
        return tuple(
            control
            for control in self.controls
            if any(matches(pattern, text) for pattern in control.names.get(tool, ()) for text in named)
        )

    def nearest(self, title: str, check_id: str = "") -> tuple[str, ...]:
        """Up to three controls: those whose name this id may have been meant to be, then those about the same thing.

        The latter by the words of the check's title: the number of a check says nothing about its neighbours.
        """
        numbers = shape(check_id)[1]
        meant = [key for letters in near(check_id, self._letters) for key in self._shapes[letters, numbers]]
        words = _words(title)
        scored = [(len(words & known) / len(words | known), key) for key, known in self._words.items() if words & known]
        alike = [key for score, key in sorted(scored, key=lambda each: (-each[0], each[1])) if score >= ALIKE]
        return tuple(dict.fromkeys([*meant, *alike]))[:3]

    def matching(self, words: Iterable[str]) -> tuple[Control, ...]:
        """Controls that a person means by these words: an id, or a tool's name in any spelling."""
        wanted = tuple(words)
        tools = {tool for tool, _ in self._by_name}
        meant = {control.id for word in wanted for tool in tools for control in self.claimed(tool, word)}
        meant |= {word.lower() for word in wanted}
        return tuple(control for control in self.controls if control.id in meant)

    @cached_property
    def _shapes(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """Ids of controls by the letters and the numbers of their names."""
        found: dict[tuple[str, str], tuple[str, ...]] = {}
        for (tool, name), controls in self._by_name.items():
            if tool not in PATTERNS:
                found[shape(name)] = (*found.get(shape(name), ()), *(control.id for control in controls))
        return found

    @cached_property
    def _letters(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for letters, numbers in self._shapes:
            found.setdefault(numbers, []).append(letters)
        return found

    @cached_property
    def _words(self) -> dict[str, frozenset[str]]:
        return {control.id: _words(control.title) for control in self.controls}


def _words(title: str) -> frozenset[str]:
    """The words that carry meaning, in the singular."""
    found = re.findall(r"[a-z0-9]+", title.lower())
    return frozenset(word.removesuffix("s") for word in found if word not in EMPTY_WORDS)


def _types(control: Control) -> tuple[str, ...]:
    return (*control.resource_types, *control.targets)
