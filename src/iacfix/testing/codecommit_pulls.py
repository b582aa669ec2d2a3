"""The operations of CodeCommit on pull requests and comments.

Facts of its user guide that are kept to: a pull request is closed when its source or destination branch is deleted, and
is merged when its source becomes part of its destination; a closed one stays closed (how-to-merge-pull-request,
how-to-close-pull-request). A token that comes again with the same request is answered with what the first one made,
with another request it is refused.
"""

import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from iacfix.testing.codecommit_git import ACCOUNT, Body, GitOperations, RefusedError

CALLER = f"arn:aws:sts::{ACCOUNT}:assumed-role/iacfix/a-session"
_MAX_TITLE, _MAX_DESCRIPTION, _MAX_COMMENT = 150, 10_239, 10_240
_START = 1_767_225_600.0


@dataclass
class Said:
    id: str
    pull_request: str
    author: str
    content: str
    at: float
    before: str
    after: str
    deleted: bool = False


@dataclass
class Pull:
    number: str
    title: str
    description: str
    source: str
    destination: str
    source_commit: str
    destination_commit: str
    base: str
    at: float
    is_open: bool = True
    merged: bool = False


@dataclass
class PullOperations:
    git: GitOperations
    name: str
    pulls: dict[str, Pull] = field(default_factory=dict)
    said: list[Said] = field(default_factory=list)
    tokens: dict[str, tuple[str, str]] = field(default_factory=dict)
    ticks: int = 0

    def list_pull_requests(self, body: Body) -> Body:
        self.git.require_repository(body)
        status = body.get("pullRequestStatus")
        found = [each.number for each in self.pulls.values() if status in {None, "OPEN" if each.is_open else "CLOSED"}]
        page, more = self.git.paged(found[::-1], body.get("nextToken"))
        return {"pullRequestIds": page, **({"nextToken": more} if more else {})}

    def get_pull_request(self, body: Body) -> Body:
        return {"pullRequest": self._shown(self._pull(body))}

    def create_pull_request(self, body: Body) -> Body:
        (target,) = body["targets"]
        self.git.require_repository(target)
        _check_text(body)
        source, destination = target["sourceReference"], target.get("destinationReference") or self._default()
        source, destination = source.removeprefix("refs/heads/"), destination.removeprefix("refs/heads/")
        if source == destination:
            raise RefusedError("SourceAndDestinationAreSameException")
        heads = self.git.repository.branches()
        if not {source, destination} <= heads.keys():
            raise RefusedError("ReferenceDoesNotExistException", f"no branch {source} or {destination}")
        if (again := self._again(body)) is not None:
            return {"pullRequest": self._shown(self.pulls[again])}
        number = str(len(self.pulls) + 7)
        base = self.git.repository.merge_base(heads[source], heads[destination]) or heads[destination]
        made = Pull(
            number,
            body["title"],
            body.get("description", ""),
            source,
            destination,
            heads[source],
            heads[destination],
            base,
            self._now(),
        )
        self.pulls[number] = made
        self._keep(body, number)
        return {"pullRequest": self._shown(made)}

    def update_pull_request_title(self, body: Body) -> Body:
        return self._changed(body, "title")

    def update_pull_request_description(self, body: Body) -> Body:
        return self._changed(body, "description")

    def update_pull_request_status(self, body: Body) -> Body:
        found, wanted = self._pull(body), body["pullRequestStatus"]
        if wanted == "OPEN" and not found.is_open:
            raise RefusedError("InvalidPullRequestStatusUpdateException", "a closed one stays closed")
        found.is_open = wanted == "OPEN"
        return {"pullRequest": self._shown(found)}

    def post_comment_for_pull_request(self, body: Body) -> Body:
        found = self._pull(body)
        self.git.require_repository(body)
        _check_comment(body["content"])
        before, after = body["beforeCommitId"], body["afterCommitId"]
        if before == after:
            raise RefusedError("BeforeCommitIdAndAfterCommitIdAreSameException")
        if not all(self.git.repository.has(each, "commit") for each in (before, after)):
            raise RefusedError("CommitDoesNotExistException")
        again = self._again(body)
        if again is None:
            again = self.say(found.number, body["content"], CALLER, before, after)
            self._keep(body, again)
        made = next(each for each in self.said if each.id == again)
        commits = {"repositoryName": self.name, "beforeCommitId": made.before, "afterCommitId": made.after}
        return {**commits, "pullRequestId": found.number, "comment": _comment(made)}

    def update_comment(self, body: Body) -> Body:
        found = next((each for each in self.said if each.id == body["commentId"]), None)
        if found is None:
            raise RefusedError("CommentDoesNotExistException")
        if found.deleted:
            raise RefusedError("CommentDeletedException")
        if found.author != CALLER:
            raise RefusedError("CommentNotCreatedByCallerException")
        _check_comment(body["content"])
        found.content = body["content"]
        return {"comment": _comment(found)}

    def get_comments_for_pull_request(self, body: Body) -> Body:
        number = self._pull(body).number
        groups = [
            {
                "pullRequestId": number,
                "repositoryName": self.name,
                "beforeCommitId": each.before,
                "afterCommitId": each.after,
                "comments": [_comment(each)],
            }
            for each in self.said
            if each.pull_request == number
        ]
        page, more = self.git.paged(groups, body.get("nextToken"))
        return {"commentsForPullRequestData": page, **({"nextToken": more} if more else {})}

    def say(self, number: str, content: str, author: str, before: str = "", after: str = "") -> str:
        pull = self.pulls[number]
        at = (before or pull.destination_commit, after or pull.source_commit)
        self.said.append(Said(str(uuid.uuid4()), number, author, content, self._now(), *at))
        return self.said[-1].id

    def settle(self) -> None:
        """What the service does by itself when branches have moved or gone."""
        waiting = [each for each in self.pulls.values() if each.is_open]
        heads = self.git.repository.branches() if waiting else {}
        for pull in waiting:
            source, destination = heads.get(pull.source), heads.get(pull.destination)
            if source is None or destination is None:
                pull.is_open = False
                continue
            if destination != pull.destination_commit and self.git.repository.is_ancestor(source, destination):
                pull.is_open, pull.merged = False, True
            pull.source_commit, pull.destination_commit = source, destination

    def _changed(self, body: Body, what: str) -> Body:
        found = self._pull(body)
        if not found.is_open:
            raise RefusedError("PullRequestAlreadyClosedException")
        _check_text(body)
        setattr(found, what, body[what])
        return {"pullRequest": self._shown(found)}

    def _pull(self, body: Body) -> Pull:
        if not body["pullRequestId"].isdecimal():
            raise RefusedError("InvalidPullRequestIdException")
        if body["pullRequestId"] not in self.pulls:
            raise RefusedError("PullRequestDoesNotExistException")
        return self.pulls[body["pullRequestId"]]

    def _again(self, body: Body) -> str | None:
        known = self.tokens.get(body.get("clientRequestToken", ""))
        if known is not None and known[0] != json.dumps(body, sort_keys=True):
            raise RefusedError("IdempotencyParameterMismatchException")
        return known[1] if known is not None else None

    def _keep(self, body: Body, made: str) -> None:
        if "clientRequestToken" in body:
            self.tokens[body["clientRequestToken"]] = (json.dumps(body, sort_keys=True), made)

    def _default(self) -> str:
        return self.git.repository.default_branch

    def _now(self) -> float:
        self.ticks += 1
        return _START + self.ticks

    def _shown(self, pull: Pull) -> dict[str, Any]:
        merge = {"isMerged": pull.merged, **({"mergedBy": CALLER} if pull.merged else {})}
        target = {
            "repositoryName": self.name,
            "sourceReference": f"refs/heads/{pull.source}",
            "destinationReference": f"refs/heads/{pull.destination}",
            "destinationCommit": pull.destination_commit,
            "sourceCommit": pull.source_commit,
            "mergeBase": pull.base,
            "mergeMetadata": merge,
        }
        return {
            "pullRequestId": pull.number,
            "title": pull.title,
            "description": pull.description,
            "creationDate": pull.at,
            "lastActivityDate": pull.at,
            "pullRequestStatus": "OPEN" if pull.is_open else "CLOSED",
            "authorArn": CALLER,
            "pullRequestTargets": [target],
        }


def _comment(said: Said) -> dict[str, Any]:
    facts = {"commentId": said.id, "creationDate": said.at, "authorArn": said.author, "deleted": said.deleted}
    return facts | ({} if said.deleted else {"content": said.content})


def _check_text(body: Body) -> None:
    if "title" in body and not 0 < len(body["title"]) <= _MAX_TITLE:
        raise RefusedError("InvalidTitleException", "the title is too long")
    if len(body.get("description", "")) > _MAX_DESCRIPTION:
        raise RefusedError("InvalidDescriptionException", "the description is too long")


def _check_comment(content: str) -> None:
    if not content:
        raise RefusedError("CommentContentRequiredException")
    if len(content) > _MAX_COMMENT:
        raise RefusedError("CommentContentSizeLimitExceededException")
