"""Work items in Azure DevOps, over its REST API 7.1: one for each finding, found again by its tag.

Who changes one says from which revision ("test" of `/rev`), so that nothing of anybody's is undone. Of several of one
finding the oldest stays, as in Jira.
"""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from iacfix.adapters.git_hosts.answers import Record, items, number, record, text_or_nothing
from iacfix.adapters.git_hosts.failures import Failures
from iacfix.adapters.git_hosts.pacing import SYSTEM_CLOCK, Clock
from iacfix.adapters.notifiers.rest import Limits, Rest, Twice, telling
from iacfix.domain.errors import (
    ConfigurationError,
    HostConflictError,
    HostForbiddenError,
    HostNotFoundError,
    HostRefusedError,
)
from iacfix.domain.finding import Severity
from iacfix.domain.notice import Notice, Summary
from iacfix.notices import azure_devops as words
from iacfix.notices.azure_devops import Operation
from iacfix.notices.azure_devops import field as op
from iacfix.notices.message import ENDED, mark

AZURE_DEVOPS: Final = Failures(
    "Azure DevOps",
    re.compile(r"\b[A-Za-z0-9]{52}\b|\b[A-Za-z0-9]{76}AZDO\w{4}\b"),
    needs="the token needs the scope Work Items (read and write), and the account to write in the area",
    place="look at the organization's and the project's name, and at what the token may see",
)
PRIORITIES: Final[Mapping[Severity, int]] = {
    Severity.CRITICAL: 1,
    Severity.HIGH: 2,
    Severity.MEDIUM: 3,
    Severity.LOW: 4,
    Severity.INFORMATIONAL: 4,
}
_VERSION = {"api-version": "7.1"}
_PATCH = "application/json-patch+json"
_NAME = re.compile(r"[^\x00-\x1f\\/:*?\"<>|#%{}&+]{1,64}")
_ID = re.compile(r"[1-9][0-9]{0,9}")
_TIMES = 3
_FIELDS = "System.State,System.Tags"
_DONE = ("Completed", "Resolved")
_OPEN = ("Proposed", "InProgress")
_QUERY = (
    "SELECT [System.Id] FROM WorkItems WHERE [System.TeamProject] = @project "
    "AND [System.Tags] CONTAINS '{tag}' ORDER BY [System.Id] ASC"
)
_CHANGED_MEANWHILE = "VS403351"
_NO_WAY = "iacfix found no state that it may move this to: please move it by hand."


@dataclass(frozen=True, slots=True)
class AzureProject:
    """`url` is the organization's. `done` and `reopened` are names of states; "" takes what the process has. `people`
    leads from an owner's contact to the name that Azure DevOps has.
    """

    url: str
    project: str
    work_item_type: str = "Task"
    priorities: Mapping[Severity, int] = field(default_factory=lambda: PRIORITIES)
    area: str = ""
    done: str = ""
    reopened: str = ""
    people: Mapping[str, str] = field(default_factory=dict)


