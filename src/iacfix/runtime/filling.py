"""From the templates of a control to what a call or a runbook is told."""

import re
from collections.abc import Mapping

from iacfix.domain.runbook import Run, Template, Values

# Limits of StartAutomationExecution, by its description.
MAX_VALUE = 512
MAX_VALUES = 50
_PLACE = re.compile(r"\{([a-z]+)(?:\.([A-Za-z0-9]+))?\}")


class UnfilledError(ValueError):
    """Something that a template asks for is not known. Its text says what."""


def asked(template: Template, values: Mapping[str, str]) -> object:
    """What a call that reads is told. Raises UnfilledError."""
    if isinstance(template, str):
        return _filled(template, values, {})
    if isinstance(template, tuple):
        return [asked(each, values) for each in template]
    return {name: asked(each, values) for name, each in template.items()}


def told(run: Run, values: Mapping[str, str], was: Values) -> Values:
    """What a runbook is told. Raises UnfilledError, also for what SSM would not take."""
    found = {name: _listed(template, values, was) for name, template in run.parameters.items()}
    for name, given in found.items():
        if not given or len(given) > MAX_VALUES or any(not 1 <= len(each) <= MAX_VALUE for each in given):
            raise UnfilledError(f"{name} of {run.runbook} would be empty or too long")
    return found


def _listed(template: str, values: Mapping[str, str], was: Values) -> tuple[str, ...]:
    """A template that is nothing but one value of before may be a list."""
    place = _PLACE.fullmatch(template)
    if place is not None and place[1] == "was":
        return _before(place[2], was)
    return (_filled(template, values, was),)


def _filled(template: str, values: Mapping[str, str], was: Values) -> str:
    def fill(place: re.Match[str]) -> str:
        if place[1] == "was":
            return "".join(_before(place[2], was))
        if not (known := values.get(place[1], "")):
            raise UnfilledError(f"the {place[1]} of the resource is not known")
        return known

    return _PLACE.sub(fill, template)


def _before(name: str, was: Values) -> tuple[str, ...]:
    if not was.get(name):
        raise UnfilledError(f"what {name} was before is not known")
    return was[name]
