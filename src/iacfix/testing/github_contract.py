"""What GitHub's REST API takes and answers, by its own description (see scripts/github_openapi.py)."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import cast
from urllib.parse import unquote

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

_NAME = re.compile(r"\{(\w+)\}")
_MAY_HOLD_SLASHES = {"ref", "basehead"}
NOT_DESCRIBED = {401, 429}  # "Troubleshooting the REST API" (GitHub Docs) has them for every operation
FORBIDDEN = 403

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Route:
    """An operation, as `GET /repos/{owner}/{repo}`, and what stands in the path for its names."""

    operation: str
    names: Mapping[str, str]


@cache
def description() -> Json:
    """`source` says which version of which package it was made from."""
    text = files("iacfix.testing").joinpath("github_openapi.json").read_text(encoding="utf-8")
    return cast("Json", json.loads(text))


def route(verb: str, path: str) -> Route | None:
    """None where GitHub has no such operation, or one that we do not use. `path` is as it was sent."""
    for operation, pattern in _patterns():
        of, _, _ = operation.partition(" ")
        if of == verb and (match := pattern.fullmatch(path)):
            return Route(operation, {name: unquote(value) for name, value in match.groupdict().items()})
    return None


def fault_of_request(found: Route, query: Mapping[str, str], body: object) -> str:
    """What the description does not have in it, or ""."""
    operation = _operation(found.operation)
    parameters = cast("Mapping[str, Mapping[str, Json]]", operation["parameters"])
    for place, given in (("path", found.names), ("query", query)):
        for name, value in given.items():
            if name not in parameters[place]:
                return f"{name} is no parameter in the {place}"
            if fault := _misfit(f"{found.operation} {place} {name}", parameters[place][name], _read(value)):
                return f"{name}: {fault}"
    schema = cast("Json | None", operation["body"])
    if schema is None:
        return "there is a body where none belongs" if body not in (None, {}) else ""
    if body is None:
        return "" if "required" not in schema else "there is no body"
    unknown = set(body) - _properties(schema) if isinstance(body, dict) else set()
    return f"{sorted(unknown)} are not permitted" if unknown else _misfit(f"{found.operation} body", schema, body)


def fault_of_answer(found: Route, status: int, body: object) -> str:
    operation = _operation(found.operation)
    responses = cast("Mapping[str, Json | None]", operation["responses"])
    if str(status) not in responses:
        return "" if status in {*NOT_DESCRIBED, FORBIDDEN} else f"{found.operation} does not answer {status}"
    schema = responses[str(status)]
    if schema is None:
        return ""
    return _misfit(f"{found.operation} {status}", schema, body)


def _operation(name: str) -> Json:
    return cast("Mapping[str, Json]", description()["operations"])[name]


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    operations = cast("Json", description()["operations"])
    return tuple((name, _pattern(name.partition(" ")[2])) for name in operations)


def _pattern(path: str) -> re.Pattern[str]:
    parts = _NAME.split(path)  # names stand at the odd places
    made = [
        f"(?P<{part}>{'.+' if part in _MAY_HOLD_SLASHES else '[^/]+'})" if at % 2 else re.escape(part)
        for at, part in enumerate(parts)
    ]
    return re.compile("".join(made))


def _properties(schema: Json) -> set[str]:
    """Those that a body may have, of every way it may be."""
    found = set(cast("Json", schema.get("properties", {})))
    for word in ("oneOf", "anyOf", "allOf"):
        for each in cast("list[Json]", schema.get(word, [])):
            found |= _properties(each)
    return found


def _read(value: str) -> object:
    return int(value) if value.isdecimal() and len(value) < 20 else value  # noqa: PLR2004 - longer is an id of git


_VALIDATORS: dict[str, Draft202012Validator] = {}


def _misfit(name: str, schema: Json, value: object) -> str:
    if name not in _VALIDATORS:
        _VALIDATORS[name] = Draft202012Validator({**schema, "components": description()["components"]})
    error = best_match(_VALIDATORS[name].iter_errors(value))
    if error is None:
        return ""
    return f"{'.'.join(map(str, error.absolute_path)) or 'all of it'}: {error.message[:300]}"
