"""Findings of a Security Hub, kept in ASFF and shown in OCSF too."""

import copy
import json
from collections.abc import Callable, Mapping

from iacfix.testing.security_hub_filters import MOST_FIELDS, BadFilterError, check, matches
from iacfix.testing.security_hub_ocsf import STATUS_OF, matches_v2, metadata_uid, ocsf
from iacfix.testing.security_hub_state import Body, RefusedError, page_of, shown_time

MOST_FINDINGS = 100
MOST_FINDING_BYTES = 240 * 1024
MOST_NOTE = 512
_OF_THE_CUSTOMER = ("Note", "UserDefinedFields", "VerificationState", "Workflow")
_UPDATABLE = ("Confidence", "Criticality", "Note", "RelatedFindings", "Severity", "Types", "VerificationState")
_SEVERITY_IDS = {1: "INFORMATIONAL", 2: "LOW", 3: "MEDIUM", 4: "HIGH", 5: "CRITICAL"}

Key = tuple[str, str]
"""The ARN of the product, and the id that it gave the finding."""


class Findings:
    """`kept` are the findings in ASFF. `refuse` is asked for each id that is to be updated: a code and a message, for
    those that the service would not update. `page` is the most of one answer.
    """

    def __init__(self, region: str, account: str, page: int, rules: Callable[[dict[str, object]], None]) -> None:
        self.kept: dict[Key, dict[str, object]] = {}
        self.refuse: dict[str, tuple[str, str]] = {}
        self._region = region
        self._account = account
        self.page = page
        self._rules = rules

    def put(self, *findings: Body) -> None:
        """As if they had been imported, without the limits of one request."""
        for each in findings:
            self._keep(each)

    def status(self, identity: str) -> tuple[str, str]:
        """The workflow status and the text of the note."""
        finding = next(each for (_, found), each in self.kept.items() if found == identity)
        workflow, note = finding.get("Workflow"), finding.get("Note")
        text = note.get("Text", "") if isinstance(note, dict) else ""
        return (str(workflow["Status"]) if isinstance(workflow, dict) else "", str(text))

    def import_findings(self, asked: Body) -> Body:
        findings = _list(asked["Findings"])
        if not 1 <= len(findings) <= MOST_FINDINGS:
            raise RefusedError(f"a batch has 1 to {MOST_FINDINGS} findings")
        failed: list[object] = []
        for each in findings:
            if fault := self._fault(each):
                failed.append({"Id": each["Id"], "ErrorCode": "InvalidInput", "ErrorMessage": fault})
            else:
                self._keep(each)
        return {"FailedCount": len(failed), "SuccessCount": len(findings) - len(failed), "FailedFindings": failed}

    def get(self, asked: Body) -> Body:
        filters = _mapping(asked.get("Filters"))
        try:
            check(filters, most_fields=MOST_FIELDS)
            found = [each for each in self.kept.values() if matches(each, filters)]
        except BadFilterError as error:
            raise RefusedError(str(error)) from None
        return page_of(found, asked, "Findings", self.page)

    def get_v2(self, asked: Body) -> Body:
        filters = _mapping(asked.get("Filters"))
        try:
            found = [view for each in self.kept.values() if matches_v2(view := ocsf(each), filters)]
        except BadFilterError as error:
            raise RefusedError(str(error)) from None
        return page_of(found, asked, "Findings", self.page)

    def update(self, asked: Body) -> Body:
        identifiers = _list(asked["FindingIdentifiers"])
        if not 1 <= len(identifiers) <= MOST_FINDINGS:
            raise RefusedError(f"at most {MOST_FINDINGS} findings may be updated at once")
        if len(str(_mapping(asked.get("Note")).get("Text", ""))) > MOST_NOTE:
            raise RefusedError(f"the note has more than {MOST_NOTE} characters")
        done: list[object] = []
        left: list[object] = []
        for each in identifiers:
            finding = self.kept.get((str(each["ProductArn"]), str(each["Id"])))
            code, message = self.refuse.get(str(each["Id"]), ("", ""))
            if finding is None:
                code, message = "FindingNotFound", "there is no such finding"
            if code or finding is None:
                left.append({"FindingIdentifier": each, "ErrorCode": code, "ErrorMessage": message})
                continue
            _update(finding, asked)
            done.append(each)
        return {"ProcessedFindings": done, "UnprocessedFindings": left}

    def update_v2(self, asked: Body) -> Body:
        uids, identifiers = asked.get("MetadataUids") or [], asked.get("FindingIdentifiers") or []
        if bool(uids) == bool(identifiers):
            raise RefusedError("give MetadataUids or FindingIdentifiers")
        wanted = [str(each) for each in uids] if isinstance(uids, list) else []
        wanted += [self._uid_of(each) for each in _list(identifiers)]
        if len(wanted) > MOST_FINDINGS:
            raise RefusedError(f"at most {MOST_FINDINGS} findings may be updated at once")
        by_uid = {metadata_uid(each): each for each in self.kept.values()}
        done: list[object] = []
        left: list[object] = []
        for uid in wanted:
            finding = by_uid.get(uid)
            code, message = self.refuse.get(str(finding["Id"]) if finding else "", ("", ""))
            if finding is None:
                code, message = "ResourceNotFoundException", "there is no such finding"
            if code or finding is None:
                left.append({"MetadataUid": uid, "ErrorCode": code, "ErrorMessage": message})
                continue
            _update_v2(finding, asked)
            done.append({"MetadataUid": uid})
        return {"ProcessedFindings": done, "UnprocessedFindings": left}

    def _uid_of(self, identifier: Body) -> str:
        key = (str(identifier["MetadataProductUid"]), str(identifier["FindingInfoUid"]))
        finding = self.kept.get(key)
        return "nobody's" if finding is None else metadata_uid(finding)

    def _fault(self, finding: Body) -> str:
        if len(json.dumps(finding).encode()) > MOST_FINDING_BYTES:
            return f"the finding has more than {MOST_FINDING_BYTES} bytes"
        return "" if finding["AwsAccountId"] == self._account else "the finding is another account's"

    def _keep(self, given: Body) -> None:
        key = (str(given["ProductArn"]), str(given["Id"]))
        finding: dict[str, object] = copy.deepcopy(dict(given))
        finding.setdefault("RecordState", "ACTIVE")
        before = self.kept.get(key)
        if before is not None:
            for name in _OF_THE_CUSTOMER:
                finding.pop(name, None)
                if name in before:
                    finding[name] = before[name]
            if _reopens(before, finding):
                finding["Workflow"] = {"Status": "NEW"}
        finding.setdefault("Workflow", {"Status": "NEW"})
        finding.setdefault("Region", self._region)
        self._rules(finding)
        self.kept[key] = finding


