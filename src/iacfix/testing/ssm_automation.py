"""SSM Automation: executions that begin, go on and end, and that really change what a runbook changes.

Requests and answers are held to botocore's description of SSM, parameters to those of the document.
"""

import json
import re
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, cast

from iacfix.testing.runbook_steps import Call, Document, FailedStepError, UnfitError, given, run
from iacfix.testing.service_contract import errors_of, misfit_of_input, misfit_of_output

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

OPERATIONS = frozenset(
    {
        "StartAutomationExecution",
        "GetAutomationExecution",
        "DescribeAutomationExecutions",
        "StopAutomationExecution",
        "GetDocument",
        "DescribeDocument",
    }
)
MAX_CONCURRENT = 100
_RUNNING = frozenset({"Pending", "InProgress"})
_SHA = "0" * 64
Body = Mapping[str, object]


class RefusedError(Exception):
    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


class End(StrEnum):
    """How an execution ends. `LIES`: it reports success and has changed nothing. `HANGS`: never, but by a stop."""

    HONEST = "honest"
    FAILS = "fails"
    TIMES_OUT = "times_out"
    LIES = "lies"
    HANGS = "hangs"


@dataclass
class Execution:
    id: str
    document: str
    parameters: Mapping[str, list[str]]
    values: Mapping[str, object]
    tags: Mapping[str, str]
    end: End
    status: str = "InProgress"
    reason: str = ""
    looks: int = 0
    began: float = field(default_factory=time.time)


