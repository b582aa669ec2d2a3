"""YAML that people write, read strictly: what they did not mean is refused, with its line."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import cast

import jsonschema
import yaml

from iacfix.domain.errors import ConfigurationError

_MAX_DEPTH = 8
_REMEDY = "see docs/triage.md"

Node = Mapping[str, object]


class _Loader(yaml.BaseLoader):
    """Every scalar is text, so that an account number keeps its zeros. Refuses keys written twice, aliases, which can
    blow a small file up, and nesting that no such file has.
    """

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        line = self.line + 1
        if self.check_event(yaml.AliasEvent):
            raise ConfigurationError(f"line {line}: aliases are not read", remedy="write the value out")
        if self.depth == _MAX_DEPTH:
            raise ConfigurationError(f"line {line}: it is nested too deeply", remedy=_REMEDY)
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:  # noqa: FBT001, FBT002 - PyYAML's signature
        seen: set[str] = set()
        for key, _ in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise ConfigurationError(f"line {line}: a key is not text", remedy=_REMEDY)
            if key.value in seen:
                raise ConfigurationError(f"line {line}: {key.value[:64]!r} is written twice", remedy="keep one of them")
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def loaded_texts(data: bytes, most: int) -> object:
    """Mappings, lists and texts. Raises ConfigurationError."""
    if len(data) > most:
        raise ConfigurationError(f"it is larger than {most} bytes", remedy="is it the right file?")
    try:
        loaded: object = yaml.load(data.decode("utf-8-sig"), _Loader)  # noqa: S506 - a BaseLoader, which makes text alone
    except UnicodeDecodeError:
        raise ConfigurationError("it is not UTF-8", remedy="save it as UTF-8") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark is not None else 0
        raise ConfigurationError(f"line {line}: it is not YAML: {error.problem}", remedy="correct the file") from None
    except yaml.YAMLError:
        raise ConfigurationError("a character of it cannot be read", remedy="correct the file") from None
    return loaded


def place_of(path: Sequence[str | int]) -> str:
    """`rules[2].team`: entries count from 1, as people do."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f"{'.' if text else ''}{part[:64]}"
    return text or "the file"


def checked(loaded: object, schema: Node, told: Callable[[jsonschema.ValidationError], str], remedy: str) -> Node:
    """What is as the schema asks; `told` puts into words what is wrong with a value. Raises ConfigurationError for the
    first place that is not.
    """
    wrong = min(
        jsonschema.Draft202012Validator(schema).iter_errors(loaded),
        key=lambda each: [str(part) for part in each.absolute_path],
        default=None,
    )
    if wrong is not None:
        what = _of_keys(wrong) or told(wrong)
        raise ConfigurationError(f"{place_of(wrong.absolute_path)}: {what}", remedy=remedy)
    return cast("Node", loaded)


def _of_keys(wrong: jsonschema.ValidationError) -> str:
    """What is alike in every file: a key too many or too few, and a value of another kind."""
    match wrong.validator:
        case "additionalProperties":
            known = cast("Node", cast("Node", wrong.schema)["properties"])
            unknown = next(str(key) for key in cast("Node", wrong.instance) if key not in known)
            return f"{unknown[:64]!r} is no key here; known are {', '.join(known)}"
        case "required":
            lacking = [str(each) for each in cast("list[object]", wrong.validator_value)]
            return f"lacks {' and '.join(each for each in lacking if each not in cast('Node', wrong.instance))}"
        case "type":
            kinds = {"object": "a mapping", "array": "a list", "string": "text"}
            return f"must be {kinds[str(wrong.validator_value)]}"
        case _:
            return ""
