"""What Converse takes and answers, by botocore's own description of the service and the rules it leaves out."""

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from botocore.model import ListShape, MapShape, StringShape, StructureShape
from botocore.session import get_session
from botocore.validate import ParamValidator

if TYPE_CHECKING:
    from botocore.model import OperationModel, Shape


def fault_of_request(model_id: str, body: object) -> str:
    """Why the service would refuse it with a ValidationException, or ""."""
    if not isinstance(body, dict):
        return "the body is not a JSON object"
    if "modelId" in body:
        return "modelId belongs in the path, not in the body"
    return _misfit({"modelId": model_id, **body}, _converse().input_shape) or _fault_of_conversation(body)


def fault_of_output(body: Mapping[str, object]) -> str:
    return _misfit(dict(body), _converse().output_shape)


@cache
def _converse() -> "OperationModel":
    return get_session().get_service_model("bedrock-runtime").operation_model("Converse")


def _misfit(value: Mapping[str, object], shape: "Shape | None") -> str:
    if shape is None:
        return "" if not value else "nothing belongs here"
    report = ParamValidator().validate(value, shape)
    if report.has_errors():
        return str(report.generate_report())
    return "; ".join(_outside_of_enums(value, shape, "body"))


def _outside_of_enums(value: object, shape: "Shape", where: str) -> Iterator[str]:
    """The validator of botocore leaves enumerations to the service."""
    if isinstance(shape, StringShape) and shape.enum and value not in shape.enum:
        yield f"{where} must be one of {', '.join(shape.enum)}"
    elif isinstance(shape, StructureShape) and isinstance(value, dict):
        for name, member in value.items():
            if name in shape.members:  # a free document has members of its own
                yield from _outside_of_enums(member, shape.members[name], f"{where}.{name}")
    elif isinstance(shape, ListShape) and isinstance(value, list):
        for position, member in enumerate(value):
            yield from _outside_of_enums(member, shape.member, f"{where}[{position}]")
    elif isinstance(shape, MapShape) and isinstance(value, dict):
        for name, member in value.items():
            yield from _outside_of_enums(member, shape.value, f"{where}.{name}")


def _fault_of_conversation(body: Mapping[str, object]) -> str:
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        return "a conversation has at least one message"
    roles = [message["role"] for message in messages]
    if roles[0] != "user":
        return "a conversation must start with a user message"
    if any(one == other for one, other in pairwise(roles)):
        return "roles must alternate between user and assistant"
    contents = [message["content"] for message in messages]
    system = body.get("system")
    if isinstance(system, list):
        contents.append(system)
    if fault := _fault_of_tools(body, contents):
        return fault
    if not all(contents) or any("text" in block and not block["text"].strip() for part in contents for block in part):
        return "the text field is blank"
    return ""


def _fault_of_tools(body: Mapping[str, object], contents: list[list[Mapping[str, object]]]) -> str:
    """The body fits its shape."""
    config = body.get("toolConfig")
    if not isinstance(config, dict):
        used = any(block.keys() & {"toolUse", "toolResult"} for part in contents for block in part)
        return "the toolConfig field must be defined when using toolUse and toolResult content blocks" if used else ""
    names = [tool["toolSpec"]["name"] for tool in config["tools"] if "toolSpec" in tool]
    choice = config.get("toolChoice", {})
    if not isinstance(choice, dict) or len(choice) > 1:
        return "toolChoice takes one member"
    if "tool" in choice and choice["tool"]["name"] not in names:
        return f"the tool {choice['tool']['name']} is not among the tools"
    return ""