@dataclass
class Automation:
    """`call` carries out what a step calls. `ends` say how the executions of a document end, all others are honest;
    `looks` is how often one is looked at before it ends; `unassumable` are roles that SSM may not take on.
    """

    documents: Mapping[str, Document]
    call: Call
    ends: dict[str, End] = field(default_factory=dict)
    looks: int = 1
    limit: int = MAX_CONCURRENT
    unassumable: set[str] = field(default_factory=set)
    executions: dict[str, Execution] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    _tokens: dict[str, str] = field(default_factory=dict)

    def answer(self, operation: str, body: Body) -> Body:
        """Raises RefusedError."""
        self.asked.append(operation)
        if fault := misfit_of_input("ssm", operation, body):
            raise RefusedError("ValidationException", fault)
        method: Callable[[Body], Body] = getattr(self, re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower())
        try:
            made = method(body)
        except RefusedError as error:
            if error.code not in errors_of("ssm", operation):
                raise RefusedError("InternalServerError", f"{operation} does not answer {error.code}", 500) from None
            raise
        if fault := misfit_of_output("ssm", operation, made):
            raise RefusedError("InternalServerError", fault, 500)
        return made

    def start_automation_execution(self, body: Body) -> Body:
        name = str(body["DocumentName"])
        document = self.documents.get(name)
        if document is None:
            raise RefusedError("AutomationDefinitionNotFoundException", f"there is no document {name}")
        parameters = cast("Mapping[str, list[str]]", body.get("Parameters", {}))
        token = str(body.get("ClientToken") or uuid.uuid4())
        if token in self._tokens:
            before = self.executions[self._tokens[token]]
            if (before.document, before.parameters) != (name, parameters):
                raise RefusedError("IdempotentParameterMismatch", "the token belongs to another request")
            return {"AutomationExecutionId": before.id}
        try:
            values = given(document, parameters)
        except UnfitError as error:
            raise RefusedError("InvalidAutomationExecutionParametersException", str(error)) from None
        if str(values.get("AutomationAssumeRole", "")) in self.unassumable:
            said = "the defined assume role is unable to be assumed"
            raise RefusedError("InvalidAutomationExecutionParametersException", said)
        if sum(each.status in _RUNNING for each in self.executions.values()) >= self.limit:
            said = "the number of simultaneously running automations exceeds the limit"
            raise RefusedError("AutomationExecutionLimitExceededException", said)
        tags = {each["Key"]: each["Value"] for each in cast("list[dict[str, str]]", body.get("Tags", []))}
        made = Execution(str(uuid.uuid4()), name, parameters, values, tags, self.ends.get(name, End.HONEST))
        self.executions[made.id] = made
        self._tokens[token] = made.id
        return {"AutomationExecutionId": made.id}

    def get_automation_execution(self, body: Body) -> Body:
        execution = self._execution(body)
        self._go_on(execution)
        return {"AutomationExecution": {**_facts(execution), "Parameters": execution.parameters}}

    def describe_automation_executions(self, body: Body) -> Body:
        filters = cast("Sequence[Mapping[str, object]]", body.get("Filters", []))
        found = [each for each in self.executions.values() if all(_fits(each, one) for one in filters)]
        return {"AutomationExecutionMetadataList": [_facts(each) for each in found]}

    def stop_automation_execution(self, body: Body) -> Body:
        execution = self._execution(body)
        if execution.status not in _RUNNING:
            raise RefusedError("InvalidAutomationStatusUpdateException", f"it is {execution.status}")
        execution.status, execution.reason = "Cancelled", "it was told to stop"
        return {}

    def get_document(self, body: Body) -> Body:
        document = self._document(body)
        facts = {"Name": body["Name"], "DocumentVersion": "1", "Status": "Active", "DocumentType": "Automation"}
        return {**facts, "Content": json.dumps(document), "DocumentFormat": "JSON"}

    def describe_document(self, body: Body) -> Body:
        declared = cast("Mapping[str, Mapping[str, object]]", self._document(body).get("parameters", {}))
        facts = {"Name": body["Name"], "Owner": "Amazon", "Hash": _SHA, "HashType": "Sha256", "Status": "Active"}
        kinds = {"StringList": "StringList"}
        parameters = [{"Name": name, "Type": kinds.get(str(each["type"]), "String")} for name, each in declared.items()]
        return {"Document": {**facts, "DocumentType": "Automation", "SchemaVersion": "0.3", "Parameters": parameters}}

    def _document(self, body: Body) -> Document:
        found = self.documents.get(str(body["Name"]))
        if found is None:
            raise RefusedError("InvalidDocument", f"there is no document {body['Name']}")
        return found

    def _execution(self, body: Body) -> Execution:
        found = self.executions.get(str(body["AutomationExecutionId"]))
        if found is None:
            raise RefusedError("AutomationExecutionNotFoundException", "there is no such execution")
        return found

    def _go_on(self, execution: Execution) -> None:
        execution.looks += 1
        if execution.status not in _RUNNING or execution.looks <= self.looks or execution.end is End.HANGS:
            return
        if execution.end is End.FAILS:
            execution.status, execution.reason = "Failed", "Step fails when it is Execute/Cancelling action"
        elif execution.end is End.TIMES_OUT:
            execution.status, execution.reason = "TimedOut", "the step ran out of time"
        else:
            execution.status = "Success"
            if execution.end is End.HONEST:
                self._carry_out(execution)

    def _carry_out(self, execution: Execution) -> None:
        try:
            run(self.documents[execution.document], execution.values, self.call)
        except FailedStepError as error:
            execution.status, execution.reason = "Failed", f"Step {error.step} failed: {error.reason}"


def _facts(execution: Execution) -> dict[str, object]:
    facts: dict[str, object] = {
        "AutomationExecutionId": execution.id,
        "DocumentName": execution.document,
        "DocumentVersion": "1",
        "AutomationExecutionStatus": execution.status,
        "ExecutionStartTime": execution.began,
        "Mode": "Auto",
    }
    if execution.status not in _RUNNING:
        facts["ExecutionEndTime"] = execution.began + execution.looks
    return {**facts, "FailureMessage": execution.reason} if execution.reason else facts


def _fits(execution: Execution, wanted: Mapping[str, object]) -> bool:
    values = cast("Sequence[str]", wanted["Values"])
    match wanted["Key"]:
        case "ExecutionId":
            return execution.id in values
        case "ExecutionStatus":
            return execution.status in values
        case "DocumentNamePrefix":
            return execution.document.startswith(tuple(values))
        case "TagKey":
            return bool(execution.tags.keys() & set(values))
        case _:
            raise RefusedError("InvalidFilterKey", f"{wanted['Key']} is not known here")
