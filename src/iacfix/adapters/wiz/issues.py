"""Issues of Wiz: read by pages, and told what became of them.

Wiz resolves an issue of its configuration rules and controls itself, once a scan of its own sees the resource as it
should be; only a threat may be resolved by hand. So those are set in progress with a note that carries the
verification, and a scan of the resource is asked for.
"""

import json
from collections.abc import Mapping, Sequence
from functools import partial

from iacfix.adapters.tracked import Cursor, every_page, listing, mapping, reported_ids, same_word, text_at
from iacfix.adapters.wiz.client import WizClient
from iacfix.adapters.wiz.documents import ISSUES, NOTE, RESCAN, UPDATE
from iacfix.ports import CloudReadError
from iacfix.ports.findings_source import Page, Raw, Tracked, TrackedStatus, Update, Wanted

PAGE = 100
MAX_PAGE = 500
"""The most that Wiz answers at once."""
MAX_ASKED = 100
MAX_NOTE = 4_000
_THREAT = "THREAT_DETECTION"
_IN_PROGRESS = "IN_PROGRESS"
_STATUS = {"OPEN": TrackedStatus.NEW, _IN_PROGRESS: TrackedStatus.NOTIFIED} | {
    "RESOLVED": TrackedStatus.RESOLVED,
    "REJECTED": TrackedStatus.SUPPRESSED,
}
_ACCEPTABLE = ("id", "type", "name", "status", "region", "cloudPlatform", "cloudProviderURL", "subscriptionName")


class WizIssues:
    """Implements ports.findings_source.FindingsSource and FindingTracker. `rescan`: Wiz is asked to look again."""

    name = "wiz"

    def __init__(self, client: WizClient, *, rescan: bool = True, page: int = PAGE) -> None:
        self._client = client
        self._rescan = rescan
        self._page = min(page, MAX_PAGE)

    def page(self, wanted: Wanted, after: str = "") -> Page:
        """Issues of AWS in the form of an automation rule's body. Accounts are compared here: Wiz filters by ids of its
        own.
        """
        filters = _filters(wanted)
        asked = Cursor.read(after) if after else Cursor({"filterBy": filters, "accounts": wanted.accounts}, "")
        nodes, token = self._get(mapping(asked.filters.get("filterBy")), asked.token)
        accounts = wanted.accounts if not after else listing(asked.filters.get("accounts"))
        found = tuple(body_of(each) for each in nodes if not accounts or _account(each) in accounts)
        return Page(found, str(Cursor(asked.filters, token)) if token else "")

    def place_of(self, raw: Raw) -> tuple[str, str]:
        return same_word(text_at(raw, "issue", "severity")), text_at(raw, "resource", "subscriptionId")

    def keeps(self, source: str, identity: str) -> bool:
        return source == "wiz" and bool(identity)

    def read(self, identities: Sequence[str]) -> Mapping[str, Tracked]:
        asked = {identity: reported_ids(identity) for identity in identities}
        every = list(dict.fromkeys(each for ids in asked.values() for each in ids))
        found: dict[str, Tracked] = {}
        for start in range(0, len(every), MAX_ASKED):
            for node in every_page(partial(self._get, {"id": every[start : start + MAX_ASKED]})):
                found[text_at(node, "id")] = tracked(node)
        return {identity: found[each] for identity, ids in asked.items() for each in ids if each in found}

    def update(self, updates: Sequence[Update]) -> Mapping[str, str]:
        failed: dict[str, str] = {}
        for each in updates:
            try:
                self._told(each)
            except CloudReadError as error:
                failed[each.handle] = str(error)
        return failed

    def _told(self, update: Update) -> None:
        """The note comes last: where it stands, everything before it was done."""
        known = mapping(json.loads(update.handle))
        issue, resolves = text_at(known, "id"), update.status is TrackedStatus.RESOLVED
        by_hand = resolves and text_at(known, "type") == _THREAT
        patch = {"status": "RESOLVED" if by_hand else _IN_PROGRESS}
        answer = mapping(self._client.ask(UPDATE, {"issueId": issue, "patch": patch}).get("updateIssue"))
        if text_at(mapping(answer.get("issue")), "status") != patch["status"]:
            raise CloudReadError("Wiz does not say that the issue stands there now", remedy="look at the issue in Wiz")
        if resolves and self._rescan and not by_hand:
            entity = {"id": text_at(known, "entity"), "type": text_at(known, "entity_type")}
            answer = mapping(self._client.ask(RESCAN, {"input": entity}).get("requestConnectorEntityScan"))
            if answer.get("success") is not True:
                why = f"Wiz does not look again: {text_at(answer, 'reason')[:200]!a}"
                raise CloudReadError(why, remedy="ask for the scan in Wiz, or set `wiz.rescan: false`")
        self._client.ask(NOTE, {"input": {"issueId": issue, "text": update.note[:MAX_NOTE]}})

    def _get(self, filters: Mapping[str, object], token: str) -> tuple[list[Raw], str]:
        variables = {"filterBy": filters, "first": self._page, "after": token or None}
        issues = mapping(self._client.ask(ISSUES, variables).get("issuesV2"))
        nodes = issues.get("nodes")
        if not isinstance(nodes, list):
            raise CloudReadError("Wiz answers no issues", remedy="check what the service account may read")
        page = mapping(issues.get("pageInfo"))
        following = text_at(page, "endCursor") if page.get("hasNextPage") is True else ""
        if following and following == token:
            raise CloudReadError("Wiz gives the same page again", remedy="try again later", again=True)
        return [mapping(each) for each in nodes], following


