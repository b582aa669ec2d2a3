"""Pull requests, comments and people of Bitbucket's API.

Cited: "Pullrequests" (fields, states, decline, comments; "Only open pull requests can be mutated"), "Workspaces"
(members; permissions of a repository: "Only users with admin permission"), "Users". That a change without reviewers
takes them away, and the words about reviewers who are not taken, are what other programs have met.
"""

import re
from collections.abc import Mapping
from http import HTTPStatus

from iacfix.testing.bitbucket_state import (
    FULL_NAME,
    BitbucketState,
    Pull,
    RefusedError,
    Remark,
    User,
    forbidden,
    missing,
    refused,
)

_MAX_TITLE, _MAX_DESCRIPTION, _MAX_REMARK = 255, 262_143, 32_768
_CREATE = {"title", "description", "draft", "source", "destination", "reviewers", "close_source_branch"}
_BY_BRANCH = re.compile(r'source\.branch\.name="((?:[^"\\]|\\.)+)"')
_BY_USER = re.compile(r'user\.uuid="(\{[0-9a-f-]+\})"')
_BY_MAIL = re.compile(r'user\.email IN \("([^"\\]+)"\)')
_HTML = re.compile(r"<!--|</?details>|<summary>")


class BitbucketPullsOfTests:
    def __init__(self, state: BitbucketState) -> None:
        self._state = state

    def listed(self, states: list[str], query: str) -> list[object]:
        """Open ones alone where no state is asked for; oldest first, by `sort=created_on`."""
        found = _BY_BRANCH.fullmatch(query)
        if query and found is None:
            raise refused(f"Invalid query: {query}")
        branch = re.sub(r"\\(.)", r"\1", found[1]) if found else None
        return [
            self._state.shown(each, listed=True)
            for each in self._state.pulls
            if each.state in (states or ["OPEN"]) and branch in {None, each.source}
        ]

    def get(self, number: str) -> dict[str, object]:
        return self._state.shown(self._state.pull(number))

    def create(self, user: User, body: Mapping[str, object]) -> dict[str, object]:
        self._checked(user, body)
        source, destination = _branch(body, "source"), _branch(body, "destination")
        head = self._state.repository.head(source)
        if head is None or self._state.repository.head(destination) is None:
            raise refused("Bad request", source=[f"{source} or {destination} is no branch"])
        if not self._state.repository.ahead(head, destination):
            raise refused("There are no changes to be pulled")
        there = self._open(source, destination)
        if there is not None and not self._state.makes_twins:
            self._change(there, body)
            return self._state.shown(there)
        made = Pull(
            id=len(self._state.pulls) + 1,
            author=user,
            source=source,
            destination=destination,
            title="",
            description="",
            head=head,
            created_on=self._state.now(),
        )
        self._change(made, body)
        self._state.pulls.append(made)
        return self._state.shown(made)

    def update(self, user: User, number: str, body: Mapping[str, object]) -> dict[str, object]:
        self._checked(user, body)
        pull = self._state.pull(number)
        if pull.state != "OPEN":
            raise refused("This pull request is already closed.")
        self._change(pull, body)
        return self._state.shown(pull)

    def decline(self, user: User, number: str) -> dict[str, object]:
        self._may_write(user)
        pull = self._state.pull(number)
        if pull.state != "OPEN":
            raise refused("This pull request is already closed.")
        pull.state = "DECLINED"
        return self._state.shown(pull)

    def remarks(self, number: str) -> list[object]:
        pull = self._state.pull(number)
        return [self._state.shown_remark(pull, each) for each in pull.remarks]

    def say(self, user: User, number: str, body: Mapping[str, object]) -> dict[str, object]:
        pull = self._state.pull(number)
        made = Remark(self._state.next_id(), user, _raw(body), self._state.now())
        pull.remarks.append(made)
        return self._state.shown_remark(pull, made)

    def rewrite(self, user: User, number: str, remark: str, body: Mapping[str, object]) -> dict[str, object]:
        pull = self._state.pull(number)
        found = self._own(user, pull, remark)
        found.raw = _raw(body)
        return self._state.shown_remark(pull, found)

    def withdraw(self, user: User, number: str, remark: str) -> None:
        """It stays, as deleted: "Deletes a specific pull request comment"."""
        found = self._own(user, self._state.pull(number), remark)
        found.raw, found.deleted = "", True

    def user(self, user: User) -> dict[str, object]:
        if not self._state.knows_itself:
            raise forbidden("account")
        return user.shown()

    def members(self, query: str) -> list[object]:
        """`user.email IN (…)`: "if called by a workspace administrator"."""
        if not self._state.knows_itself or (query and not self._state.administers):
            raise forbidden("account")
        found = _BY_MAIL.fullmatch(query)
        if query and found is None:
            raise refused(f"Invalid query: {query}")
        asked = [each for each in self._state.users if each.member and (found is None or each.mail == found[1])]
        return [{"type": "workspace_membership", "user": each.shown()} for each in asked]

    def member(self, account_id: str) -> dict[str, object]:
        found = next((each for each in self._state.users if each.member and each.account_id == account_id), None)
        if found is None:
            raise missing()
        return {"type": "workspace_membership", "user": found.shown()}

    def default_reviewers(self) -> list[object]:
        """Of the project too: "List effective default reviewers"."""
        found = self._state.default_reviewers
        return [{"type": "default_reviewer", "reviewer_type": "repository", "user": each.shown()} for each in found]

    def permissions(self, query: str) -> list[object]:
        """The highest of each, through groups too."""
        if not self._state.administers:
            raise RefusedError(HTTPStatus.FORBIDDEN, "You must be an admin of the repository.")
        found = _BY_USER.fullmatch(query)
        if found is None:
            raise refused(f"Invalid query: {query}")
        return [
            {"type": "repository_permission", "permission": each.permission, "user": each.shown()}
            for each in self._state.users
            if each.permission and each.uuid == found[1]
        ]

    def _open(self, source: str, destination: str) -> Pull | None:
        ends = (source, destination, "OPEN", FULL_NAME)
        found = (
            each
            for each in self._state.pulls
            if (each.source, each.destination, each.state, each.source_repository) == ends
        )
        return next(found, None)

    def _change(self, pull: Pull, body: Mapping[str, object]) -> None:
        """Reviewers that are left out are taken away."""
        reviewers = self._reviewers(pull, body.get("reviewers"))
        pull.title = str(body["title"])
        pull.description = str(body.get("description", pull.description))
        pull.draft = body.get("draft", pull.draft) is True
        pull.close_source_branch = body.get("close_source_branch", pull.close_source_branch) is True
        pull.reviewers = reviewers

    def _reviewers(self, pull: Pull, asked: object) -> list[User]:
        found: list[User] = []
        for each in asked if isinstance(asked, list) else []:
            uuid = each.get("uuid") if isinstance(each, dict) else None
            user = next((one for one in self._state.users if one.uuid == uuid), None)
            if user is None:
                raise refused("Bad request", reviewers=["Malformed reviewers list"])
            if user is pull.author:
                said = f"{user.nickname} is the author and cannot be included as a reviewer."
                raise refused("Bad request", reviewers=[said])
            if not user.member:
                said = f"{user.nickname} is not a member of this workspace and cannot be added to this pull request"
                raise refused("Bad request", reviewers=[said])
            found.append(user)
        return found

    def _own(self, user: User, pull: Pull, remark: str) -> Remark:
        found = next((each for each in pull.remarks if str(each.id) == remark), None)
        if found is None or found.deleted:
            raise missing()
        if found.user is not user:
            raise RefusedError(HTTPStatus.FORBIDDEN, "You can only change comments of your own.")
        return found

    def _may_write(self, user: User) -> None:
        if user.permission not in {"write", "admin"}:
            raise forbidden("pullrequest:write")

    def _checked(self, user: User, body: Mapping[str, object]) -> None:
        """HTML is taken by Bitbucket, and shown to people as it is: it would be a mistake."""
        self._may_write(user)
        if unknown := body.keys() - _CREATE:
            raise refused("Bad request", body=[f"not known: {sorted(unknown)}"])
        title, description = body.get("title"), body.get("description", "")
        if not isinstance(title, str) or not 0 < len(title) <= _MAX_TITLE:
            raise refused("Bad request", title=["Ensure this value has at most 255 characters."])
        if not isinstance(description, str) or len(description) > _MAX_DESCRIPTION or _HTML.search(description):
            raise refused("Bad request", description=["too long, or with HTML in it"])


def _branch(body: Mapping[str, object], end: str) -> str:
    found = body.get(end)
    branch = found.get("branch") if isinstance(found, dict) else None
    name = branch.get("name") if isinstance(branch, dict) else None
    if not isinstance(name, str) or not name:
        raise refused("Bad request", **{end: ["This field is required"]})
    return name


def _raw(body: Mapping[str, object]) -> str:
    content = body.get("content")
    raw = content.get("raw") if isinstance(content, dict) else None
    if body.keys() != {"content"} or not isinstance(raw, str) or not raw:
        raise refused("Bad request", content=["This field is required"])
    if len(raw) > _MAX_REMARK or _HTML.search(raw):
        raise refused("Bad request", content=["too long, or with HTML in it"])
    return raw
