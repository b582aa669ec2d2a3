"""Carries out a document of SSM Automation, schema 0.3: the steps that call AWS and those that look at its answers."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

Document = Mapping[str, object]
Call = Callable[[str, str, Mapping[str, object]], Mapping[str, object]]
"""Service, operation and parameters, as a step names them."""

ACTIONS = frozenset(
    {"aws:executeAwsApi", "aws:assertAwsResourceProperty", "aws:waitForAwsResourceProperty", "aws:sleep"}
)
TYPES = frozenset({"String", "StringList", "Boolean", "Integer", "MapList", "StringMap"})
_STEP_WORDS = frozenset({"name", "action", "inputs", "onFailure", "timeoutSeconds", "isEnd", "maxAttempts"})
_OF_LOOKING = frozenset({"Service", "Api", "PropertySelector", "DesiredValues"})
_PLACE = re.compile(r"\{\{\s*([A-Za-z0-9]+)\s*\}\}")
_SELECTOR = re.compile(r"\.([A-Za-z0-9_]+)|\[([0-9]+)\]")


class UnfitError(ValueError):
    """What a runbook was told is not what it takes."""


@dataclass(frozen=True, slots=True)
class FailedStepError(Exception):
    step: str
    reason: str


def faults(document: Document) -> tuple[str, ...]:
    """Why SSM would not take it, as far as the parts that are used here go."""
    found: list[str] = []
    if document.get("schemaVersion") != "0.3":
        found.append("schemaVersion is not 0.3")
    parameters = cast("Mapping[str, Mapping[str, object]]", document.get("parameters", {}))
    found += [f"{name} has no type" for name, each in parameters.items() if each.get("type") not in TYPES]
    steps = steps_of(document)
    names = [str(step.get("name")) for step in steps]
    found += ["there are no steps"] if not steps else []
    found += ["a step's name stands twice"] if len(set(names)) != len(names) else []
    for step in steps:
        if step.get("action") not in ACTIONS:
            found.append(f"{step.get('name')}: {step.get('action')} is not known here")
        found += [f"{step.get('name')}: {word} is no word of a step" for word in step.keys() - _STEP_WORDS]
    used = set(_PLACE.findall(json.dumps([document.get("assumeRole", ""), list(steps)])))
    found += [f"{name} is asked for, and is no parameter" for name in sorted(used - parameters.keys())]
    found += [f"{name} is a parameter that nothing uses" for name in sorted(parameters.keys() - used)]
    return tuple(found)


def steps_of(document: Document) -> Sequence[Mapping[str, object]]:
    return cast("Sequence[Mapping[str, object]]", document.get("mainSteps", ()))


def calls_of(document: Document) -> tuple[tuple[str, str, Mapping[str, object]], ...]:
    """What its steps call, with the parameters as they are written."""
    return tuple(_call(step) for step in steps_of(document) if step["action"] != "aws:sleep")


def given(document: Document, told: Mapping[str, Sequence[str]]) -> Mapping[str, object]:
    """The values of its parameters, from what StartAutomationExecution was told. Raises UnfitError."""
    declared = cast("Mapping[str, Mapping[str, object]]", document.get("parameters", {}))
    if unknown := told.keys() - declared.keys():
        raise UnfitError(f"{', '.join(sorted(unknown))} is no parameter")
    values: dict[str, object] = {}
    for name, parameter in declared.items():
        if name in told:
            values[name] = _value(name, parameter, told[name])
        elif "default" in parameter:
            values[name] = parameter["default"]
        else:
            raise UnfitError(f"{name} is missing")
    return values


def run(document: Document, values: Mapping[str, object], call: Call) -> None:
    """Raises FailedStepError at the first step that does not come to a good end."""
    for step in steps_of(document):
        name, action = str(step["name"]), step["action"]
        if action == "aws:sleep":
            continue
        service, operation, written = _call(step)
        try:
            answer = call(service, operation, cast("Mapping[str, object]", _filled(written, values)))
        except UnfitError as error:
            raise FailedStepError(name, str(error)) from None
        if action != "aws:executeAwsApi":
            inputs = cast("Mapping[str, object]", step["inputs"])
            seen = _selected(answer, str(inputs["PropertySelector"]))
            wanted = cast("list[object]", _filled(inputs["DesiredValues"], values))
            if _said(seen) not in set(map(_said, wanted)):
                raise FailedStepError(name, f"{inputs['PropertySelector']} is {_said(seen)}")


def _call(step: Mapping[str, object]) -> tuple[str, str, Mapping[str, object]]:
    inputs = cast("Mapping[str, object]", step["inputs"])
    rest = {name: value for name, value in inputs.items() if name not in _OF_LOOKING}
    return str(inputs["Service"]), str(inputs["Api"]), rest


def _value(name: str, parameter: Mapping[str, object], told: Sequence[str]) -> object:
    kind = parameter["type"]
    if kind in {"StringList", "MapList"}:
        if not cast("int", parameter.get("minItems", 0)) <= len(told) <= cast("int", parameter.get("maxItems", 50)):
            raise UnfitError(f"{name} has {len(told)} items")
        try:
            return list(told) if kind == "StringList" else [json.loads(each) for each in told]
        except ValueError:
            raise UnfitError(f"{name} is no list of maps") from None
    if len(told) != 1:
        raise UnfitError(f"{name} has {len(told)} values")
    text = told[0]
    if kind == "Boolean" and text.lower() in {"true", "false"}:
        return text.lower() == "true"
    if kind == "Integer" and text.isdecimal():
        return int(text)
    if kind in {"Boolean", "Integer"}:
        raise UnfitError(f"{name} is no {kind}")
    return _text(name, parameter, text)


def _text(name: str, parameter: Mapping[str, object], text: str) -> str:
    if text not in cast("list[str]", parameter.get("allowedValues", [text])):
        raise UnfitError(f"{name} is none of the values that are allowed")
    if re.fullmatch(str(parameter.get("allowedPattern", ".*")), text) is None:
        raise UnfitError(f"{name} does not match its pattern")
    return text


def _filled(written: object, values: Mapping[str, object]) -> object:
    """A text that is nothing but one parameter becomes its value, of whatever kind."""
    if isinstance(written, str):
        whole = _PLACE.fullmatch(written)
        return values[whole[1]] if whole else _PLACE.sub(lambda place: str(values[place[1]]), written)
    if isinstance(written, Mapping):
        return {name: _filled(each, values) for name, each in written.items()}
    return [_filled(each, values) for each in written] if isinstance(written, list) else written


def _selected(answer: object, selector: str) -> object:
    for name, number in _SELECTOR.findall(selector):
        if name:
            answer = answer.get(name) if isinstance(answer, Mapping) else None
        else:
            answer = answer[int(number)] if isinstance(answer, list) and int(number) < len(answer) else None
    return answer


def _said(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
