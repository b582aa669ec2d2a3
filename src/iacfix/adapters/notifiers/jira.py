"""Tickets in Jira Cloud, over its REST API v3: one for each finding, found again by its label.

Jira's search follows what is written by moments. So the link that was answered before goes before the search, and of
several tickets of one finding, which two processes at once may make where they share no store of what was told, the
oldest stays and the others are closed when they are next seen.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

from iacfix.adapters.git_hosts.answers import Record, items, loaded, record, records, text, text_or_nothing
from iacfix.adapters.git_hosts.failures import Failures
from iacfix.adapters.git_hosts.pacing import SYSTEM_CLOCK, Clock
from iacfix.adapters.notifiers.rest import Limits, Rest, Twice, telling
from iacfix.domain.errors import ConfigurationError, HostNotFoundError, HostRefusedError
from iacfix.domain.finding import Severity
from iacfix.domain.notice import Notice, Summary
from iacfix.notices import jira as words
from iacfix.notices.message import ENDED, mark

JIRA: Final = Failures(
    "Jira",
    re.compile(r"\bATATT3x[\w=.-]{8,}"),
    needs="the account needs to browse the project, create, edit, assign, transition and comment on its issues",
    place="look at the project's key, and at what the account may see",
)
PRIORITIES: Final[Mapping[Severity, str]] = {
    Severity.CRITICAL: "Highest",
    Severity.HIGH: "High",
    Severity.MEDIUM: "Medium",
    Severity.LOW: "Low",
    Severity.INFORMATIONAL: "Lowest",
}
_PROJECT = re.compile(r"[A-Z][A-Z0-9_]{1,99}")
_KEY = re.compile(r"[A-Z][A-Z0-9_]{1,99}-[1-9][0-9]{0,9}")
_API = "/rest/api/3"
_MAX_PAGES = 20
_NO_WAY = "iacfix found no transition that it may take here: please move the ticket by hand."


@dataclass(frozen=True, slots=True)
class JiraProject:
    """`done` and `reopened` are names of transitions or of the states that they lead to; "" takes the first that leads
    to a state of that category. `people` leads from an owner's contact to the id of an account.
    """

    url: str
    key: str
    issue_type: str = "Task"
    priorities: Mapping[Severity, str] = field(default_factory=lambda: PRIORITIES)
    done: str = ""
    reopened: str = ""
    people: Mapping[str, str] = field(default_factory=dict)


class JiraNotifier:
    """Implements ports.notifier.Notifier."""

    def __init__(
        self,
        project: JiraProject,
        user: str,
        token: str,
        *,
        limits: Limits | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        """`user` is the account's address of mail. Raises ConfigurationError."""
        if not _PROJECT.fullmatch(project.key):
            raise ConfigurationError(f"{project.key[:40]!r} is no key of a Jira project", remedy="write it like SEC")
        if not re.fullmatch(r"[!-~]+", token) or not re.fullmatch(r"[^:\s]+", user):
            raise ConfigurationError(
                "the credentials for Jira are none", remedy="give the account's mail and its token"
            )
        basic = base64.b64encode(f"{user}:{token}".encode()).decode("ascii")
        self._project = project
        self._url = project.url.rstrip("/")
        self._rest = Rest(
            JIRA, self._url, {"Authorization": f"Basic {basic}"}, (token, basic), limits or Limits(), clock
        )
        self._people: dict[str, str] = {}

    @property
    def name(self) -> str:
        return "jira"

    def tell(self, notice: Notice, before: str = "") -> str:
        with telling():
            there = self._found(notice, before)
        if there is None:
            return "" if notice.occasion in ENDED else self._created(notice)
        with telling():
            key = text(there, "key")
            moved = self._moved(key, _is_done(there), notice)
            comment = words.comment(notice, "" if moved else _NO_WAY)
            self._rest.ask("POST", f"{_API}/issue/{quote(key, safe='')}/comment", {"body": comment}, twice=Twice.NEVER)
        return self._link(key)

    def summarize(self, summary: Summary) -> None:
        """A run is no work for anybody: there is no ticket of it."""

    def _found(self, notice: Notice, before: str) -> Record | None:
        """The oldest. Twins are closed."""
        known = self._known(before, mark(notice.key))
        if known is not None:
            return known
        found = sorted(self._labelled(mark(notice.key)), key=_number)
        for twin in found[1:]:
            if not _is_done(twin):
                key, first = text(twin, "key"), text(found[0], "key")
                body = {"body": words.sentence(f"{first} is about the same finding: this one is closed.")}
                self._rest.ask("POST", f"{_API}/issue/{quote(key, safe='')}/comment", body, twice=Twice.NEVER)
                self._transition(key, "done", self._project.done)
        return found[0] if found else None

    def _known(self, before: str, label: str) -> Record | None:
        """A link of another site or project, or of an issue that was moved or deleted, is none."""
        prefix = f"{self._url}/browse/"
        key = before.removeprefix(prefix) if before.startswith(prefix) else ""
        if not _KEY.fullmatch(key):
            return None
        try:
            found = self._rest.get(f"{_API}/issue/{key}", {"fields": "status,labels"})
        except HostNotFoundError:
            return None
        labels = _fields(found).get("labels")
        return found if isinstance(labels, list) and label in labels else None

    def _labelled(self, label: str) -> list[Record]:
        jql = f'project = "{self._project.key}" AND labels = "{label}" ORDER BY created ASC'
        body = {"jql": jql, "fields": ["status", "labels"], "maxResults": 100}
        found: list[Record] = []
        for _ in range(_MAX_PAGES):
            page = self._rest.ask("POST", f"{_API}/search/jql", body).record
            found += items(page, "issues")
            after = text_or_nothing(page, "nextPageToken")
            if not after:
                break
            body = {**body, "nextPageToken": after}
        return found

    def _created(self, notice: Notice) -> str:
        """Where Jira does not take the assignee or the priority, without them: a ticket of nobody is still a ticket."""
        fields: dict[str, object] = {
            "project": {"key": self._project.key},
            "issuetype": {"name": self._project.issue_type},
            "summary": words.summary(notice),
            "description": words.description(notice),
            "labels": words.labels(notice),
        }
        optional: dict[str, object] = {}
        if (priority := self._project.priorities.get(notice.severity)) is not None:
            optional["priority"] = {"name": priority}
        with telling():
            if account := self._account(notice.contact):
                optional["assignee"] = {"accountId": account}
        with telling(makes=True):
            try:
                return self._made({**fields, **optional})
            except HostRefusedError:
                if not optional:
                    raise
            return self._made(fields)

    def _made(self, fields: Mapping[str, object]) -> str:
        made = self._rest.ask("POST", f"{_API}/issue", {"fields": fields}, twice=Twice.NEVER).record
        return self._link(text(made, "key"))

    def _account(self, contact: str) -> str:
        """The account of a contact: as configured, or a mail that leads to exactly one who may be assigned."""
        if contact in self._project.people:
            return self._project.people[contact]
        if not re.fullmatch(r"[^@\s]+@[^@\s]+", contact):
            return ""
        if contact not in self._people:
            asked = {"query": contact, "project": self._project.key, "maxResults": "2"}
            try:
                answer = self._rest.ask("GET", f"{_API}/user/assignable/search", query=asked)
                found = records({"users": loaded(answer.body)}, "users")
            except (HostRefusedError, HostNotFoundError):
                found = ()
            self._people[contact] = text_or_nothing(found[0], "accountId") if len(found) == 1 else ""
        return self._people[contact]

    def _moved(self, key: str, is_done: bool, notice: Notice) -> bool:  # noqa: FBT001 - where it stands
        """False where it stands where it should not, and there is no way."""
        ends = notice.occasion in ENDED
        if ends == is_done:
            return True
        if ends:
            return self._transition(key, "done", self._project.done)
        named = self._project.reopened
        return self._transition(key, "new", named) or self._transition(key, "indeterminate", named)

    def _transition(self, key: str, category: str, name: str) -> bool:
        path = f"{_API}/issue/{quote(key, safe='')}/transitions"
        for each in items(self._rest.get(path), "transitions"):
            to = record(each.get("to"))
            leads = text_or_nothing(record(to.get("statusCategory")), "key") == category
            names = {text_or_nothing(at, "name").casefold() for at in (each, to)}
            if name.casefold() in names if name else leads:
                try:
                    self._rest.ask("POST", path, {"transition": {"id": text(each, "id")}}, twice=Twice.NEVER)
                except HostRefusedError:
                    continue  # its screen may ask for what only people know
                return True
        return False

    def _link(self, key: str) -> str:
        return f"{self._url}/browse/{key}" if _KEY.fullmatch(key) else ""


def _fields(issue: Record) -> Record:
    return record(issue.get("fields"))


def _is_done(issue: Record) -> bool:
    category = record(record(_fields(issue).get("status")).get("statusCategory"))
    return text_or_nothing(category, "key") == "done"


def _number(issue: Record) -> int:
    found = text(issue, "id")
    return int(found) if re.fullmatch(r"[0-9]{1,18}", found) else 0
