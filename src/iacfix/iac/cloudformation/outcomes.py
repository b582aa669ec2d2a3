"""What a value can come to, whatever is chosen when the template is deployed: a default is no proof."""

from collections.abc import Iterator, Mapping
from itertools import islice, product

from iacfix.iac.cloudformation.document import CloudFormationDocument
from iacfix.iac.cloudformation.resolve import NO_VALUE, resolve
from iacfix.iac.cloudformation.verified import canonical
from iacfix.iac.values import CallValue, Known, ListValue, ObjectValue, Reference, Template, Value

SINGLE = frozenset({"String", "Number"})
# Of the choices that parameters leave; more is not looked through, and then nothing is proven.
MAX_CHOICES = 256


def outcomes(document: CloudFormationDocument, value: Value) -> tuple[Value | None, ...]:
    """Every value that it may have; None stands for a property that is left out.

    Each value counts that the parameters' `AllowedValues` leave, and where it hangs on a condition that stays open,
    both branches of the `Fn::If`. A parameter that allows any stays a Reference.
    """
    open_ones: dict[str, Value] = {name: Reference((name,)) for name in document.parameters}
    allowed = {name: _allowed(document, name) for name in _parameters(document, value)}
    names = [name for name, values in allowed.items() if values]
    choices = list(islice(product(*(allowed[name] for name in names)), MAX_CHOICES + 1))
    if len(choices) > MAX_CHOICES:
        names, choices = [], [()]
    found: dict[str, Value | None] = {}
    for choice in choices:
        given = open_ones | dict(zip(names, choice, strict=True))
        found |= {"" if each is None else canonical(each): each for each in _branches(resolve(document, value, given))}
    return tuple(found.values())


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


def _branches(value: Value) -> Iterator[Value | None]:
    match value:
        case CallValue("Fn::If", (_, then, otherwise)):
            yield from _branches(then)
            yield from _branches(otherwise)
        case _:
            yield None if value == NO_VALUE else value


def _parameters(document: CloudFormationDocument, value: Value) -> Mapping[str, None]:
    """Those that a value hangs on, by its conditions too; in the order in which they are met."""
    found: dict[str, None] = {}
    seen: set[str] = set()
    waiting = [value]
    while waiting:
        match waiting.pop():
            case Reference((name,)) if name in document.parameters:
                found[name] = None
            case CallValue(function, arguments):
                waiting += arguments
                condition = arguments[0] if function in {"Fn::If", "Condition"} and arguments else None
                if isinstance(condition, Known) and str(condition.value) not in seen:
                    seen.add(str(condition.value))
                    section = document.conditions.get(str(condition.value))
                    waiting += [section.value] if section is not None else []
            case ListValue(items) | Template(items):
                waiting += items
            case ObjectValue(pairs):
                waiting += [item for _, item in pairs]
            case _:
                pass
    return found


def _allowed(document: CloudFormationDocument, name: str) -> tuple[Value, ...]:
    section = document.parameters[name]
    values = section.get("AllowedValues") if section.text("Type") in SINGLE else None
    items = values.items if isinstance(values, ListValue) else ()
    return items if all(isinstance(item, Known) for item in items) else ()