def _reopens(before: Body, after: Body) -> bool:
    """What is suppressed stays so."""
    if _mapping(before.get("Workflow")).get("Status") not in {"NOTIFIED", "RESOLVED"}:
        return False
    archived = before.get("RecordState") == "ARCHIVED" and after.get("RecordState") == "ACTIVE"
    was, now = (_mapping(each.get("Compliance")).get("Status") for each in (before, after))
    return archived or (was == "PASSED" and now in {"WARNING", "FAILED", "NOT_AVAILABLE"})


def _update(finding: dict[str, object], asked: Body) -> None:
    for name in _UPDATABLE:
        if name in asked:
            finding[name] = copy.deepcopy(asked[name])
    if note := _mapping(asked.get("Note")):
        finding["Note"] = {**note, "UpdatedAt": shown_time(0)}
    if "UserDefinedFields" in asked:
        finding["UserDefinedFields"] = dict(_mapping(asked["UserDefinedFields"]))
    if "Workflow" in asked:
        finding["Workflow"] = dict(_mapping(asked["Workflow"]))


def _update_v2(finding: dict[str, object], asked: Body) -> None:
    if "Comment" in asked:
        finding["Note"] = {"Text": asked["Comment"], "UpdatedBy": "v2", "UpdatedAt": shown_time(0)}
    if "StatusId" in asked:
        names = {number: name for name, number in STATUS_OF.items()}
        number = asked["StatusId"]
        if not isinstance(number, int) or number not in names:
            raise RefusedError("the status is none that findings have here")
        finding["Workflow"] = {"Status": names[number]}
    if "SeverityId" in asked and isinstance(asked["SeverityId"], int):
        finding["Severity"] = {"Label": _SEVERITY_IDS[asked["SeverityId"]]}


def _list(value: object) -> list[dict[str, object]]:
    return value if isinstance(value, list) else []


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}
