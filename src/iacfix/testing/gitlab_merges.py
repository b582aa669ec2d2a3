"""Merge requests, notes, users and members of GitLab's API.

Cited: "Merge requests API" (attributes, 409 for a second open one, draft by the title, at most 1,048,576 characters of
description), "Notes API" (1,000,000 characters), "Users API", "Members API", "Quick actions" of GitLab's documentation.
"""

import re
from collections.abc import Mapping
from http import HTTPStatus

from iacfix.testing.gitlab_state import (
    DEVELOPER,
    GUEST,
    PROJECT_ID,
    GitLabState,
    MergeRequest,
    Note,
    RefusedError,
    User,
    missing,
    refused,
)

_CREATE = {"source_branch", "target_branch", "title", "description"}
_UPDATE = {"title", "description", "state_event", "add_labels", "reviewer_ids"}
_MAX_TITLE, _MAX_DESCRIPTION, _MAX_NOTE = 255, 1_048_576, 1_000_000
_ORDERS = re.compile(r"^/(?:close|merge|approve|label|assign|reopen|title|draft)\b", re.MULTILINE)


class GitLabMergesOfTests:
    def __init__(self, state: GitLabState) -> None:
        self._state = state

    def listed(self, query: Mapping[str, str]) -> list[object]:
        state, branch = query.get("state", "all"), query.get("source_branch")
        found = [
            each for each in self._state.merges if state in {"all", each.state} and branch in {None, each.source_branch}
        ]
        return [self._state.shown(each) for each in reversed(found)]

    def get(self, iid: str) -> dict[str, object]:
        return self._state.shown(self._state.merge(iid))

    def create(self, user: User, body: Mapping[str, object]) -> dict[str, object]:
        self._checked(user, body, _CREATE)
        for name in ("source_branch", "target_branch", "title"):
            if not body.get(name):
                raise RefusedError(HTTPStatus.BAD_REQUEST, {"error": f"{name} is missing"})
        source, target = str(body["source_branch"]), str(body["target_branch"])
        head = self._state.head(source)
        if head is None or self._state.head(target) is None:
            raise refused([f"{'Source' if head is None else 'Target'} branch does not exist"])
        for each in self._state.merges:
            taken = (each.source_branch, each.target_branch, each.state, each.source_project_id)
            if taken == (source, target, "opened", PROJECT_ID):
                said = f"Another open merge request already exists for this source branch: !{each.iid}"
                raise RefusedError(HTTPStatus.CONFLICT, {"message": [said]})
        made = MergeRequest(
            iid=len(self._state.merges) + 1,
            author=user,
            source_branch=source,
            target_branch=target,
            title=str(body["title"]).strip(),
            description=str(body.get("description", "")),
            sha=head,
            created_at=self._state.now(),
        )
        self._state.merges.append(made)
        return self._state.shown(made)

    def update(self, user: User, iid: str, body: Mapping[str, object]) -> dict[str, object]:
        self._checked(user, body, _UPDATE)
        merge = self._state.merge(iid)
        if body.get("state_event") == "close":
            if merge.state != "opened":
                raise refused({"state": ["cannot transition via close"]})
            merge.state = "closed"
        merge.title = str(body.get("title", merge.title)).strip()
        merge.description = str(body.get("description", merge.description))
        for label in filter(None, str(body.get("add_labels", "")).split(",")):
            if label not in merge.labels:
                merge.labels.append(label)
        if isinstance(ids := body.get("reviewer_ids"), list):
            known = {each.id: each for each in self._state.users if each.level >= GUEST}
            merge.reviewers = [known[each] for each in ids if each in known][: self._state.plan_reviewers]
        return self._state.shown(merge)

    def notes(self, iid: str) -> list[object]:
        return [each.shown() for each in self._state.merge(iid).notes]

    def create_note(self, user: User, iid: str, body: Mapping[str, object]) -> dict[str, object]:
        merge = self._state.merge(iid)
        made = Note(self._state.next_id(), user, self._note(body), self._state.now())
        merge.notes.append(made)
        return made.shown()

    def update_note(self, user: User, iid: str, note: str, body: Mapping[str, object]) -> dict[str, object]:
        found = self._own_note(user, iid, note)
        found.body = self._note(body)
        return found.shown()

    def delete_note(self, user: User, iid: str, note: str) -> None:
        self._state.merge(iid).notes.remove(self._own_note(user, iid, note))

    def _own_note(self, user: User, iid: str, note: str) -> Note:
        found = next((each for each in self._state.merge(iid).notes if str(each.id) == note), None)
        if found is None:
            raise missing("Not found")
        if found.author is not user:
            raise RefusedError(HTTPStatus.FORBIDDEN, {"message": "403 Forbidden"})
        return found

    def users(self, query: Mapping[str, str]) -> list[object]:
        """`username` is the whole login in any case; `search` takes an address only where it is public and whole."""
        name, search = query.get("username"), query.get("search")
        return [
            each.shown()
            for each in self._state.users
            if (name is not None and each.username == name.lower()) or (search and each.public_email == search)
        ]

    def member(self, user_id: str) -> dict[str, object]:
        found = next((each for each in self._state.users if str(each.id) == user_id and each.level), None)
        if found is None:
            raise missing("Not found")
        return {**found.shown(), "access_level": found.level}

    def _checked(self, user: User, body: Mapping[str, object], fields: set[str]) -> None:
        if user.level < DEVELOPER or self._state.archived:
            raise RefusedError(HTTPStatus.FORBIDDEN, {"message": "403 Forbidden"})
        if unknown := body.keys() - fields:
            raise refused(f"not known: {sorted(unknown)}")
        if not body:
            raise RefusedError(HTTPStatus.BAD_REQUEST, {"error": "at least one parameter must be provided"})
        if len(str(body.get("title", ""))) > _MAX_TITLE:
            raise refused({"title": ["is too long (maximum is 255 characters)"]})
        description = str(body.get("description", ""))
        if len(description) > _MAX_DESCRIPTION:
            raise refused({"description": ["is too long (maximum is 1048576 characters)"]})
        if _ORDERS.search(description):
            raise refused("a quick action would be carried out")

    def _note(self, body: Mapping[str, object]) -> str:
        text = body.get("body")
        if body.keys() != {"body"} or not isinstance(text, str) or not text:
            raise RefusedError(HTTPStatus.BAD_REQUEST, {"error": "body is missing"})
        if len(text) > _MAX_NOTE or _ORDERS.search(text):
            raise refused("the note is too long, or a quick action would be carried out")
        return text
