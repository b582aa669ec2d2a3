"""A Wiz over HTTP: tokens by client credentials, and GraphQL over a small part of its schema.

By public documentation and public integrations alone: no tenant was at hand, and nobody may rely on the words of its
refusals. Needs graphql-core, which executes the requests and holds them against the schema.
"""

import json
import threading
from collections.abc import Mapping
from itertools import count
from urllib.parse import parse_qs

from iacfix.testing.rest_server import Answer, RestServer

CLIENT_ID, CLIENT_SECRET = "wiz-client", "wiz-secret-for-tests"
MOST = 500

SCHEMA = """
scalar DateTime
scalar Tags
enum IssueStatus { OPEN IN_PROGRESS RESOLVED REJECTED }
enum Severity { INFORMATIONAL LOW MEDIUM HIGH CRITICAL }
enum IssueType { TOXIC_COMBINATION THREAT_DETECTION CLOUD_CONFIGURATION }
enum CloudPlatform { AWS GCP Azure }
type Control { id: ID! name: String! description: String risks: [String!] }
type CloudConfigurationRule { id: ID! name: String! description: String risks: [String!] }
type CloudEventRule { id: ID! name: String! description: String risks: [String!] }
union IssueSourceRule = Control | CloudConfigurationRule | CloudEventRule
type Project { id: ID! name: String! }
type EntitySnapshot {
  id: ID! type: String! nativeType: String name: String status: String cloudPlatform: CloudPlatform
  cloudProviderURL: String providerId: String region: String subscriptionExternalId: String subscriptionName: String
  tags: Tags externalId: String
}
type IssueNote { id: ID! text: String! createdAt: DateTime }
type Issue {
  id: ID! type: IssueType! status: IssueStatus! severity: Severity! createdAt: DateTime! updatedAt: DateTime url: String
  sourceRule: IssueSourceRule projects: [Project!] entitySnapshot: EntitySnapshot notes: [IssueNote!]
}
type PageInfo { hasNextPage: Boolean! endCursor: String }
type IssueConnection { nodes: [Issue!] pageInfo: PageInfo! totalCount: Int! }
input DateFilter { after: DateTime before: DateTime }
input IssueRelatedEntity { cloudPlatform: [CloudPlatform!] }
input IssueFilters {
  id: [ID!] status: [IssueStatus!] severity: [Severity!] relatedEntity: IssueRelatedEntity statusChangedAt: DateFilter
}
type Query { issuesV2(filterBy: IssueFilters, first: Int, after: String): IssueConnection! }
input UpdateIssuePatch { status: IssueStatus note: String resolutionReason: String }
input UpdateIssueInput { id: ID! patch: UpdateIssuePatch }
type UpdateIssuePayload { issue: Issue }
input CreateIssueNoteInput { issueId: ID! text: String! }
type CreateIssueNotePayload { issueNote: IssueNote }
input RequestConnectorEntityScanInput { id: ID! type: String! }
type RequestConnectorEntityScanPayload { success: Boolean! reason: String }
type Mutation {
  updateIssue(input: UpdateIssueInput!): UpdateIssuePayload
  createIssueNote(input: CreateIssueNoteInput!): CreateIssueNotePayload
  requestConnectorEntityScan(input: RequestConnectorEntityScanInput!): RequestConnectorEntityScanPayload
}
"""

Body = dict[str, object]


