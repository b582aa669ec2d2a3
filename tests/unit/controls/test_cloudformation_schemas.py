"""Recipes of templates against the schemas of the resources, as cfn-lint ships them."""

from collections.abc import Iterator, Mapping
from typing import cast

import pytest
from cfnlint.schema import manager

from iacfix.controls import load_catalogue
from iacfix.controls.property_paths import ITEM
from iacfix.domain.control import Control, EnsureBlock, Remove, SetAttribute, Step
from iacfix.validators.cloudformation import reach

Schema = Mapping[str, object]
CONTROLS = [control for control in load_catalogue() if control.cloudformation is not None]


def schema(resource_type: str) -> Schema:
    return cast("Schema", manager.PROVIDER_SCHEMA_MANAGER.get_resource_schema("eu-west-1", resource_type).schema)


def resolved(whole: Schema, node: Schema) -> Schema:
    while isinstance(node.get("$ref"), str):
        name = str(node["$ref"]).removeprefix("#/definitions/")
        node = cast("Mapping[str, Schema]", whole["definitions"])[name]
    return node


def has(resource_type: str, path: tuple[str, ...]) -> bool:
    whole = schema(resource_type)
    nodes = [whole]
    for part in path:
        steps = (resolved(whole, node) for node in nodes)
        nodes = [found for node in steps for found in _below(whole, node, part)]
    return bool(nodes)


def _below(whole: Schema, node: Schema, part: str) -> Iterator[Schema]:
    choices = [each for kind in ("anyOf", "oneOf", "allOf") for each in cast("list[Schema]", node.get(kind, []))]
    for choice in (node, *choices):
        inner = resolved(whole, choice)
        if part == ITEM and "items" in inner:
            yield cast("Schema", inner["items"])
        elif part in (properties := cast("Mapping[str, Schema]", inner.get("properties", {}))):
            yield properties[part]
        elif not properties and "object" in str(inner.get("type")):
            yield from cast("Mapping[str, Schema]", inner.get("patternProperties", {"": {"type": "object"}})).values()


def changed(control: Control) -> Iterator[tuple[tuple[str, ...], Step]]:
    """Each step that changes the target, with the types that come to it: an earlier variant may take all of one."""
    assert control.cloudformation is not None
    left = control.cloudformation.targets
    for variant in control.cloudformation.variants:
        named = tuple(each.target for each in variant.when if each.target)
        for step in variant.steps:
            if isinstance(step, SetAttribute | EnsureBlock | Remove):
                yield named or left, step
        if len(variant.when) == len(named):
            left = tuple(each for each in left if each not in named)


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.id)
def test_every_property_of_a_recipe_is_one_that_changes_in_place(control: Control) -> None:
    for targets, step in changed(control):
        for path in reach.of_step(step):
            for each in targets:
                assert has(each, path), f"{'.'.join(path)} is no property of {each}"
                fixed = cast("list[str]", schema(each).get("createOnlyProperties", []))
                ways = {"/properties/" + "/".join(path[:length]) for length in range(1, len(path) + 1)}
                within = [way for way in fixed if way in ways or way.startswith(f"/properties/{'/'.join(path)}/")]
                assert within == [], f"{each} is replaced when {'.'.join(path)} changes"
