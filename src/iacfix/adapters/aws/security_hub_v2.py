"""Findings of Security Hub V2, in OCSF: read by pages, and told what became of them."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, cast

from iacfix.adapters.aws.security_hub import UNSAID, Connection
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
from iacfix.domain.finding import Severity
from iacfix.ports.findings_source import Page, Raw, Tracked, TrackedStatus, Update, Wanted

if TYPE_CHECKING:
    from mypy_boto3_securityhub.type_defs import OcsfFindingFiltersTypeDef

PAGE = 100
MAX_UPDATED = 100
"""Findings in one request of BatchUpdateFindingsV2, which fails item by item."""
MAX_ASKED = 20
"""Ids that are asked for at once."""
MAX_COMMENT = 512

_WHAT = "the findings of Security Hub V2"
_READ, _UPDATE = ("securityhub:GetFindings",), ("securityhub:BatchUpdateFindings",)
# OCSF's numbers for the status of a finding, and for its severity.
_STATUS = {1: TrackedStatus.NEW, 2: TrackedStatus.NOTIFIED, 3: TrackedStatus.SUPPRESSED} | {
    4: TrackedStatus.RESOLVED,
    5: TrackedStatus.GONE,
}
_NUMBERS = {status: number for number, status in _STATUS.items()}
_SEVERITY = {Severity.INFORMATIONAL: 1, Severity.LOW: 2, Severity.MEDIUM: 3, Severity.HIGH: 4, Severity.CRITICAL: 5}


class SecurityHubV2:
    """Implements ports.findings_source.FindingsSource and FindingTracker."""

    name = "security-hub"

    def __init__(self, connection: Connection, *, page: int = PAGE) -> None:
        self._connection = connection
        self._page = page

    def page(self, wanted: Wanted, after: str = "") -> Page:
        """As SecurityHub.page."""
        asked = Cursor.read(after) if after else Cursor(_filters(wanted), "")
        findings, token = self._get(asked.filters, asked.token)
        return Page(findings, str(Cursor(asked.filters, token)) if token else "")

    def place_of(self, raw: Raw) -> tuple[str, str]:
        return same_word(text_at(raw, "severity")), text_at(raw, "cloud", "account", "uid")

    def keeps(self, source: str, identity: str) -> bool:
        return kept_by_security_hub(source, identity)

    def read(self, identities: Sequence[str]) -> Mapping[str, Tracked]:
        asked = {identity: reported_ids(identity) for identity in identities}
        every = list(dict.fromkeys(each for ids in asked.values() for each in ids))
        found: dict[str, Tracked] = {}
        for some in chunks(every, MAX_ASKED):
            for raw in every_page(partial(self._get, {"CompositeFilters": [_any("finding_info.uid", some)]})):
                found.setdefault(text_at(raw, "finding_info", "uid"), _tracked(raw))
        return {identity: found[each] for identity, ids in asked.items() for each in ids if each in found}

    def update(self, updates: Sequence[Update]) -> Mapping[str, str]:
        return in_batches(updates, MAX_UPDATED, self._updated)

    def _updated(self, handles: Sequence[str], status: TrackedStatus, note: str) -> dict[str, str]:
        from iacfix.adapters.aws.session import shown, telling  # noqa: PLC0415 - boto3 costs 0.7 s: only who asks pays

        client = self._connection.client()
        with telling(_WHAT, _UPDATE):
            answer = client.batch_update_findings_v2(
                MetadataUids=list(handles),
                Comment=cut(note, MAX_COMMENT),
                StatusId=_NUMBERS[status],
            )
            left = [(each.get("MetadataUid", ""), each.get("ErrorCode", "")) for each in answer["UnprocessedFindings"]]
            processed = answer["ProcessedFindings"]
            done = {each.get("MetadataUid", "") for each in processed}
            failed = {uid: f"Security Hub says {shown(code)}" for uid, code in left if uid}
            if len(failed) == len(left) and len(processed) + len(left) == len(handles):
                return failed
            # Uids are optional in both lists: a failure of nobody may be anybody's who is not named as done.
            return {**{each: UNSAID for each in handles if each not in done}, **failed}

    def _get(self, filters: Mapping[str, object], token: str) -> tuple[tuple[Raw, ...], str]:
        from iacfix.adapters.aws.session import telling  # noqa: PLC0415 - as above

        client = self._connection.client()
        asked = cast("OcsfFindingFiltersTypeDef", filters)
        with telling(_WHAT, _READ):
            if token:
                answer = client.get_findings_v2(Filters=asked, MaxResults=self._page, NextToken=token)
            else:
                answer = client.get_findings_v2(Filters=asked, MaxResults=self._page)
            return tuple(map(mapping, answer.get("Findings", []))), answer.get("NextToken", "")


def _filters(wanted: Wanted) -> Mapping[str, object]:
    """Open ones: new, or in progress."""
    groups = [_numbers("status_id", (_NUMBERS[TrackedStatus.NEW], _NUMBERS[TrackedStatus.NOTIFIED]))]
    if known := [_SEVERITY[each] for each in wanted.severities if each in _SEVERITY]:
        groups.append(_numbers("severity_id", known))
    if wanted.accounts:
        groups.append(_any("cloud.account.uid", wanted.accounts))
    if wanted.since:
        moment = {"Start": wanted.since, "End": wanted.until}
        groups.append({"DateFilters": [{"FieldName": "finding_info.modified_time_dt", "Filter": moment}]})
    return {"CompositeFilters": groups, "CompositeOperator": "AND"}


def _any(name: str, values: Sequence[str]) -> Mapping[str, object]:
    filters = [{"FieldName": name, "Filter": {"Value": value, "Comparison": "EQUALS"}} for value in values]
    return {"StringFilters": filters, "Operator": "OR"}


def _numbers(name: str, values: Sequence[int]) -> Mapping[str, object]:
    return {"NumberFilters": [{"FieldName": name, "Filter": {"Eq": value}} for value in values], "Operator": "OR"}


def _tracked(raw: Raw) -> Tracked:
    number = raw.get("status_id")
    resources = listing(raw.get("resources"))
    return Tracked(
        handle=text_at(raw, "metadata", "uid"),
        status=_STATUS.get(number, TrackedStatus.NEW) if isinstance(number, int) else TrackedStatus.NEW,
        note=text_at(raw, "comment"),
        resources=tuple(text_at(mapping(each), "uid") for each in resources),
    )
