"""Reading catalogue files: YAML, checked against a JSON Schema, into controls."""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import cast

import yaml

from iacfix.controls.lookup import Catalogue
from iacfix.controls.runtime import runtime_fix
from iacfix.controls.schema import fault, parse
from iacfix.domain.control import (
    Absent,
    AllOf,
    AnyOf,
    Assertion,
    Beside,
    Close,
    CloudFormationFix,
    Companion,
    Condition,
    Control,
    EnsureBlock,
    Entries,
    Excludes,
    HasBlock,
    Literal,
    Meets,
    Narrow,
    Predicate,
    Present,
    Remove,
    Risk,
    SetAttribute,
    Setting,
    Step,
    TerraformFix,
    Variant,
    Want,
)
from iacfix.domain.errors import ConfigurationError

Node = Mapping[str, object]


def load_catalogue(folders: Iterable[Path] = ()) -> Catalogue:
    """The shipped controls, and those of the user's folders, which replace shipped ones of the same id.

    The shipped ones are held to the schema by a test, not again in every run: that would take longer than a fix.
    Raises ConfigurationError naming file, control and field.
    """
    known = _shipped()
    controls: dict[str, Control] = {}
    for folder in folders:
        if not folder.is_dir():
            raise ConfigurationError(f"the folder of controls {folder} does not exist", remedy="correct `controls`")
        for path in sorted(folder.glob("*.yaml")):
            for control in read_controls(str(path), _text(path)):
                controls[control.id] = control
    if not controls:
        return known
    both = {control.id: control for control in known} | controls
    return Catalogue(tuple(both[key] for key in sorted(both)))


@cache
def _shipped() -> Catalogue:
    """Read once: it takes half a second, and nothing of it can be changed."""
    controls: dict[str, Control] = {}
    for name, text in shipped():
        for control in _controls(yaml.load(text, Loader=yaml.CSafeLoader)):
            if control.id in controls:
                raise ConfigurationError(f"{name}: the control {control.id} is written twice")
            controls[control.id] = control
    return Catalogue(tuple(controls[key] for key in sorted(controls)))


def read_controls(name: str, text: str) -> tuple[Control, ...]:
    """The controls of one file; `name` is what messages call it."""
    try:
        loaded = parse(text)
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{name}: not YAML: {' '.join(str(error).split())}") from None
    if wrong := fault(loaded):
        raise ConfigurationError(f"{name}: {wrong}", remedy="see docs/catalogue.md")
    return _controls(loaded)


def _controls(loaded: object) -> tuple[Control, ...]:
    """Of a document that is as the schema asks."""
    document = cast("Node", loaded)
    entries = cast("Mapping[str, Node]", document["controls"])
    return tuple(_control(key, str(document["service"]), entry) for key, entry in entries.items())


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path}: not UTF-8", remedy="save it as UTF-8") from None
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from None


def shipped() -> Iterable[tuple[str, str]]:
    """Name and text of each file."""
    folder = resources.files("iacfix.controls") / "catalogue"
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.name.endswith(".yaml"):
            yield entry.name, entry.read_text(encoding="utf-8")


def _control(key: str, service: str, entry: Node) -> Control:
    names = cast("Mapping[str, list[str]]", entry["names"])
    return Control(
        id=key,
        title=str(entry["title"]),
        why=str(entry["why"]),
        service=service,
        risk=Risk(str(entry["risk"])),
        names={tool: tuple(ids) for tool, ids in names.items()},
        resource_types=_strings(entry.get("resource_types", [])),
        terraform=TerraformFix(*_fix(cast("Node", entry["terraform"]))) if "terraform" in entry else None,
        cloudformation=CloudFormationFix(*_fix(cast("Node", entry["cloudformation"])))
        if "cloudformation" in entry
        else None,
        effect=str(entry.get("effect", "")),
        references=_strings(entry.get("references", [])),
        verify=str(entry.get("verify", "")),
        runtime=runtime_fix(cast("Node", entry["runtime"])) if "runtime" in entry else None,
    )


def _fix(entry: Node) -> tuple[tuple[str, ...], tuple[str, ...], tuple[Variant, ...], tuple[Assertion, ...]]:
    """Targets, companions, variants and assertions."""
    variants = tuple(_variant(item) for item in cast("list[Node]", entry["fix"]))
    asserts = tuple(_assertion(item) for item in cast("list[Node]", entry.get("assert", [])))
    return _strings(entry["targets"]), _strings(entry.get("companions", [])), variants, asserts


def _assertion(entry: Node) -> Assertion:
    conditions = tuple(_condition(item) for item in cast("list[Node]", entry.get("when", [])))
    return Assertion(conditions, _holds(entry), str(entry.get("untold", "")))


def _holds(entry: Node) -> tuple[Predicate, ...]:
    """`is` is short for predicates about attributes, and stands before the others."""
    wanted = cast("Mapping[str, object]", entry.get("is", {}))
    about: tuple[Predicate, ...] = tuple(Meets(name, _want(want)) for name, want in wanted.items())
    return about + _predicates(entry.get("holds", []))


def _predicates(entries: object) -> tuple[Predicate, ...]:
    return tuple(each for item in cast("list[Node]", entries) for each in _predicate(item))


