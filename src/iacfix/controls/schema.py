"""What is wrong with a catalogue file, said so that its author finds the place and knows what is wanted there."""

import json
from collections.abc import Hashable, Iterable, Mapping
from difflib import get_close_matches
from functools import cache
from importlib import resources
from typing import cast

import jsonschema
import yaml
from jsonschema.exceptions import ValidationError, best_match

SHOWN = 120  # characters of what was found
MAX_DEPTH = 60  # PyYAML's C parser overflows its stack on what is nested without end
_KINDS = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "boolean": "a yes or no",
}
# In this order: to Python a bool is a number too.
_IS = (
    (bool, "a yes or no"),
    (int | float, "a number"),
    (str, "text"),
    (list, "a list"),
    (dict, "a mapping"),
)
_SENTENCES = {
    "minItems": "is empty",
    "minProperties": "is empty",
    "minLength": "{found} is too short, it should have at least {wanted} characters",
    "maxLength": "{found} is too long, it should have at most {wanted} characters",
    "minimum": "is {found}, and should be at least {wanted}",
    "uniqueItems": "says something twice: {found}",
    "pattern": "{found} is not of the form {wanted}",
    "format": "{found} is no regular expression",
}


class DuplicateKeyError(yaml.YAMLError):
    """A key stands twice in a mapping, and YAML itself would let the later one win in silence."""


class _Loader(yaml.CSafeLoader):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:  # noqa: FBT001, FBT002 - PyYAML's signature
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
                if key.value in seen:
                    raise DuplicateKeyError(f"line {key.start_mark.line + 1}: {key.value} is written twice")
                seen.add(key.value)
        return super().construct_mapping(node, deep)


def parse(text: str) -> object:
    """Raises yaml.YAMLError, also for keys that stand twice and for values that are none (the 99th of a month)."""
    try:
        _hold_depth(text)
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader
    except ValueError as error:
        raise yaml.YAMLError(str(error)) from None


def _hold_depth(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise yaml.YAMLError(f"it is nested deeper than {MAX_DEPTH} levels")


def fault(document: object) -> str:
    """Nothing where the document is as the schema asks; else the place that is most wrong, and what is wrong there."""
    validator = jsonschema.Draft202012Validator(_schema(), format_checker=jsonschema.FormatChecker(["regex"]))
    try:
        wrong = best_match(validator.iter_errors(document))
    except RecursionError:
        return "the file: is nested too deeply"
    if wrong is None:
        return ""
    wrong = _choice(wrong)
    where = ".".join(str(part) for part in wrong.absolute_path) or "the file"
    return f"{where}: {_told(wrong)}"


@cache
def _schema() -> Mapping[str, object]:
    text = (resources.files("iacfix.controls") / "catalogue.schema.json").read_text(encoding="utf-8")
    return cast("Mapping[str, object]", json.loads(text))


def _choice(error: ValidationError) -> ValidationError:
    """Where none of several forms fits one and the same value, the outermost choice says what all of them are."""
    parent = cast("ValidationError | None", error.parent)
    while (
        error.validator in {"oneOf", "anyOf", "type"}
        and parent is not None
        and parent.absolute_path == error.absolute_path
    ):
        error, parent = parent, cast("ValidationError | None", parent.parent)
    return error


def _told(error: ValidationError) -> str:
    found, wanted = cast("object", error.instance), cast("object", error.validator_value)
    schema = cast("Mapping[str, object]", error.schema)
    kind = str(error.validator)
    if kind in _SENTENCES:
        return _SENTENCES[kind].format(found=_shown(found), wanted=_shown(wanted))
    if kind == "required":
        present = cast("Mapping[str, object]", found)
        return f"{', '.join(name for name in cast('list[str]', wanted) if name not in present)} is missing"
    if kind == "dependentRequired":
        needs = cast("Mapping[str, list[str]]", wanted).items()
        present = cast("Mapping[str, object]", found)
        return "; ".join(f"{each} needs {', '.join(others)}" for each, others in needs if each in present)
    if kind == "additionalProperties":
        return _unknown(cast("Mapping[object, object]", found), cast("Mapping[str, object]", schema["properties"]))
    if kind == "type":
        return _type(found, cast("str | list[str]", wanted))
    if kind == "enum":
        return f"{_shown(found)} is none of {', '.join(map(str, cast('list[object]', wanted)))}"
    return f"{_shown(found)}: {schema['description']}" if "description" in schema else error.message[:SHOWN]


def _unknown(found: Mapping[object, object], known: Iterable[str]) -> str:
    names = list(known)
    extra = [str(name) for name in found if name not in names]
    near = [match for name in extra for match in get_close_matches(name, names, n=1)]
    hint = f"perhaps {', '.join(near)}" if near else f"there are {', '.join(names)}"
    return f"{_shown(', '.join(extra))} is not known here; {hint}"


def _type(found: object, wanted: str | list[str]) -> str:
    kinds = [wanted] if isinstance(wanted, str) else wanted
    should = " or ".join(_KINDS.get(kind, kind) for kind in kinds)
    is_ = next((name for kind, name in _IS if isinstance(found, kind)), "empty")
    quotes = "; put it in quotes" if kinds == ["string"] and isinstance(found, bool | int | float) else ""
    return f"should be {should}, is {is_}{quotes}"


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
