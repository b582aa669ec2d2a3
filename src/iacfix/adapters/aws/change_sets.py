"""CloudFormation's change sets: created, looked at, and deleted again. Nothing of the stack changes."""

import hashlib
import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from posixpath import normpath
from typing import TYPE_CHECKING

from iacfix.adapters.planners.kept import KeptPlans
from iacfix.config import ChangeSetSettings
from iacfix.domain.errors import InputError, UnsafePathError
from iacfix.ports import CloudReadError, Plan, PlannedChange, PlanRefusedError, ToolError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.literals import CapabilityType
    from mypy_boto3_cloudformation.type_defs import ParameterTypeDef, ResourceChangeTypeDef

    from iacfix.adapters.aws.session import Clients

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
MAX_TEMPLATE_BYTES = 51_200
CONNECT_SECONDS, READ_SECONDS, ATTEMPTS = 5.0, 60.0, 4
PERMISSIONS = tuple(
    f"cloudformation:{each}"
    for each in ("CreateChangeSet", "DeleteChangeSet", "DescribeChangeSet", "DescribeStacks", "GetTemplateSummary")
)
_REFUSED = "ValidationError"
_NOTHING_TO_DO = ("didn't contain changes", "No updates are to be performed")
_UNDER_WAY = frozenset({"CREATE_PENDING", "CREATE_IN_PROGRESS"})
_READY = "CREATE_COMPLETE"
_NOT_IN_PLACE = frozenset({"True", "Conditional"})
_LONGEST_PAUSE = 5.0


class ChangeSets:
    """`read` gives a file of the repository as it stands."""

    def __init__(self, settings: ChangeSetSettings, read: Callable[[str], bytes]) -> None:
        self._settings = settings
        self._read = read
        self._kept = KeptPlans()
        self._clients: Clients | None = None

    def plan(self, root: str, overlay: Mapping[str, bytes]) -> Plan:
        try:
            template = overlay[root] if root in overlay else self._read(root)
        except (InputError, UnsafePathError) as error:
            raise ToolError(error.what) from None
        return self._kept.plan(root, {root: template}, lambda: self._plan(root, template))

    def _plan(self, root: str, template: bytes) -> Plan:
        stacks = sorted(name for name, path in self._settings.stacks.items() if normpath(path) == root)
        if not stacks:
            raise ToolError(f"no stack is named that {root} is the template of", remedy="add it to `change_set.stacks`")
        if len(template) > MAX_TEMPLATE_BYTES:
            raise ToolError(f"{root} has more than the {MAX_TEMPLATE_BYTES} bytes that a change set takes")
        try:
            text = template.decode()
            return Plan("change set", tuple(each for stack in stacks for each in self._changes(stack, root, text)))
        except UnicodeDecodeError:
            raise ToolError(f"{root} is not UTF-8") from None
        except CloudReadError as error:
            raise ToolError(error.what, remedy=error.remedy) from None

    def _changes(self, stack: str, root: str, template: str) -> Iterator[PlannedChange]:
        from botocore.exceptions import ClientError  # noqa: PLC0415 - boto3 costs 0.7 s: only who asks pays

        from iacfix.adapters.aws.session import said, shown, telling  # noqa: PLC0415 - as above

        client = self._client()
        name = f"iacfix-{uuid.uuid4().hex}"
        with telling(f"the stack {shown(stack)}", PERMISSIONS):
            try:
                parameters, capabilities = _needed(client, stack, template)
                client.create_change_set(
                    StackName=stack,
                    ChangeSetName=name,
                    ChangeSetType="UPDATE",
                    Description="Looked at by iacfix, and deleted.",
                    TemplateBody=template,
                    Parameters=parameters,
                    Capabilities=capabilities,
                )
            except ClientError as error:
                code, message, _ = said(error)
                if code == _REFUSED and "does not exist" not in message:
                    raise PlanRefusedError(f"CloudFormation refuses the template: {shown(message)}") from None
                raise
            try:
                yield from (_planned(each, stack, root) for each in self._described(client, stack, name))
            finally:
                client.delete_change_set(StackName=stack, ChangeSetName=name)

    def _described(self, client: "CloudFormationClient", stack: str, name: str) -> "list[ResourceChangeTypeDef]":
        """All of them, before anything is made of the first: the change set goes then."""
        from iacfix.adapters.aws.session import shown  # noqa: PLC0415 - as above

        deadline, pause = time.monotonic() + self._settings.timeout, 0.2
        answer = client.describe_change_set(StackName=stack, ChangeSetName=name, IncludePropertyValues=True)
        while answer["Status"] in _UNDER_WAY:
            if time.monotonic() + pause > deadline:
                raise ToolError(f"a change set of {shown(stack)} took longer than {self._settings.timeout:g} seconds")
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
            answer = client.describe_change_set(StackName=stack, ChangeSetName=name, IncludePropertyValues=True)
        if answer["Status"] != _READY:
            reason = answer.get("StatusReason", "")
            if any(each in reason for each in _NOTHING_TO_DO):
                return []
            raise PlanRefusedError(f"CloudFormation cannot make a change set of {shown(stack)}: {shown(reason)}")
        changes = list(answer.get("Changes", []))
        while token := answer.get("NextToken", ""):
            answer = client.describe_change_set(
                StackName=stack, ChangeSetName=name, IncludePropertyValues=True, NextToken=token
            )
            changes += answer.get("Changes", [])
        return [each["ResourceChange"] for each in changes if "ResourceChange" in each]

    def _client(self) -> "CloudFormationClient":
        from iacfix.adapters.aws.session import Clients  # noqa: PLC0415 - as above

        if self._clients is None:
            self._clients = Clients(connect_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS, max_attempts=ATTEMPTS)
        return self._clients.cloudformation(self._settings.region)


def _needed(
    client: "CloudFormationClient", stack: str, template: str
) -> "tuple[list[ParameterTypeDef], list[CapabilityType]]":
    """The stack's own values for the template's parameters, and the capabilities that it takes anyhow."""
    summary = client.get_template_summary(TemplateBody=template)
    (described,) = client.describe_stacks(StackName=stack)["Stacks"]
    set_before = {each.get("ParameterKey", "") for each in described.get("Parameters", [])}
    declared = {each.get("ParameterKey", "") for each in summary.get("Parameters", [])}
    capabilities: list[CapabilityType] = list(summary.get("Capabilities", []))
    if summary.get("DeclaredTransforms") and "CAPABILITY_AUTO_EXPAND" not in capabilities:
        capabilities.append("CAPABILITY_AUTO_EXPAND")
    return [{"ParameterKey": name, "UsePreviousValue": True} for name in sorted(set_before & declared)], capabilities


def _planned(change: "ResourceChangeTypeDef", stack: str, root: str) -> PlannedChange:
    action = change.get("Action", "Dynamic")
    targets = [each.get("Target", {}) for each in change.get("Details", [])]
    attributes = {each.get("Name") or each.get("Attribute", "") for each in targets}
    compared = {**change, "Details": sorted(json.dumps(each, sort_keys=True) for each in change.get("Details", []))}
    return PlannedChange(
        address=f"{change.get('LogicalResourceId', '')} of {stack}",
        folder=root,
        block=f"Resources.{change.get('LogicalResourceId', '')}",
        deletes=action == "Remove",
        replaces=action == "Dynamic" or change.get("Replacement") in _NOT_IN_PLACE,
        attributes=frozenset(name for name in attributes if name),
        fingerprint=hashlib.sha256(json.dumps(compared, sort_keys=True, default=str).encode()).hexdigest(),
    )
