"""What is alike in every language: which variant is meant, and what comes of what its steps have made."""

from collections.abc import Callable
from typing import Protocol

from iacfix.domain.control import Condition, Control, LanguageFix, Step
from iacfix.domain.decision import Reading
from iacfix.domain.errors import DocumentError, PatchError
from iacfix.domain.location import Location
from iacfix.domain.proposal import AlreadyFixed, Candidate, Declined, Edit, Generated
from iacfix.generation.recipes.declined import DeclinedError, ReadingError, UnprovenError
from iacfix.patches import apply_patch, read_diff, render_diff

# Lines above and below each change.
CONTEXTS = (3, 10, 30, 100, 1000)


class Made(Protocol):
    """A file behind the steps, what holds only as the code stands (`assumed`, by which names: `readings`), and what was
    done (`notes`).
    """

    @property
    def data(self) -> bytes: ...
    @property
    def assumed(self) -> tuple[str, ...]: ...
    @property
    def readings(self) -> tuple[Reading | None, ...]: ...
    @property
    def notes(self) -> tuple[str, ...]: ...


def generated(control: Control, location: Location, before: bytes, make: Callable[[], Made]) -> Generated:
    """`make` takes the steps, and raises DeclinedError or DocumentError."""
    try:
        made = make()
    except ReadingError as error:
        return Declined(error.what, unproven=True, reading=error.reading)
    except DeclinedError as error:
        return Declined(error.what, unproven=isinstance(error, UnprovenError))
    except DocumentError as error:
        return Declined(f"the recipe cannot edit a block that is written like this: {error.what}", unproven=True)
    if made.data == before:
        if made.assumed:
            return Declined(
                f"it already holds as the code stands ({'; '.join(made.assumed)}): look at what is deployed",
                assumed=made.readings,
            )
        return AlreadyFixed(f"{location.address} already is as the control wants it")
    diff = anchored(Edit(location.path, before, made.data))
    return Candidate(diff, f"recipe:{control.id}", explanation=_sentence(made.notes) + _resting_on(made.assumed))


def steps_for(
    fix: LanguageFix, control: Control, resource_type: str, met: Callable[[Condition], bool]
) -> tuple[Step, ...]:
    """Those of the first variant that is meant for the resource. Raises DeclinedError where none is, or it declines."""
    if resource_type not in fix.targets:
        raise DeclinedError(f"{control.id} speaks of {', '.join(fix.targets)}, not of {resource_type}")
    for variant in fix.variants:
        if all(met(condition) for condition in variant.when):
            if variant.decline:
                raise DeclinedError(variant.decline)
            return variant.steps
    raise DeclinedError("no safe change is known for a block that is written like this")


def anchored(edit: Edit) -> str:
    """With as much context as it takes for every hunk to fit one place alone: templates repeat themselves."""
    for context in CONTEXTS:
        diff = render_diff([edit], context=context)
        try:
            if all(apply_patch(edit.before, patch) == edit.after for patch in read_diff(diff)):
                return diff
        except PatchError:
            continue
    return render_diff([edit])


def _resting_on(assumed: tuple[str, ...]) -> str:
    """What the change leaves as it is, because it is right only as the code stands."""
    return f" It rests on this: {'; '.join(dict.fromkeys(assumed))}." if assumed else ""


def _sentence(notes: tuple[str, ...]) -> str:
    said = ", ".join(dict.fromkeys(notes))
    return f"{said[:1].upper()}{said[1:]}."
