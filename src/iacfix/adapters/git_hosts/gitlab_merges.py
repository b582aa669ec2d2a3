"""Merge requests of a GitLab project, with their labels, reviewers and notes."""

import re
from collections.abc import Collection
from dataclasses import replace

from iacfix.adapters.git_hosts.answers import (
    Record,
    broken,
    is_same,
    number,
    record,
    records,
    text,
    text_or_nothing,
    texts,
)
from iacfix.adapters.git_hosts.gitlab_client import GitLabClient
from iacfix.domain.change_request import ChangeRequest, Comment, HostedPullRequest, Person, PullRequestState
from iacfix.domain.errors import GitHostError, HostConflictError, HostNotFoundError
from iacfix.domain.marks import comment_key_in, comment_marker, facts_in, key_in
from iacfix.ports.git_host import HostLimits

DRAFT = "Draft: "
# GitLab takes 255 characters of a title, 1,048,576 of a description and 1,000,000 of a note.
LIMITS = HostLimits(max_title_length=255 - len(DRAFT), max_body_length=1_000_000, max_comment_length=1_000_000)
_MERGES = "/merge_requests"
_OURS = "iacfix/"
_STATES = {
    "opened": PullRequestState.OPEN,
    "locked": PullRequestState.OPEN,  # while it is being merged
    "closed": PullRequestState.CLOSED,
    "merged": PullRequestState.MERGED,
}
# "Quick actions": a line that begins with a slash and a word is an order to GitLab, given with our token.
_ORDER = re.compile(r"^([ \t\r]*)/(?=[A-Za-z])", re.MULTILINE)
_DISARMED = re.compile(r"^([ \t\r]*)\\/(?=[A-Za-z])", re.MULTILINE)


