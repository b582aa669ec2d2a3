"""Jira Cloud on this machine: the operations of its REST API v3 that tickets need, with what they refuse.

Its search sees a new issue after `lag` further requests, as Jira's follows by moments.
"""

import base64
import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlsplit

from iacfix.testing.rest_server import Answer, RestServer

if TYPE_CHECKING:
    from collections.abc import Callable

USER: Final = "robot@example.com"
TOKEN: Final = "ATATT3xfake-token-for-tests"  # noqa: S105 - opens this server and nothing else
PROJECT: Final = "SEC"
MAX_SUMMARY: Final = 255
MAX_LABEL: Final = 255
MAX_TEXT: Final = 32_767
_TYPES = {"Task", "Bug"}
_PRIORITIES = {"Highest", "High", "Medium", "Low", "Lowest"}
_STATES = {"To Do": "new", "In Progress": "indeterminate", "Done": "done"}
_TRANSITIONS = {"11": ("Reopen", "To Do"), "21": ("Start", "In Progress"), "31": ("Close", "Done")}
_JQL = re.compile(r'project = "(?P<project>[A-Z0-9_]+)" AND labels = "(?P<label>[^"\s]+)" ORDER BY created ASC')
_SEARCH_FIELDS = {"jql", "fields", "maxResults", "nextPageToken", "expand", "properties", "fieldsByKeys"} | {
    "failFast", "reconcileIssues"
}  # fmt: skip
_BLOCKS = {"paragraph", "bulletList", "listItem"}
_MARKS = {"strong", "em", "code", "link"}
_FIELDS = {"project", "issuetype", "summary", "description", "labels", "priority", "assignee"}

Record = Mapping[str, object]


