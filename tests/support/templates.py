"""Many templates as one, so that a linter starts once for all of them."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import cast

import yaml

SECTIONS = ("Parameters", "Mappings", "Conditions", "Resources", "Outputs")
BARE = ("Ref", "Condition")

Node = str | int | float | bool | None | list["Node"] | dict[str, "Node"]


class _Loader(yaml.SafeLoader):
    """With the short forms of functions written out."""


def _long(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Node:
    value: Node
    if isinstance(node, yaml.ScalarNode):
        value = str(loader.construct_scalar(node))
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = cast("Node", loader.construct_mapping(cast("yaml.MappingNode", node), deep=True))
    if suffix == "GetAtt" and isinstance(value, str):
        value = cast("Node", value.split(".", 1))
    return {suffix if suffix in BARE else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _long)
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def load(text: str) -> dict[str, Node]:
    """JSON first: YAML takes no tabs."""
    try:
        return cast("dict[str, Node]", json.loads(text))
    except ValueError:
        return cast("dict[str, Node]", yaml.load(text, _Loader))  # noqa: S506 - a safe loader with tags


def merged(texts: Iterable[str]) -> str:
    """JSON. Every name gets a prefix of its own, in what refers to it too."""
    whole: dict[str, dict[str, Node]] = {}
    heads: dict[str, Node] = {}
    for number, text in enumerate(texts):
        template = load(text)
        heads |= {key: value for key, value in template.items() if key not in SECTIONS}
        names = {name: f"T{number}{name}" for section in SECTIONS for name in _mapping(template.get(section))}
        for section in SECTIONS:
            found = _mapping(template.get(section))
            whole.setdefault(section, {}).update({names[name]: _renamed(each, names) for name, each in found.items()})
    return json.dumps(heads | {name: section for name, section in whole.items() if section}, default=str)


def _mapping(node: Node) -> Mapping[str, Node]:
    return node if isinstance(node, dict) else {}


def _renamed(node: Node, names: Mapping[str, str]) -> Node:
    match node:
        case dict():
            return {key: _value(key, value, names) for key, value in node.items()}
        case list():
            return [_renamed(each, names) for each in node]
        case _:
            return node


def _value(key: str, value: Node, names: Mapping[str, str]) -> Node:
    match value:
        case str() if key in BARE:
            return names.get(value, value)
        case [str(name), *rest] if key in {"Fn::GetAtt", "Fn::If", "Fn::FindInMap"}:
            return [names.get(name, name), *(_renamed(each, names) for each in rest)]
        case str() if key == "Fn::Sub":
            return re.sub(r"\$\{(\w+)", lambda found: "${" + names.get(found[1], found[1]), value)
        case _:
            return _renamed(value, names)
