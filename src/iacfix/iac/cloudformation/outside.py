"""What makes resources that a template's own text does not show."""

import posixpath
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from iacfix.iac.cloudformation import values
from iacfix.iac.cloudformation.nodes import Mapping, Node, walk
from iacfix.iac.values import Known, ObjectValue, Value

SAM = "AWS::Serverless-2016-10-31"
LANGUAGE_EXTENSIONS = "AWS::LanguageExtensions"
# What these add is known: SAM makes resources, the extensions make functions and loops. Other macros may do anything.
KNOWN_TRANSFORMS = frozenset({SAM, LANGUAGE_EXTENSIONS})
FOR_EACH = "Fn::ForEach"
# The property that holds another template.
STACKS = {"AWS::CloudFormation::Stack": "TemplateURL", "AWS::Serverless::Application": "Location"}


@dataclass(frozen=True, slots=True)
class NotFollowed:
    """`what` is its kind and name: `Fn::Transform AWS::Include`, `Fn::ForEach::Topics`, `nested stack X`."""

    line: int
    what: str


@dataclass(frozen=True, slots=True)
class NestedStack:
    """`path` is the template's file relative to the repository, empty where it is none."""

    address: str
    line: int
    url: Value
    path: str


def within(root: Node, line_of: Callable[[int], int]) -> Iterator[NotFollowed]:
    """Macros called in places, and loops."""
    for node in walk(root):
        function = values.function_of(node)
        if function is not None and function.short and function.name == "Fn::Transform":
            yield NotFollowed(line_of(node.start), f"Fn::Transform {transform_name(function.value)}")
        for entry in node.entries if isinstance(node, Mapping) else ():
            if entry.name == "Fn::Transform":
                name = transform_name(values.read_value(entry.value))
                yield NotFollowed(line_of(entry.start), f"Fn::Transform {name}")
            elif entry.name.startswith(FOR_EACH):
                yield NotFollowed(line_of(entry.start), entry.name)


def transform_name(value: Value) -> str:
    found = value.get("Name") if isinstance(value, ObjectValue) else value
    return found.value if isinstance(found, Known) and isinstance(found.value, str) else "of unknown name"


def local_path(path: str, url: Value) -> str:
    """Where a template's path, as it stands in the template at `path`, leads in the repository; empty for none."""
    text = url.value if isinstance(url, Known) and isinstance(url.value, str) else ""
    if not text or ":" in text or "\\" in text or text.startswith("/"):
        return ""
    found = posixpath.normpath(posixpath.join(posixpath.dirname(path), text))
    return "" if found.startswith(("..", "/")) else found
