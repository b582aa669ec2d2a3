"""What a value can come to, whatever is chosen when the template is deployed: a default is no proof."""

from collections.abc import Iterator

from iacfix.iac.cloudformation.document import CloudFormationDocument
from iacfix.iac.cloudformation.resolve import NO_VALUE, resolve
from iacfix.iac.values import CallValue, Known, ListValue, ObjectValue, Reference, Template, Value

SINGLE = frozenset({"String", "Number"})


def outcomes(document: CloudFormationDocument, value: Value) -> tuple[Value | None, ...]:
    """Every value that it may have; None stands for a property that is left out.

    Both branches of an `Fn::If` whose condition is open count, and each value that a parameter allows. A parameter
    that allows any stays a Reference.
    """
    return tuple(_branches(document, settled(document, value)))


def settled(document: CloudFormationDocument, value: Value) -> Value:
    """As far as it is known without any parameter."""
    return resolve(document, value, {name: Reference((name,)) for name in document.parameters})


def parameter_of(document: CloudFormationDocument, value: Value | None) -> str:
    """The name of the parameter that a value is, "" for any other."""
    match value:
        case Reference((name,)) if name in document.parameters:
            return name
        case Template((Reference((name,)),)) if name in document.parameters:
            return name
        case _:
            return ""


def is_literal(value: Value) -> bool:
    """Whether it is written out, with no function in it."""
    match value:
        case Known():
            return True
        case ListValue(items):
            return all(map(is_literal, items))
        case ObjectValue(items, complete):
            return complete and all(is_literal(item) for _, item in items)
        case _:
            return False


def _branches(document: CloudFormationDocument, value: Value) -> Iterator[Value | None]:
    match value:
        case CallValue("Fn::If", (_, then, otherwise)):
            yield from _branches(document, then)
            yield from _branches(document, otherwise)
        case _ if value == NO_VALUE:
            yield None
        case _:
            name = parameter_of(document, value)
            yield from (_allowed(document, name) if name else ()) or (value,)


def _allowed(document: CloudFormationDocument, name: str) -> tuple[Value, ...]:
    section = document.parameters[name]
    values = section.get("AllowedValues") if section.text("Type") in SINGLE else None
    items = values.items if isinstance(values, ListValue) else ()
    return items if all(isinstance(item, Known) for item in items) else ()