class GitLabMerges:
    def __init__(self, client: GitLabClient) -> None:
        self._client = client
        self._login = ""

    def of(self, branch: str) -> tuple[HostedPullRequest, ...]:
        return tuple(_hosted(each) for each in self._listed(branch))

    def open(self) -> tuple[HostedPullRequest, ...]:
        found = self._client.pages(_MERGES, {"state": "opened", "order_by": "created_at", "sort": "desc"})
        return tuple(_hosted(each) for each in found if _is_own(each) and text(each, "source_branch").startswith(_OURS))

    def ensure(self, request: ChangeRequest, commit: str, target: str) -> HostedPullRequest:
        """GitLab refuses a second open one from the same branch to the same target with 409: the first is taken."""
        there = self._opened(request)
        wanted = {
            "title": f"{DRAFT}{request.title}" if request.draft else request.title,
            "description": _disarmed(request.body),
        }
        if there is None:
            new = {**wanted, "source_branch": request.branch, "target_branch": target}
            try:
                made = self._client.post(_MERGES, new)
            except HostConflictError:
                made = None
            # GitLab looks first and writes then: two at once may both have been let in.
            there = self._opened(request) or made
            if there is None:
                raise HostConflictError(f"GitLab has no merge request from {request.branch}, and makes none")
        changed = {name: value for name, value in wanted.items() if not is_same(there.get(name), value)}
        if changed:
            there = self._client.put(f"{_MERGES}/{number(there, 'iid')}", changed)
        # GitLab takes its time to see that a branch was moved.
        return replace(_hosted(there), head=commit)

    def close(self, pull_request: HostedPullRequest) -> HostedPullRequest:
        there = self._there(pull_request)
        if there.get("state") != "opened":
            return _hosted(there)
        return _hosted(self._client.put(_path(pull_request), {"state_event": "close"}))

    def label(self, pull_request: HostedPullRequest, labels: Collection[str]) -> tuple[str, ...]:
        """GitLab makes those that it does not know, if we may. A comma parts two labels, so none can hold one."""
        wanted = [each for each in dict.fromkeys(labels) if each.strip() and "," not in each]
        has = texts(self._there(pull_request), "labels")
        if missing := [each for each in wanted if each not in has]:
            has = texts(self._client.put(_path(pull_request), {"add_labels": ",".join(missing)}), "labels")
        return tuple(each for each in dict.fromkeys(labels) if each not in has)

    def review(self, pull_request: HostedPullRequest, reviewers: Collection[Person]) -> tuple[Person, ...]:
        """Groups review by approval rules, which are not ours to write. GitLab leaves out whom it does not take, and
        takes one alone where the plan has no more.
        """
        there = self._there(pull_request)
        author = number(record(there.get("author")), "id")
        has = _ids(there)
        wanted = {}
        for person in dict.fromkeys(reviewers):
            found = None if person.is_team else self.user(person.name)
            if found is not None and found.get("state") == "active" and number(found, "id") != author:
                wanted[person] = number(found, "id")
        if new := [each for each in dict.fromkeys(wanted.values()) if each not in has]:
            has = _ids(self._client.put(_path(pull_request), {"reviewer_ids": [*has, *new]}))
        return tuple(each for each in dict.fromkeys(reviewers) if wanted.get(each) not in has)

    def comments(self, pull_request: HostedPullRequest) -> tuple[Comment, ...]:
        notes = self._client.pages(f"{_path(pull_request)}/notes", {"order_by": "created_at", "sort": "asc"})
        return tuple(self._comment(each, pull_request) for each in notes if each.get("system") is not True)

    def comment(self, pull_request: HostedPullRequest, key: str, body: str) -> Comment:
        said = f"{comment_marker(key)}\n{body}"
        sent = _disarmed(said)
        if len(sent) > LIMITS.max_comment_length:
            raise GitHostError(f"the comment is longer than {LIMITS.max_comment_length} characters")
        there = self._keyed(pull_request, key)
        if there is None:
            self._client.post(f"{_path(pull_request)}/notes", {"body": sent})
            there = self._keyed(pull_request, key)
            if there is None:
                raise broken("a comment that was made is not there")
        if is_same(_disarmed(there.body), sent):
            return there
        changed = self._client.put(f"{_path(pull_request)}/notes/{there.id}", {"body": sent})
        return self._comment(changed, pull_request)

    def _keyed(self, pull_request: HostedPullRequest, key: str) -> Comment | None:
        """The oldest of ours. Two at once may both have made one: the later ones are taken away."""
        ours = (each for each in self.comments(pull_request) if each.key == key)
        found = sorted(ours, key=lambda each: int(each.id))
        for twin in found[1:]:
            self._client.delete(f"{_path(pull_request)}/notes/{twin.id}")
        return found[0] if found else None

    def user(self, name: str) -> Record | None:
        """By login, or by an address of mail that is theirs in public."""
        if not name.strip():
            return None
        asked = {"search": name} if "@" in name else {"username": name}
        found = tuple(self._client.pages("/users", asked, whole_host=True))
        if "@" not in name:
            found = tuple(each for each in found if text(each, "username").lower() == name.lower())
        return found[0] if len(found) == 1 else None

    def _listed(self, branch: str) -> list[Record]:
        """Newest first, without those of forks and those into forks."""
        asked = {"source_branch": branch, "state": "all", "order_by": "created_at", "sort": "desc"}
        found = (each for each in self._client.pages(_MERGES, asked) if _is_own(each))
        same = (each for each in found if each.get("source_branch") == branch)
        return sorted(same, key=lambda each: number(each, "iid"), reverse=True)

    def _opened(self, request: ChangeRequest) -> Record | None:
        """The newest. Its twins are closed: to the same target, and with the key in the body, so they are ours."""
        found = [each for each in self._listed(request.branch) if each.get("state") == "opened"]
        for twin in found[1:]:
            is_twin = text(twin, "target_branch") == text(found[0], "target_branch")
            if is_twin and key_in(text_or_nothing(twin, "description")) == request.key:
                self._client.put(f"{_MERGES}/{number(twin, 'iid')}", {"state_event": "close"})
        return found[0] if found else None

    def _there(self, pull_request: HostedPullRequest) -> Record:
        return self._client.get(_path(pull_request))

    def _comment(self, note: Record, pull_request: HostedPullRequest) -> Comment:
        body = _armed(text(note, "body"))
        author = text(record(note.get("author")), "username")
        number_ = str(number(note, "id"))
        key = comment_key_in(body)
        return Comment(
            number_,
            author,
            body,
            text(note, "created_at"),
            url=f"{pull_request.url}#note_{number_}",
            key=key if key and author == self._own_login() else "",
        )

    def _own_login(self) -> str:
        if not self._login:
            self._login = text(self._client.get("/user", whole_host=True), "username")
        return self._login


def _hosted(data: Record) -> HostedPullRequest:
    state = _STATES.get(text(data, "state"))
    if state is None:
        raise broken("a merge request is in a state of its own")
    draft = data.get("draft") is True
    title = text(data, "title")
    body = _armed(text_or_nothing(data, "description"))
    return HostedPullRequest(
        number=str(number(data, "iid")),
        url=text(data, "web_url"),
        branch=text(data, "source_branch"),
        target=text(data, "target_branch"),
        state=state,
        title=title.removeprefix(DRAFT) if draft else title,
        body=body,
        head=text_or_nothing(data, "sha"),
        key=key_in(body) or "",
        content=facts_in(body).get("content", ""),
        draft=draft,
        labels=texts(data, "labels"),
        opened_at=text_or_nothing(data, "created_at"),
    )


def _is_own(data: Record) -> bool:
    return number(data, "source_project_id") == number(data, "target_project_id") if _has_source(data) else False


def _has_source(data: Record) -> bool:
    """A fork that was deleted has no number."""
    return data.get("source_project_id") is not None


def _ids(data: Record) -> tuple[int, ...]:
    return tuple(number(each, "id") for each in records(data, "reviewers"))


def _path(pull_request: HostedPullRequest) -> str:
    if not pull_request.number.isascii() or not pull_request.number.isdigit():
        raise HostNotFoundError(f"{pull_request.number!r} is not the number of a merge request")
    return f"{_MERGES}/{pull_request.number}"


def _disarmed(body: str) -> str:
    return _ORDER.sub(r"\1\\/", body)


def _armed(body: str) -> str:
    return _DISARMED.sub(r"\1/", body)