def _predicate(entry: Node) -> tuple[Predicate, ...]:
    if "present" in entry:
        return (Present(str(entry["present"])),)
    if "absent" in entry:
        return (Absent(str(entry["absent"])),)
    if "excludes" in entry:
        lists = cast("Mapping[str, list[object]]", entry["excludes"])
        return tuple(Excludes(name, tuple(map(_literal, items))) for name, items in lists.items())
    if "each" in entry or "any" in entry:
        return (HasBlock(str(entry.get("each", entry.get("any"))), _holds(entry), "each" in entry),)
    if "beside" in entry:
        return (Beside(str(entry["beside"]), dict(cast("Mapping[str, str]", entry["link"])), _holds(entry)),)
    if "close" in entry:
        return (_close(entry),)
    if "any_of" in entry:
        return (AnyOf(tuple(_one(_predicate(item)) for item in cast("list[Node]", entry["any_of"]))),)
    if "all_of" in entry:
        return (AllOf(_predicates(entry["all_of"])),)
    return _holds(entry)


def _one(predicates: tuple[Predicate, ...]) -> Predicate:
    return predicates[0] if len(predicates) == 1 else AllOf(predicates)


def _variant(entry: Node) -> Variant:
    conditions = tuple(_condition(item) for item in cast("list[Node]", entry.get("when", [])))
    return Variant(conditions, _steps(entry), str(entry.get("decline", "")))


def _condition(entry: Node) -> Condition:
    present = entry.get("present")
    return Condition(
        attribute=str(entry.get("attribute", "")),
        present=present if isinstance(present, bool) else None,
        equals=_literal(entry["equals"]) if "equals" in entry else None,
        one_of=cast("tuple[Literal, ...]", _literal(entry.get("one_of", []))),
        not_matching=str(entry.get("not_matching", "")),
        written=_literal(entry["written"]) if "written" in entry else None,
        style=str(entry.get("style", "")),
        target=str(entry.get("target", "")),
        given=str(entry.get("given", "")),
    )


def _steps(entry: Node) -> tuple[Step, ...]:
    """`set` is short for steps that set, and stands before the others."""
    wanted = cast("Mapping[str, object]", entry.get("set", {}))
    setting: tuple[Step, ...] = tuple(SetAttribute(name, _want(want)) for name, want in wanted.items())
    return setting + tuple(step for item in cast("list[Node]", entry.get("steps", [])) for step in _step(item))


def _step(entry: Node) -> tuple[Step, ...]:
    if "ensure_block" in entry:
        return (_block(entry),)
    if "remove" in entry:
        return (Remove(str(entry["remove"])),)
    if "narrow" in entry:
        otherwise = " ".join(str(entry["otherwise"]).split())
        return (Narrow(str(entry["narrow"]), otherwise, keeps_accounts=bool(entry.get("keeps_accounts", False))),)
    if "close" in entry:
        return (_close(entry),)
    if "companion" in entry:
        link = cast("Mapping[str, str]", entry["link"])
        return (Companion(str(entry["companion"]), dict(link), _steps(entry), _initially(entry)),)
    return _steps(entry)


def _block(entry: Node) -> EnsureBlock:
    key = {name: _literal(value) for name, value in cast("Node", entry.get("key", {})).items()}
    name, each = str(entry["ensure_block"]), bool(entry.get("each", False))
    return EnsureBlock(name, _steps(entry), _initially(entry), key=key, each=each)


def _initially(entry: Node) -> tuple[Step, ...]:
    return tuple(step for item in cast("list[Node]", entry.get("initially", [])) for step in _step(item))


def _close(entry: Node) -> Close:
    first, last = _strings(entry["range"])
    sources = cast("Mapping[str, object]", entry["open"])
    return Close(
        rules=str(entry["close"]),
        port=cast("int", entry["port"]),
        range=(first, last),
        protocol=str(entry["protocol"]),
        open={name: _strings(values) for name, values in sources.items()},
        others=_strings(entry.get("others", [])),
        where={name: _literal(value) for name, value in cast("Node", entry.get("where", {})).items()},
        instead=_setting(cast("Node", entry["instead"])) if "instead" in entry else None,
        only_instead=bool(entry.get("only_instead", False)),
    )


def _want(entry: object) -> Want:
    if not isinstance(entry, dict):
        return Want(equals=_literal(entry))
    node = cast("Node", entry)
    if "at_least" in node:
        amount = node["at_least"]
        return Want(at_least=_setting(cast("Node", amount)) if isinstance(amount, dict) else cast("int", amount))
    if "at_most" in node:
        return Want(at_most=cast("int", node["at_most"]))
    if "unused" in node:
        return Want(unused=cast("int", node["unused"]))
    if "one_of" in node:
        return Want(one_of=cast("tuple[Literal, ...]", _literal(node["one_of"])))
    if "includes" in node:
        return Want(includes=cast("tuple[Literal, ...]", _literal(node["includes"])))
    if "has" in node:
        return Want(equals=_literal(node["has"]))
    return Want(equals=_setting(node))


def _setting(node: Node) -> Setting:
    fallback = _literal(node["fallback"]) if "fallback" in node else None
    return Setting(str(node["setting"]), fallback, cast("tuple[Literal, ...]", _literal(node.get("instead_of", []))))


def _literal(value: object) -> Literal:
    if isinstance(value, dict):
        return Entries(tuple((str(name), _literal(item)) for name, item in value.items()))
    return tuple(_literal(item) for item in value) if isinstance(value, list) else cast("Literal", value)


def _strings(value: object) -> tuple[str, ...]:
    return tuple(str(item) for item in cast("list[object]", value))
