"""Whether a changed policy lets anybody do more than before. A fix of a policy narrows it."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from iacfix.iac.cloudformation.verified import canonical
from iacfix.iac.values import Known, ListValue, ObjectValue, Reference, Template, Value
from iacfix.validators.differences import parts_of, words

_LONGEST_DOCUMENT = 100_000  # characters: more than any service takes as a policy
_ONLY_WILD = re.compile(r"[*?:/]*")


@dataclass(frozen=True, slots=True)
class Statement:
    """Values as texts; what is no text stands as it is written. `negated` are Not… elements."""

    effect: str
    actions: frozenset[str]
    resources: frozenset[str]
    principals: frozenset[str]
    negated: frozenset[str]
    conditions: frozenset[str]


def widened(was: Value | None, now: Value | None) -> str:
    """Why a change of policies is refused, or "". A policy where there was none is for the other hazards."""
    old, new = tuple(statements(was)), tuple(statements(now))
    if not old or set(old) == set(new):
        return ""
    if lost := [each for each in old if each.effect == "deny" and each not in new]:
        return f"a denial is given up: {_shown(lost[0])}"
    allowing = [each for each in old if each.effect == "allow"]
    for statement in new:
        if statement.effect == "allow" and not any(_covers(each, statement) for each in allowing):
            return f"a statement allows what none allowed before: {_shown(statement)}"
    if len(old) == len(new) and all(any(_covers(each, other) for each in new) for other in old):
        return "the policy is written in another way and allows what it did"
    return ""


def is_only_for_named(value: Value | None) -> bool:
    """Whether every statement that allows something names who may: then wildcards say what, and not who.

    So are the policies of keys: `kms:*` on `*` is the key itself, for the account that owns it.
    """
    allowing = [each for each in statements(value) if each.effect == "allow"]
    return bool(allowing) and all(
        each.principals and not each.negated and not any("*" in name for name in each.principals) for each in allowing
    )


def statements(value: Value | None) -> Iterator[Statement]:
    for part in parts_of(value):
        for document in _documents(part):
            if isinstance(document, ObjectValue) and (statement := _statement(document)) is not None:
                yield statement


def _documents(value: Value) -> Iterator[Value]:
    """The value, and what stands in it as JSON."""
    yield value
    text = _text(value) if isinstance(value, Known | Template) else ""
    if "{" not in text[:100] or len(text) > _LONGEST_DOCUMENT:
        return
    try:
        read: object = json.loads(text)
    except (ValueError, RecursionError):
        return
    yield from parts_of(_value(read))


def _value(read: object) -> Value:
    match read:
        case dict():
            return ObjectValue(tuple((str(name), _value(item)) for name, item in read.items()))
        case list():
            return ListValue(tuple(map(_value, read)))
        case str() | bool() | int() | float() | None:
            return Known(read)
        case _:
            return Known(str(read))


def _statement(value: ObjectValue) -> Statement | None:
    members: dict[str, Value] = {words(name): item for name, item in value.items}
    acts = [name for name in ("action", "actions", "not_action", "not_actions") if name in members]
    if not acts or not ({"effect", "resource", "resources", "principal", "principals"} & members.keys()):
        return None
    effect = members.get("effect")
    return Statement(
        effect=_text(effect).lower() if effect is not None else "allow",
        actions=frozenset(text.lower() for text in _all(members, "action", "actions")),
        resources=frozenset(_all(members, "resource", "resources")),
        principals=frozenset(_principals(members)),
        negated=frozenset(f"{name}: {canonical(item)}" for name, item in members.items() if name.startswith("not_")),
        conditions=frozenset(_conditions(members)),
    )


def _all(members: Mapping[str, Value], *names: str) -> Iterator[str]:
    for name in names:
        yield from _texts(members.get(name))


def _texts(value: Value | None) -> Iterator[str]:
    match value:
        case None:
            return
        case ListValue(items):
            for item in items:
                yield from _texts(item)
        case _:
            yield _text(value)


def _text(value: Value) -> str:
    match value:
        case Known(literal):
            return str(literal)
        case Template(pieces):
            return "".join(map(_text, pieces))
        case Reference(parts):
            return "${" + ".".join(parts) + "}"
        case _:
            return canonical(value)


def _principals(members: Mapping[str, Value]) -> Iterator[str]:
    for name in ("principal", "principals"):
        for part in parts_of(members.get(name)):
            match part:
                case ObjectValue(items):
                    for kind, item in items:
                        yield from (text if text == "*" else f"{kind} {text}" for text in _texts(item))
                case Known(str() as text) if name == "principal":
                    if text == "*":
                        yield text
                case _:
                    pass


def _conditions(members: Mapping[str, Value]) -> Iterator[str]:
    for name in ("condition", "conditions"):
        match members.get(name):
            case ObjectValue(operators):
                for operator, keys in operators:
                    yield f"{operator} {canonical(keys)}"
            case ListValue(items):
                yield from map(canonical, items)
            case _:
                pass


def _covers(old: Statement, new: Statement) -> bool:
    """Whether whatever the new one allows, the old one allowed: on the safe side where that cannot be told."""
    if not new.negated <= old.negated or not old.conditions <= new.conditions:
        return False
    if old.negated and old.negated != new.negated:
        return False
    return (
        all(any(fnmatchcase(each, other) for other in old.actions) for each in new.actions)
        and all(_is_within(each, old.resources) for each in new.resources)
        and (not old.principals or "*" in old.principals or new.principals <= old.principals)
        and bool(new.principals) == bool(old.principals)
        and bool(new.resources) >= bool(old.resources)
    )


def _is_within(resource: str, patterns: frozenset[str]) -> bool:
    """A wildcard in another dress is no narrower."""
    if resource in patterns:
        return True
    return not _is_wide(resource) and any(fnmatchcase(resource, each.replace("[", "[[]")) for each in patterns)


def _is_wide(resource: str) -> bool:
    """Whether it names nothing: `*`, `?*`, `arn:*`, `arn:aws:s3:::*`."""
    if "${" in resource:
        return False
    parts = resource.split(":", 5)
    if len(parts) < 6:  # noqa: PLR2004 - of which an ARN is made
        return "*" in resource or "?" in resource
    return all(_ONLY_WILD.fullmatch(part) for part in parts[3:])


def _shown(statement: Statement) -> str:
    told = (*sorted(statement.actions)[:2], *sorted(statement.resources)[:1], *sorted(statement.principals)[:1])
    return ", ".join(told)[:150] or "a statement"
