"""A Security Hub over HTTP: findings in both forms, filters, and automation rules that it applies to what is imported.

Every request and answer is held against botocore's description of the service, every error has to be one that it names
for the operation or that any operation may answer. What the description leaves out follows AWS's documentation.
"""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qsl, urlsplit

from iacfix.testing.rest_server import Answer, RestServer
from iacfix.testing.security_hub_findings import Findings
from iacfix.testing.security_hub_rules import Rules
from iacfix.testing.security_hub_state import Body, RefusedError
from iacfix.testing.service_contract import errors_of, misfit_of_input, misfit_of_output

SERVICE = "securityhub"
REGION, ACCOUNT = "eu-west-1", "111122223333"
MOST_BYTES = 6 * 1024 * 1024

_OPERATIONS: Mapping[tuple[str, str], str] = {
    ("POST", "/findings/import"): "BatchImportFindings",
    ("POST", "/findings"): "GetFindings",
    ("POST", "/findingsv2"): "GetFindingsV2",
    ("PATCH", "/findings/batchupdate"): "BatchUpdateFindings",
    ("PATCH", "/findingsv2/batchupdatev2"): "BatchUpdateFindingsV2",
    ("POST", "/automationrules/create"): "CreateAutomationRule",
    ("POST", "/automationrules/get"): "BatchGetAutomationRules",
    ("GET", "/automationrules/list"): "ListAutomationRules",
    ("PATCH", "/automationrules/update"): "BatchUpdateAutomationRules",
    ("POST", "/automationrules/delete"): "BatchDeleteAutomationRules",
}
# What any operation may answer, whatever its description names.
_COMMON = frozenset(
    {"AccessDeniedException", "InternalFailure", "TooManyRequestsException", "UnrecognizedClientException"}
)
_V2 = frozenset({"GetFindingsV2", "BatchUpdateFindingsV2"})


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error of the service: `TooManyRequestsException` with 429 throttles, `AccessDeniedException` denies."""

    code: str
    status: int = 400
    message: str = "as the test wants it"


class SecurityHubServer(RestServer):
    """Serves inside `with`, at `url`. `operations` are the requests so far, `signed_by` the ids of the keys
    that signed them. `findings` and `rules` may be looked into.

    `spoil` refuses the next requests of an operation; `findings.refuse` single items of an update.
    """

    def __init__(self, *, page: int = 100) -> None:
        super().__init__(threading.RLock())
        self.rules = Rules(REGION, ACCOUNT, page)
        self.findings = Findings(REGION, ACCOUNT, page, self.rules.apply)
        self.operations: list[str] = []
        self.url = ""
        self.signed_by: set[str] = set()
        self._spoiled: dict[str, list[Refusal]] = {}

    def started(self, address: str) -> None:
        self.url = address

    @property
    def environment(self) -> Mapping[str, str]:
        """What leads boto3 here."""
        return {
            "AWS_ENDPOINT_URL_SECURITYHUB": self.url,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/EXAMPLEKEY",
        }

    def spoil(self, operation: str, *refusals: Refusal) -> None:
        """The next requests of the operation, one refusal for each."""
        self._spoiled.setdefault(operation, []).extend(refusals)

    def answer(self, verb: str, address: str, headers: Mapping[str, str], body: bytes) -> Answer:
        parts = urlsplit(address)
        operation = _OPERATIONS.get((verb, parts.path), "")
        self.operations.append(operation or f"{verb} {parts.path}")
        if not operation:
            return _refused(Refusal("UnknownOperationException", 404, f"{verb} {parts.path}"))
        authorization = next((value for name, value in headers.items() if name.lower() == "authorization"), "")
        if not authorization.startswith("AWS4-HMAC-SHA256 Credential=") or f"/{SERVICE}/" not in authorization:
            return _refused(Refusal("UnrecognizedClientException", 403, "the request is not signed"))
        self.signed_by.add(authorization.partition("Credential=")[2].partition("/")[0])
        try:
            asked = json.loads(body) if body else _query(parts.query)
        except ValueError:
            return self._refusal(operation, _invalid(operation, "the body is no JSON"))
        if waiting := self._spoiled.get(operation):
            return self._refusal(operation, waiting.pop(0))
        if len(body) > MOST_BYTES:
            return self._refusal(operation, _invalid(operation, f"the request has more than {MOST_BYTES} bytes"))
        if fault := misfit_of_input(SERVICE, operation, asked):
            return self._refusal(operation, _invalid(operation, fault))
        return self._operate(operation, asked)

    def _operate(self, operation: str, asked: Body) -> Answer:
        verbs = {
            "BatchImportFindings": self.findings.import_findings,
            "GetFindings": self.findings.get,
            "GetFindingsV2": self.findings.get_v2,
            "BatchUpdateFindings": self.findings.update,
            "BatchUpdateFindingsV2": self.findings.update_v2,
            "CreateAutomationRule": self.rules.create,
            "BatchGetAutomationRules": self.rules.get,
            "ListAutomationRules": self.rules.listed,
            "BatchUpdateAutomationRules": self.rules.update,
            "BatchDeleteAutomationRules": self.rules.delete,
        }
        try:
            made = verbs[operation](asked)
        except RefusedError as error:
            code = error.code or _invalid(operation, "").code
            return self._refusal(operation, Refusal(code, error.status, str(error)))
        if fault := misfit_of_output(SERVICE, operation, made):
            return _refused(Refusal("InternalFailure", 500, f"the answer does not fit: {fault}"))
        return Answer(int(HTTPStatus.OK), json.dumps(made).encode())

    def _refusal(self, operation: str, refusal: Refusal) -> Answer:
        if refusal.code not in errors_of(SERVICE, operation) | _COMMON:
            return _refused(Refusal("InternalFailure", 500, f"{operation} does not answer {refusal.code}"))
        return _refused(refusal)


def _invalid(operation: str, why: str) -> Refusal:
    return Refusal("ValidationException" if operation in _V2 else "InvalidInputException", 400, why)


def _query(text: str) -> Body:
    found: dict[str, object] = dict(parse_qsl(text))
    most = found.get("MaxResults")
    return found | {"MaxResults": int(most)} if isinstance(most, str) and most.isdigit() else found


def _refused(refusal: Refusal) -> Answer:
    body = json.dumps({"Code": refusal.code, "Message": refusal.message}).encode()
    return Answer(refusal.status, body, {"x-amzn-ErrorType": refusal.code})