class AzureDevOpsNotifier:
    """Implements ports.notifier.Notifier."""

    def __init__(
        self, project: AzureProject, token: str, *, limits: Limits | None = None, clock: Clock = SYSTEM_CLOCK
    ) -> None:
        """`token` is a personal access token. Raises ConfigurationError."""
        for name in (project.project, project.work_item_type):
            if not _NAME.fullmatch(name) or not name.strip(". "):
                raise ConfigurationError(
                    f"{name[:40]!r} is no name of Azure DevOps", remedy="correct notify.azure_devops"
                )
        if not re.fullmatch(r"[!-~]+", token):
            raise ConfigurationError("the token for Azure DevOps is none", remedy="give it anew")
        basic = base64.b64encode(f":{token}".encode()).decode("ascii")
        self._project = project
        self._url = project.url.rstrip("/")
        self._here = f"/{quote(project.project)}/_apis/wit"
        headers = {"Authorization": f"Basic {basic}"}
        self._rest = Rest(AZURE_DEVOPS, self._url, headers, (token, basic), limits or Limits(), clock)
        self._states: dict[str, tuple[str, ...]] = {}

    @property
    def name(self) -> str:
        return "azure_devops"

    def tell(self, notice: Notice, before: str = "") -> str:
        with telling():
            there = self._found(notice, before)
        if there is None:
            return "" if notice.occasion in ENDED else self._created(notice)
        with telling():
            self._said(there, notice)
        return self._link(number(there, "id"))

    def summarize(self, summary: Summary) -> None:
        """A run is no work for anybody: there is no work item of it."""

    def _found(self, notice: Notice, before: str) -> Record | None:
        """The oldest. Twins are closed."""
        tag = mark(notice.key)
        prefix = self._link_prefix()
        known = before.removeprefix(prefix) if before.startswith(prefix) else ""
        if _ID.fullmatch(known) and (found := self._item(int(known))) is not None and _has(found, tag):
            return found
        query = _QUERY.format(tag=tag)
        answer = self._ask("POST", f"{self._here}/wiql", {"query": query}, more={"$top": "100"})
        ids = sorted(number(each, "id") for each in items(answer, "workItems"))
        found_items = [each for each in map(self._item, ids) if each is not None and _has(each, tag)]
        for twin in found_items[1:]:
            if not self._is(twin, _DONE, self._project.done):
                said = words.escaped(f"Work item {number(found_items[0], 'id')} is about the same finding.")
                self._moved(twin, said, _DONE, self._project.done)
        return found_items[0] if found_items else None

    def _item(self, number_: int) -> Record | None:
        try:
            return self._ask("GET", f"/_apis/wit/workitems/{number_}", more={"fields": _FIELDS})
        except HostNotFoundError:
            return None

    def _created(self, notice: Notice) -> str:
        """Where the assignee or the priority is not taken, without them."""
        fields = [
            op("System.Title", words.summary(notice)),
            op("System.Description", words.description(notice)),
            op("System.Tags", words.tags(notice)),
        ]
        if self._project.area:
            fields.append(op("System.AreaPath", self._project.area))
        optional = []
        if (priority := self._project.priorities.get(notice.severity)) is not None:
            optional.append(op("Microsoft.VSTS.Common.Priority", priority))
        person = self._project.people.get(notice.contact, notice.contact)
        if notice.contact in self._project.people or re.fullmatch(r"[^@\s]+@[^@\s]+", person):
            optional.append(op("System.AssignedTo", person))
        with telling(makes=True):
            try:
                return self._made([*fields, *optional])
            except HostRefusedError:
                if not optional:
                    raise
            return self._made(fields)

    def _made(self, operations: Sequence[Operation]) -> str:
        path = f"{self._here}/workitems/${quote(self._project.work_item_type)}"
        made = self._ask("POST", path, operations, kind=_PATCH, twice=Twice.NEVER)
        return self._link(number(made, "id"))

    def _said(self, there: Record, notice: Notice) -> None:
        ends = notice.occasion in ENDED
        categories, name = (_DONE, self._project.done) if ends else (_OPEN, self._project.reopened)
        if ends == self._is(there, _DONE, self._project.done):
            self._changed(there, [op("System.History", words.remark(notice))])
        elif not self._moved(there, words.remark(notice), categories, name):
            self._changed(there, [op("System.History", words.remark(notice, _NO_WAY))])

    def _moved(self, there: Record, said: str, categories: Sequence[str], name: str) -> bool:
        """False where no state is taken."""
        wanted = (name,) if name else tuple(state for each in categories for state in self._of_category(each))
        for state in wanted:
            try:
                self._changed(there, [op("System.State", state), op("System.History", said)])
            except HostRefusedError:
                continue  # the process leads there from elsewhere only
            return True
        return False

    def _changed(self, there: Record, operations: Sequence[Operation]) -> None:
        """From the revision that was seen. Whoever was quicker is looked at, and it is done after them."""
        found: Record | None = there
        for attempt in range(1, _TIMES + 1):
            if found is None:
                return
            seen: Operation = {"op": "test", "path": "/rev", "value": number(found, "rev")}
            path = f"/_apis/wit/workitems/{number(found, 'id')}"
            try:
                self._ask("PATCH", path, [seen, *operations], kind=_PATCH, twice=Twice.NEVER)
            except HostConflictError:
                if attempt == _TIMES:
                    raise
                found = self._item(number(found, "id"))
            else:
                return

    def _is(self, item: Record, categories: Sequence[str], name: str) -> bool:
        state = text_or_nothing(record(item.get("fields")), "System.State")
        known = {each for category in categories for each in self._of_category(category)}
        return state in known or (bool(name) and state.casefold() == name.casefold())

    def _of_category(self, category: str) -> tuple[str, ...]:
        """Names of the states of our type that the process counts there."""
        if not self._states:
            path = f"{self._here}/workitemtypes/{quote(self._project.work_item_type)}/states"
            listed = items(self._ask("GET", path), "value")
            for each in listed:
                kind = text_or_nothing(each, "category")
                self._states[kind] = (*self._states.get(kind, ()), text_or_nothing(each, "name"))
        return self._states.get(category, ())

    def _ask(  # noqa: PLR0913 - what a request is made of
        self,
        verb: str,
        path: str,
        body: object = None,
        *,
        more: Mapping[str, str] | None = None,
        kind: str = "application/json",
        twice: Twice = Twice.HARMLESS,
    ) -> Record:
        """A token that is not taken is answered with 203 and a page to sign in."""
        try:
            answer = self._rest.ask(verb, path, body, query={**_VERSION, **(more or {})}, kind=kind, twice=twice)
        except HostRefusedError as error:
            if _CHANGED_MEANWHILE in error.what:  # the test of the revision did not hold
                raise HostConflictError(error.what, remedy="run it again") from None
            raise
        if answer.status == HTTPStatus.NON_AUTHORITATIVE_INFORMATION:
            raise HostForbiddenError("Azure DevOps does not take the token", remedy="give one that has not expired")
        return answer.record

    def _link_prefix(self) -> str:
        return f"{self._url}/{quote(self._project.project)}/_workitems/edit/"

    def _link(self, number_: int) -> str:
        return f"{self._link_prefix()}{number_}"


def _has(item: Record, tag: str) -> bool:
    """`CONTAINS` of WIQL may mean a part of a tag."""
    held = text_or_nothing(record(item.get("fields")), "System.Tags")
    return tag in {each.strip() for each in held.split(";")}
