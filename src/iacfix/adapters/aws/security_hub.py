"""Findings of AWS Security Hub in ASFF (V1): read by pages, and told what became of them."""

import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, cast

from iacfix.adapters.aws.role import Role
from iacfix.adapters.tracked import (
    Cursor,
    chunks,
    cut,
    every_page,
    in_batches,
    kept_by_security_hub,
    listing,
    mapping,
    reported_ids,
    same_word,
    text_at,
)
from iacfix.domain.errors import InputError
from iacfix.ports.findings_source import Page, Raw, Tracked, TrackedStatus, Update, Wanted

if TYPE_CHECKING:
    from mypy_boto3_securityhub import SecurityHubClient
    from mypy_boto3_securityhub.type_defs import AwsSecurityFindingFiltersTypeDef, BatchUpdateFindingsRequestTypeDef

PAGE = 100
"""The most findings that GetFindings answers at once."""
MAX_FILTER_VALUES = 20
"""Of one field, in a request of GetFindings."""
MAX_UPDATED = 100
"""Findings in one request of BatchUpdateFindings, which fails item by item."""
MAX_NOTE = 512
"""Characters of a note, and of who wrote it."""

UNSAID = "Security Hub does not say what became of it"

_WHAT = "the findings of Security Hub"
_READ, _UPDATE = ("securityhub:GetFindings",), ("securityhub:BatchUpdateFindings",)
_WORKFLOW = {"NEW": TrackedStatus.NEW, "NOTIFIED": TrackedStatus.NOTIFIED} | {
    "RESOLVED": TrackedStatus.RESOLVED,
    "SUPPRESSED": TrackedStatus.SUPPRESSED,
}
_WORDS = {status: word for word, status in _WORKFLOW.items()}


class Connection:
    """One client, made when it is first asked for. `region` "" is the environment's. Timeouts are in seconds."""

    def __init__(
        self,
        region: str = "",
        role: Role | None = None,
        *,
        connect_timeout: float = 5.0,
        read_timeout: float = 30.0,
        max_attempts: int = 5,
    ) -> None:
        self._region = region
        self._role = role
        self._timeouts = (connect_timeout, read_timeout)
        self._max_attempts = max_attempts
        self._client: SecurityHubClient | None = None

    def client(self) -> "SecurityHubClient":
        """Raises CloudReadError."""
        from iacfix.adapters.aws.session import Clients  # noqa: PLC0415 - boto3 costs 0.7 s: only who asks pays

        if self._client is None:
            connect, read = self._timeouts
            clients = Clients(connect_timeout=connect, read_timeout=read, max_attempts=self._max_attempts)
            self._client = clients.securityhub(self._region, self._role)
        return self._client


