"""What an operation of AWS takes and answers, by botocore's own description of its service."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING

from botocore.model import ListShape, MapShape, StringShape, StructureShape
from botocore.session import get_session
from botocore.validate import ParamValidator

if TYPE_CHECKING:
    from botocore.model import OperationModel, ServiceModel, Shape


def misfit_of_input(service: str, operation: str, body: Mapping[str, object], *, any_texts: bool = False) -> str:
    """Why the service would not take it, or "". `any_texts`: of any length and form."""
    return _misfit(body, _operation(service, operation).input_shape, any_texts=any_texts)


def misfit_of_output(service: str, operation: str, body: Mapping[str, object], *, any_texts: bool = False) -> str:
    return _misfit(body, _operation(service, operation).output_shape, any_texts=any_texts)


def errors_of(service: str, operation: str) -> frozenset[str]:
    """The errors that the description says it answers with; those of every service are not among them."""
    return frozenset(str(shape.name) for shape in _operation(service, operation).error_shapes)


def is_operation(service: str, name: str) -> bool:
    return name in _model(service).operation_names


@cache
def _model(service: str) -> "ServiceModel":
    return get_session().get_service_model(service)


@cache
def _operation(service: str, name: str) -> "OperationModel":
    return _model(service).operation_model(name)


def _misfit(value: Mapping[str, object], shape: "Shape | None", *, any_texts: bool) -> str:
    if shape is None:
        return "" if not value else "nothing belongs here"
    report = ParamValidator().validate(dict(value), shape)
    if report.has_errors():
        return str(report.generate_report())
    return "; ".join(_outside(value, shape, "body", any_texts=any_texts))


def _outside(value: object, shape: "Shape", where: str, *, any_texts: bool) -> Iterator[str]:
    """The validator of botocore leaves enumerations, patterns and greatest lengths to the service."""
    if isinstance(shape, StringShape):
        yield from _outside_of_text(value, shape, where, any_texts=any_texts)
    elif isinstance(shape, StructureShape) and isinstance(value, Mapping):
        for name, member in value.items():
            if name in shape.members:  # a free document has members of its own
                yield from _outside(member, shape.members[name], f"{where}.{name}", any_texts=any_texts)
    elif isinstance(shape, ListShape) and isinstance(value, list):
        for position, member in enumerate(value):
            yield from _outside(member, shape.member, f"{where}[{position}]", any_texts=any_texts)
    elif isinstance(shape, MapShape) and isinstance(value, Mapping):
        for name, member in value.items():
            yield from _outside(member, shape.value, f"{where}.{name}", any_texts=any_texts)


def _outside_of_text(value: object, shape: StringShape, where: str, *, any_texts: bool) -> Iterator[str]:
    most, pattern = shape.metadata.get("max"), shape.metadata.get("pattern")
    if shape.enum and value not in shape.enum:
        yield f"{where} must be one of {', '.join(shape.enum)}"
    elif any_texts:
        return
    elif isinstance(value, str) and isinstance(most, int) and len(value) > most:
        yield f"{where} must have at most {most} characters"
    elif isinstance(value, str) and isinstance(pattern, str) and re.fullmatch(_of_python(pattern), value) is None:
        yield f"{where} must match {pattern}"


def _of_python(pattern: str) -> str:
    """Kinds of characters that Python does not know by these names. Those of words have the underscore too."""
    return re.sub(r"\\p\{(\w+)\}", lambda kind: r"\s" if kind[1].startswith("Z") else r"\w", pattern)
