from collections.abc import Iterator
from typing import TYPE_CHECKING

from iacfix.ports import CloudReadError, StackResource

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

    from iacfix.adapters.aws.session import Clients

_NOT_THERE = "ValidationError"
_FIND = ("cloudformation:DescribeStackResources", "cloudformation:ListStackResources")
_TEMPLATE = ("cloudformation:GetTemplate",)


class CloudFormationStacks:
    """Stacks of the account that boto3 finds credentials for. Timeouts are in seconds; `max_attempts` counts the first
    call too.
    """

    def __init__(self, *, connect_timeout: float, read_timeout: float, max_attempts: int) -> None:
        self._timeouts = (connect_timeout, read_timeout)
        self._max_attempts = max_attempts
        self._clients: Clients | None = None
        self._known: dict[str, CloudFormationClient] = {}

    def by_physical_id(self, physical_id: str, region: str) -> StackResource | None:
        from botocore.exceptions import ClientError  # noqa: PLC0415 - boto3 costs 0.7 s: only who asks pays

        from iacfix.adapters.aws.session import said, shown, telling  # noqa: PLC0415 - as above

        client = self._client(region)
        with telling(f"the stack of {shown(physical_id)}", _FIND):
            try:
                return next(_of(client, physical_id), None)
            except ClientError as error:
                code, message, _ = said(error)
                if code == _NOT_THERE and "does not exist" in message:
                    return None
                raise

    def template(self, stack: str, region: str) -> bytes:
        from botocore.exceptions import ClientError  # noqa: PLC0415 - as above

        from iacfix.adapters.aws.session import said, shown, telling  # noqa: PLC0415 - as above

        client = self._client(region)
        what = f"the template of the stack {shown(stack)}"
        with telling(what, _TEMPLATE):
            try:
                body: object = client.get_template(StackName=stack, TemplateStage="Original")["TemplateBody"]
            except ClientError as error:
                code, message, _ = said(error)
                if code == _NOT_THERE and "does not exist" in message:
                    raise CloudReadError(f"there is no stack {shown(stack)}", remedy="check its region") from None
                raise
        if not isinstance(body, str):
            raise CloudReadError(f"{what} is no text", remedy="hand over the template itself")
        return body.encode()

    def _client(self, region: str) -> "CloudFormationClient":
        from botocore.handlers import json_decode_template_body  # noqa: PLC0415 - as above

        from iacfix.adapters.aws.session import Clients  # noqa: PLC0415 - as above

        if self._clients is None:
            connect, read = self._timeouts
            self._clients = Clients(connect_timeout=connect, read_timeout=read, max_attempts=self._max_attempts)
        if region not in self._known:
            client = self._clients.cloudformation(region)
            # boto3 would hand over a template in JSON as objects, and its text would be lost.
            client.meta.events.unregister("after-call.cloudformation.GetTemplate", json_decode_template_body)
            self._known[region] = client
        return self._known[region]


def _of(client: "CloudFormationClient", physical_id: str) -> Iterator[StackResource]:
    """The answer holds the first 100 resources of the stack that has the id, whichever they are."""
    stacks: dict[str, str] = {}
    for each in client.describe_stack_resources(PhysicalResourceId=physical_id)["StackResources"]:
        stack_id, name = each.get("StackId", ""), each.get("StackName", "")
        stacks[stack_id] = name
        if each.get("PhysicalResourceId") == physical_id:
            yield StackResource(name, stack_id, each["LogicalResourceId"], physical_id, each["ResourceType"])
    for stack_id, name in stacks.items():
        for page in client.get_paginator("list_stack_resources").paginate(StackName=stack_id):
            for item in page["StackResourceSummaries"]:
                if item.get("PhysicalResourceId") == physical_id:
                    yield StackResource(name, stack_id, item["LogicalResourceId"], physical_id, item["ResourceType"])