class SecurityHub:
    """Implements ports.findings_source.FindingsSource and FindingTracker. `author` signs notes."""

    name = "security-hub"

    def __init__(self, connection: Connection, *, author: str = "iacfix", page: int = PAGE) -> None:
        self._connection = connection
        self._author = author[:MAX_NOTE]
        self._page = page

    def page(self, wanted: Wanted, after: str = "") -> Page:
        """A cursor goes before `wanted`: AWS takes its token with the filters that it was given for alone."""
        asked = Cursor.read(after) if after else Cursor(_filters(wanted), "")
        findings, token = self._get(asked.filters, asked.token)
        return Page(findings, str(Cursor(asked.filters, token)) if token else "")

    def place_of(self, raw: Raw) -> tuple[str, str]:
        return same_word(text_at(raw, "Severity", "Label")), text_at(raw, "AwsAccountId")

    def keeps(self, source: str, identity: str) -> bool:
        return kept_by_security_hub(source, identity)

    def read(self, identities: Sequence[str]) -> Mapping[str, Tracked]:
        asked = {identity: reported_ids(identity) for identity in identities}
        every = list(dict.fromkeys(each for ids in asked.values() for each in ids))
        found: dict[str, Tracked] = {}
        for some in chunks(every, MAX_FILTER_VALUES):
            for raw in every_page(
                partial(self._get, {"Id": [{"Value": each, "Comparison": "EQUALS"} for each in some]})
            ):
                found.setdefault(text_at(raw, "Id"), _tracked(raw))
        return {identity: found[each] for identity, ids in asked.items() for each in ids if each in found}

    def update(self, updates: Sequence[Update]) -> Mapping[str, str]:
        return in_batches(updates, MAX_UPDATED, self._updated)

    def _updated(self, handles: Sequence[str], status: TrackedStatus, note: str) -> dict[str, str]:
        from iacfix.adapters.aws.session import shown, telling  # noqa: PLC0415 - as above

        request = {
            "FindingIdentifiers": [json.loads(each) for each in handles],
            "Note": {"Text": cut(note, MAX_NOTE), "UpdatedBy": self._author},
            "Workflow": {"Status": _WORDS[status]},
        }
        client = self._connection.client()
        with telling(_WHAT, _UPDATE):
            answer = client.batch_update_findings(**cast("BatchUpdateFindingsRequestTypeDef", request))
            left = [(each["FindingIdentifier"], each["ErrorCode"]) for each in answer["UnprocessedFindings"]]
            done = {_handle(each["ProductArn"], each["Id"]) for each in answer["ProcessedFindings"]}
            failed = {
                _handle(each["ProductArn"], each["Id"]): f"Security Hub says {shown(code)}" for each, code in left
            }
            return {**{each: UNSAID for each in handles if each not in done}, **failed}

    def _get(self, filters: Mapping[str, object], token: str) -> tuple[tuple[Raw, ...], str]:
        from iacfix.adapters.aws.session import telling  # noqa: PLC0415 - as above

        client = self._connection.client()
        asked = cast("AwsSecurityFindingFiltersTypeDef", filters)
        with telling(_WHAT, _READ):
            if token:
                answer = client.get_findings(Filters=asked, MaxResults=self._page, NextToken=token)
            else:
                answer = client.get_findings(Filters=asked, MaxResults=self._page)
            return tuple(cast("list[Raw]", answer["Findings"])), answer.get("NextToken", "")


def _filters(wanted: Wanted) -> Mapping[str, object]:
    """Open ones: new or notified, and still seen."""
    if len(wanted.accounts) > MAX_FILTER_VALUES:
        raise InputError(
            f"{len(wanted.accounts)} accounts are more than Security Hub filters",
            remedy=f"give at most {MAX_FILTER_VALUES}",
        )
    equal = {
        "WorkflowStatus": ("NEW", "NOTIFIED"),
        "RecordState": ("ACTIVE",),
        "SeverityLabel": tuple(each.value.upper() for each in wanted.severities),
        "AwsAccountId": wanted.accounts,
    }
    filters: dict[str, object] = {
        name: [{"Value": value, "Comparison": "EQUALS"} for value in values] for name, values in equal.items() if values
    }
    return filters | {"UpdatedAt": [{"Start": wanted.since, "End": wanted.until}]} if wanted.since else filters


def _tracked(raw: Raw) -> Tracked:
    archived = text_at(raw, "RecordState") == "ARCHIVED"
    status = TrackedStatus.GONE if archived else _WORKFLOW.get(text_at(raw, "Workflow", "Status"), TrackedStatus.NEW)
    resources = listing(raw.get("Resources"))
    return Tracked(
        handle=_handle(text_at(raw, "ProductArn"), text_at(raw, "Id")),
        status=TrackedStatus.SUPPRESSED if text_at(raw, "Workflow", "Status") == "SUPPRESSED" else status,
        note=text_at(raw, "Note", "Text"),
        resources=tuple(text_at(mapping(each), "Id") for each in resources),
    )


def _handle(product: str, identity: str) -> str:
    return json.dumps({"Id": identity, "ProductArn": product}, sort_keys=True)