class WizServer(RestServer):
    """Serves inside `with`: `api` and `auth` are its addresses. `issues` are by id; `scanned` are the entities that
    were asked to be looked at again; `no_scan` says why none is. `lives` is how long tokens are said to live, in
    seconds; `revoke` takes back those that were given.
    """

    def __init__(self, *, lives: int = 3600) -> None:
        super().__init__(threading.RLock())
        from graphql import build_schema  # noqa: PLC0415 - only who uses this server has to have it

        self._schema = build_schema(SCHEMA)
        self.issues: dict[str, Body] = {}
        self.scanned: list[str] = []
        self.no_scan = ""
        self.given = 0
        self._valid: set[str] = set()
        self._lives = lives
        self._numbers = count(1)

    def started(self, address: str) -> None:
        self.api, self.auth = f"{address}/graphql", f"{address}/oauth/token"

    def put(self, *issues: Body) -> None:
        for each in issues:
            self.issues[str(each["id"])] = {"notes": [], "projects": [], **each}

    def revoke(self) -> None:
        self._valid.clear()

    def answer(self, verb: str, address: str, headers: Mapping[str, str], body: bytes) -> Answer:
        if (verb, address) == ("POST", "/oauth/token"):
            return self._token(body)
        if (verb, address) != ("POST", "/graphql"):
            return Answer(404, b"{}")
        if headers.get("Authorization", "").removeprefix("Bearer ") not in self._valid:
            return Answer(401, b'{"message": "unauthorized"}')
        if headers.get("Content-Type") != "application/json":
            return Answer(415, b"{}")
        from graphql import graphql_sync  # noqa: PLC0415 - as above

        asked = json.loads(body)
        root = {
            "issuesV2": self._issues,
            "updateIssue": self._update,
            "createIssueNote": self._note,
            "requestConnectorEntityScan": self._scan,
        }
        made = graphql_sync(self._schema, asked["query"], root, variable_values=asked.get("variables"))
        return Answer(200, json.dumps(made.formatted).encode())

    def _token(self, body: bytes) -> Answer:
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        expected = {"grant_type": "client_credentials", "audience": "wiz-api", "client_id": CLIENT_ID} | {
            "client_secret": CLIENT_SECRET
        }
        if form != expected:
            return Answer(401, b'{"error": "access_denied", "error_description": "Unauthorized"}')
        self.given += 1
        token = f"token-{self.given}"
        self._valid.add(token)
        made = {"access_token": token, "token_type": "Bearer", "expires_in": self._lives}
        return Answer(200, json.dumps(made).encode())

    def _issues(self, _info: object, **asked: object) -> Body:
        filters = asked.get("filterBy")
        found = [each for each in self.issues.values() if _fits(each, filters if isinstance(filters, dict) else {})]
        first, after = asked.get("first"), asked.get("after")
        size = min(first, MOST) if isinstance(first, int) else MOST
        start = int(after) if isinstance(after, str) else 0
        page = {"hasNextPage": start + size < len(found), "endCursor": str(start + size)}
        return {"nodes": found[start : start + size], "pageInfo": page, "totalCount": len(found)}

    def _update(self, _info: object, **asked: object) -> Body:
        given = _mapping(asked["input"])
        issue, patch = self._issue(given["id"]), _mapping(given.get("patch"))
        if patch.get("status") == "RESOLVED" and issue["type"] != "THREAT_DETECTION":
            raise ValueError("only a threat detection issue can be resolved")
        issue |= {name: patch[name] for name in ("status",) if name in patch}
        return {"issue": issue}

    def _note(self, _info: object, **asked: object) -> Body:
        given = _mapping(asked["input"])
        note: Body = {"id": f"note-{next(self._numbers)}", "text": given["text"], "createdAt": None}
        notes = self._issue(given["issueId"])["notes"]
        assert isinstance(notes, list)  # noqa: S101 - as `put` made it
        notes.append(note)
        return {"issueNote": note}

    def _scan(self, _info: object, **asked: object) -> Body:
        given = _mapping(asked["input"])
        if not self.no_scan:
            self.scanned.append(str(given["id"]))
        return {"success": not self.no_scan, "reason": self.no_scan or None}

    def _issue(self, identity: object) -> Body:
        if (issue := self.issues.get(str(identity))) is None:
            raise ValueError("the issue was not found")
        return issue


def _fits(issue: Body, filters: Mapping[str, object]) -> bool:
    for name in ("id", "status", "severity"):
        wanted = filters.get(name)
        if isinstance(wanted, list) and issue[name] not in wanted:
            return False
    platforms = _mapping(filters.get("relatedEntity")).get("cloudPlatform")
    if isinstance(platforms, list) and _mapping(issue.get("entitySnapshot")).get("cloudPlatform") not in platforms:
        return False
    after = _mapping(filters.get("statusChangedAt")).get("after")
    return after is None or str(issue.get("statusChangedAt", issue["createdAt"])) >= str(after)


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}