class _RefusedError(Exception):
    def __init__(self, status: int, message: str = "", **errors: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors


@dataclass
class Issue:
    """`fields` as they were sent. `seen_at` is the number of the request from which the search sees it."""

    number: int
    fields: Record
    state: str
    seen_at: int
    comments: list[object] = field(default_factory=list)

    @property
    def key(self) -> str:
        return f"{PROJECT}-{self.number}"


class JiraServer(RestServer):
    """`people` are those who may be assigned, from mail to account. `stuck`: nothing leads out of a state."""

    def __init__(self, *, lag: int = 0, page: int = 50, people: Mapping[str, str] | None = None) -> None:
        super().__init__(threading.RLock())
        self.issues: list[Issue] = []
        self.url = ""
        self.stuck = False
        self._lag = lag
        self._page = page
        self._people = people or {}

    def started(self, address: str) -> None:
        self.url = address

    def answer(self, verb: str, address: str, headers: Mapping[str, str], body: bytes) -> Answer:
        try:
            return self._answered(verb, address, headers, body)
        except _RefusedError as error:
            messages = [error.message] if error.message else []
            return _json(error.status, {"errorMessages": messages, "errors": error.errors})

    def _answered(self, verb: str, address: str, headers: Mapping[str, str], body: bytes) -> Answer:
        wanted = base64.b64encode(f"{USER}:{TOKEN}".encode()).decode()
        if headers.get("Authorization") != f"Basic {wanted}":
            raise _RefusedError(HTTPStatus.UNAUTHORIZED, "Client must be authenticated to access this resource.")
        path = urlsplit(address).path.removeprefix("/rest/api/3")
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        routes: tuple[tuple[str, str, Callable[[str], Answer]], ...] = (
            ("POST", "/search/jql", lambda _: self._search(_body(headers, body))),
            ("POST", "/issue", lambda _: self._create(_body(headers, body))),
            ("GET", "/issue/([A-Z]+-[0-9]+)", lambda key: _json(HTTPStatus.OK, self._shown(self._issue(key)))),
            ("GET", "/issue/([A-Z]+-[0-9]+)/transitions", lambda key: self._transitions(self._issue(key))),
            (
                "POST",
                "/issue/([A-Z]+-[0-9]+)/transitions",
                lambda key: self._move(self._issue(key), _body(headers, body)),
            ),
            ("POST", "/issue/([A-Z]+-[0-9]+)/comment", lambda key: self._say(self._issue(key), _body(headers, body))),
            ("GET", "/user/assignable/search", lambda _: self._assignable(query)),
        )
        for method, pattern, act in routes:
            found = re.fullmatch(pattern, path)
            if method == verb and found is not None:
                return act(found[1] if found.re.groups else "")
        raise _RefusedError(HTTPStatus.NOT_FOUND, "dead link")

    def _search(self, asked: Record) -> Answer:
        if unknown := asked.keys() - _SEARCH_FIELDS:
            raise _RefusedError(HTTPStatus.BAD_REQUEST, f"Unrecognized field {min(unknown)}")
        found = _JQL.fullmatch(str(asked.get("jql")))
        if found is None:
            raise _RefusedError(HTTPStatus.BAD_REQUEST, "Error in the JQL Query")
        if found["project"] != PROJECT:
            raise _RefusedError(HTTPStatus.BAD_REQUEST, f"The value '{found['project']}' does not exist")
        seen = [each for each in self.issues if each.seen_at <= len(self.asked) and found["label"] in _labels(each)]
        start = int(str(asked.get("nextPageToken", "0")))
        page = seen[start : start + self._page]
        told: dict[str, object] = {"issues": [self._shown(each, asked.get("fields")) for each in page]}
        if start + self._page < len(seen):
            return _json(HTTPStatus.OK, {**told, "nextPageToken": str(start + self._page), "isLast": False})
        return _json(HTTPStatus.OK, {**told, "isLast": True})

    def _create(self, asked: Record) -> Answer:
        fields = asked.get("fields")
        if not isinstance(fields, dict):
            raise _RefusedError(HTTPStatus.BAD_REQUEST, "Can not construct instance of IssueBean")
        self._check(fields)
        number = len(self.issues) + 1
        issue = Issue(number, fields, "To Do", len(self.asked) + 1 + self._lag)
        self.issues.append(issue)
        link = f"{self.url}/rest/api/3/issue/{10_000 + number}"
        return _json(HTTPStatus.CREATED, {"id": str(10_000 + number), "key": issue.key, "self": link})

    def _check(self, fields: Record) -> None:
        for name in fields.keys() - _FIELDS:
            raise _RefusedError(HTTPStatus.BAD_REQUEST, **{name: f"Field '{name}' cannot be set."})
        if fields.get("project") != {"key": PROJECT}:
            raise _RefusedError(HTTPStatus.BAD_REQUEST, project="valid project is required")
        if _value(fields, "issuetype", "name") not in _TYPES:
            raise _RefusedError(HTTPStatus.BAD_REQUEST, issuetype="Specify a valid issue type")
        _check_summary(fields.get("summary"))
        _check_document(fields.get("description"), "description")
        _check_labels(fields.get("labels", []))
        if "priority" in fields and _value(fields, "priority", "name") not in _PRIORITIES:
            raise _RefusedError(HTTPStatus.BAD_REQUEST, priority="Specify a valid priority name")
        if "assignee" in fields and _value(fields, "assignee", "accountId") not in self._people.values():
            raise _RefusedError(HTTPStatus.BAD_REQUEST, assignee="User does not exist or cannot be assigned issues.")

    def _transitions(self, issue: Issue) -> Answer:
        told = [
            {"id": each, "name": name, "to": _status(to)}
            for each, (name, to) in _TRANSITIONS.items()
            if to != issue.state and not self.stuck
        ]
        return _json(HTTPStatus.OK, {"transitions": told})

    def _move(self, issue: Issue, asked: Record) -> Answer:
        wanted = str(_value(asked, "transition", "id"))
        name, to = _TRANSITIONS.get(wanted, ("", issue.state))
        if not name or to == issue.state or self.stuck:
            raise _RefusedError(HTTPStatus.BAD_REQUEST, "It seems that you have tried to perform an illegal action.")
        issue.state = to
        return Answer(HTTPStatus.NO_CONTENT, b"")

    def _say(self, issue: Issue, asked: Record) -> Answer:
        _check_document(asked.get("body"), "comment")
        issue.comments.append(asked["body"])
        return _json(HTTPStatus.CREATED, {"id": str(len(issue.comments)), "body": asked["body"]})

    def _assignable(self, query: Mapping[str, str]) -> Answer:
        if query.get("project") != PROJECT:
            raise _RefusedError(HTTPStatus.NOT_FOUND, "No project could be found")
        found = [{"accountId": account} for mail, account in self._people.items() if query.get("query", "") in mail]
        return _json(HTTPStatus.OK, found[: int(query.get("maxResults", "50"))])

    def _issue(self, key: str) -> Issue:
        found = next((each for each in self.issues if each.key == key), None)
        if found is None:
            said = "Issue does not exist or you do not have permission to see it."
            raise _RefusedError(HTTPStatus.NOT_FOUND, said)
        return found

    def _shown(self, issue: Issue, fields: object = ("status", "labels")) -> Record:
        """A search gives only the fields that were asked for."""
        told: dict[str, object] = {"status": _status(issue.state), "labels": _labels(issue)}
        wanted = fields if isinstance(fields, list | tuple) else ()
        kept = {name: value for name, value in told.items() if name in wanted}
        return {"id": str(10_000 + issue.number), "key": issue.key, **({"fields": kept} if kept else {})}


def _check_summary(summary: object) -> None:
    if not isinstance(summary, str) or not summary.strip():
        raise _RefusedError(HTTPStatus.BAD_REQUEST, summary="You must specify a summary of the issue.")
    if "\n" in summary or "\r" in summary:
        said = "The summary is invalid because it contains newline characters."
        raise _RefusedError(HTTPStatus.BAD_REQUEST, summary=said)
    if len(summary) > MAX_SUMMARY:
        raise _RefusedError(HTTPStatus.BAD_REQUEST, summary="Summary can't exceed 255 characters.")


def _check_labels(labels: object) -> None:
    for label in labels if isinstance(labels, list) else [""]:
        if not isinstance(label, str) or re.search(r"\s", label) or not 0 < len(label) <= MAX_LABEL:
            said = f"The label '{label}' contains spaces which is invalid."
            raise _RefusedError(HTTPStatus.BAD_REQUEST, labels=said)


def _check_document(document: object, name: str) -> None:
    """As the description of the format has it: empty texts are none."""
    is_document = isinstance(document, dict) and document.get("type") == "doc" and document.get("version") == 1
    if not is_document or not isinstance(document, dict):
        said = "Operation value must be an Atlassian Document (see the Atlassian Document Format)"
        raise _RefusedError(HTTPStatus.BAD_REQUEST, **{name: said})
    if sum(_length(each) for each in _content(document)) > MAX_TEXT:
        raise _RefusedError(HTTPStatus.BAD_REQUEST, **{name: "CONTENT_LIMIT_EXCEEDED"})


def _length(node: object) -> int:
    if not isinstance(node, dict):
        raise _RefusedError(HTTPStatus.BAD_REQUEST, "INVALID_INPUT")
    if node.get("type") == "text":
        text, marks = node.get("text"), node.get("marks", [])
        kinds = {each.get("type") for each in marks} if isinstance(marks, list) else {""}
        if not isinstance(text, str) or not text or kinds - _MARKS or node.keys() - {"type", "text", "marks"}:
            raise _RefusedError(HTTPStatus.BAD_REQUEST, "INVALID_INPUT")
        return len(text)
    if node.get("type") not in _BLOCKS:
        raise _RefusedError(HTTPStatus.BAD_REQUEST, "INVALID_INPUT")
    return sum(_length(each) for each in _content(node))


def _content(node: Record) -> list[object]:
    content = node.get("content", [])
    return content if isinstance(content, list) else [None]


def _labels(issue: Issue) -> list[object]:
    labels = issue.fields.get("labels", [])
    return labels if isinstance(labels, list) else []


def _status(name: str) -> Record:
    return {"name": name, "statusCategory": {"key": _STATES[name]}}


def _value(data: Record, name: str, inner: str) -> object:
    found = data.get(name)
    return found.get(inner) if isinstance(found, dict) else None


def _body(headers: Mapping[str, str], body: bytes) -> Record:
    if headers.get("Content-Type") != "application/json":
        raise _RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    try:
        found: object = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise _RefusedError(HTTPStatus.BAD_REQUEST, "Invalid request payload.")
    return found


def _json(status: int, value: object) -> Answer:
    return Answer(status, json.dumps(value).encode())
