"""What Converse takes and answers, by botocore's own description of the service and the rules it leaves out."""

from collections.abc import Mapping
from itertools import pairwise

from iacfix.testing.service_contract import misfit_of_input, misfit_of_output

_SERVICE, _OPERATION = "bedrock-runtime", "Converse"


def fault_of_request(model_id: str, body: object) -> str:
    """Why the service would refuse it with a ValidationException, or ""."""
    if not isinstance(body, dict):
        return "the body is not a JSON object"
    if "modelId" in body:
        return "modelId belongs in the path, not in the body"
    return misfit_of_input(
        _SERVICE, _OPERATION, {"modelId": model_id, **body}, any_texts=True
    ) or _fault_of_conversation(body)


def fault_of_output(body: Mapping[str, object]) -> str:
    return misfit_of_output(_SERVICE, _OPERATION, body, any_texts=True)


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