def _filters(wanted: Wanted) -> Mapping[str, object]:
    filters: dict[str, object] = {"status": ["OPEN", _IN_PROGRESS], "relatedEntity": {"cloudPlatform": ["AWS"]}}
    if wanted.severities:
        filters["severity"] = [each.value.upper() for each in wanted.severities]
    if wanted.since:
        filters["statusChangedAt"] = {"after": wanted.since}
    return filters


def body_of(issue: Raw) -> Raw:
    """An issue of the API as the default body of an automation rule has it, which findings/ reads. The provider's id is
    the resource's; Wiz's own stands under `entitySnapshot`.
    """
    entity, rule = mapping(issue.get("entitySnapshot")), mapping(issue.get("sourceRule"))
    projects = listing(issue.get("projects"))
    control: dict[str, object] = {name: rule.get(name) for name in ("id", "name", "description", "risks")}
    if text_at(rule, "__typename") == "CloudConfigurationRule":
        control |= {
            "sourceCloudConfigurationRuleId": rule.get("id"),
            "sourceCloudConfigurationRuleName": rule.get("name"),
        }
    return {
        "trigger": {"source": "API", "type": "CREATED", "ruleId": "", "ruleName": ""},
        "issue": {
            "id": issue.get("id"),
            "status": issue.get("status"),
            "severity": issue.get("severity"),
            "created": issue.get("createdAt"),
            "updatedAt": issue.get("updatedAt"),
            "url": issue.get("url"),
            "projects": ", ".join(text_at(mapping(each), "name") for each in projects),
        },
        "resource": {
            **{name: entity.get(name) for name in _ACCEPTABLE},
            "id": text_at(entity, "providerId") or text_at(entity, "externalId"),
            "type": text_at(entity, "nativeType") or text_at(entity, "type"),
            "subscriptionId": _account(issue),
            "tags": entity.get("tags"),
        },
        "control": {**control, "severity": issue.get("severity")},
        "entitySnapshot": entity,
    }


def _account(issue: Raw) -> str:
    return text_at(issue, "entitySnapshot", "subscriptionExternalId")


def tracked(node: Raw) -> Tracked:
    """Without its resource: an issue is about one, and the names that Wiz has for it need not be the account's."""
    entity = mapping(node.get("entitySnapshot"))
    notes = listing(node.get("notes"))
    kind = text_at(node, "type")
    handle = {
        "id": text_at(node, "id"),
        "type": kind,
        "entity": text_at(entity, "id"),
        "entity_type": text_at(entity, "type"),
    }
    return Tracked(
        handle=json.dumps(handle, sort_keys=True),
        status=_STATUS.get(text_at(node, "status"), TrackedStatus.NEW),
        note="\n".join(text_at(mapping(each), "text") for each in notes),
        settles_itself=kind != _THREAT,
    )
