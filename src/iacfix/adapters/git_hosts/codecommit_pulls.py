"""Pull requests of CodeCommit and the comments on them."""

import hashlib
import json
from datetime import UTC
from typing import TYPE_CHECKING, Literal

from iacfix.adapters.git_hosts.codecommit_errors import ask, must
from iacfix.domain.change_request import ChangeRequest, Comment, HostedPullRequest, PullRequestState
from iacfix.domain.errors import HostConflictError
from iacfix.domain.marks import comment_key_in, comment_marker, facts_in, key_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mypy_boto3_codecommit import CodeCommitClient
    from mypy_boto3_codecommit.type_defs import CommentTypeDef, PullRequestTypeDef

_HEADS = "refs/heads/"
_MISMATCH = "IdempotencyParameterMismatchException"
_CONSOLES = {"aws-cn": "console.amazonaws.cn", "aws-us-gov": "console.amazonaws-us-gov.com"}
_CONSOLE = "console.aws.amazon.com"


class Pulls:
    """The service filters by state alone and answers with numbers: each pull request is then asked for. One that is
    closed stays as it is for ever, so it is asked for once.
    """

    def __init__(self, client: "CodeCommitClient", repository: str) -> None:
        self._client = client
        self._repository = repository
        self._closed: dict[str, HostedPullRequest] = {}

    def all(self, status: Literal["OPEN", ""] = "") -> tuple[HostedPullRequest, ...]:
        """Newest first."""
        pages = self._client.get_paginator("list_pull_requests")
        numbers = must(
            "the pull requests",
            lambda: [
                number
                for page in (
                    pages.paginate(repositoryName=self._repository, pullRequestStatus=status)
                    if status
                    else pages.paginate(repositoryName=self._repository)
                )
                for number in page["pullRequestIds"]
            ],
        )
        return tuple(self.get(number) for number in sorted(set(numbers), key=int, reverse=True))

    def get(self, number: str) -> HostedPullRequest:
        if number in self._closed:
            return self._closed[number]
        return must(
            f"the pull request {number}",
            lambda: self._hosted(self._client.get_pull_request(pullRequestId=number)["pullRequest"]),
        )

    def create(self, request: ChangeRequest, target: str, before: str) -> HostedPullRequest:
        """`before` is the number of the newest one from this branch, "" where there is none.

        The token is of the key, the branches and `before`: whoever opens the same one a second time gets the first, and
        whoever opens one with another text meanwhile is told that it is there (HostConflictError).
        """
        made = ask(
            f"the new pull request from {request.branch}",
            lambda: self._hosted(
                self._client.create_pull_request(
                    title=request.title,
                    description=request.body,
                    targets=[
                        {
                            "repositoryName": self._repository,
                            "sourceReference": request.branch,
                            "destinationReference": target,
                        }
                    ],
                    clientRequestToken=_token("pull request", request.key, request.branch, target, before),
                )["pullRequest"]
            ),
            _MISMATCH,
        )
        if made is None or made.state is not PullRequestState.OPEN:
            raise HostConflictError(
                f"somebody else opened or closed a pull request from {request.branch} meanwhile", remedy="run it again"
            )
        return made

    def update(self, found: HostedPullRequest, title: str, body: str) -> HostedPullRequest:
        number = found.number
        if found.title != title:
            found = must(
                f"the title of the pull request {number}",
                lambda: self._hosted(
                    self._client.update_pull_request_title(pullRequestId=number, title=title)["pullRequest"]
                ),
            )
        if found.body != body:
            found = must(
                f"the text of the pull request {number}",
                lambda: self._hosted(
                    self._client.update_pull_request_description(pullRequestId=number, description=body)["pullRequest"]
                ),
            )
        return found

    def close(self, number: str) -> HostedPullRequest:
        return must(
            f"the end of the pull request {number}",
            lambda: self._hosted(
                self._client.update_pull_request_status(pullRequestId=number, pullRequestStatus="CLOSED")["pullRequest"]
            ),
        )

    def comments(self, number: str, own: str) -> tuple[Comment, ...]:
        """Oldest first, without those that were deleted. `own` is whose marker counts."""
        return tuple(_comment(each, own) for each in self._said(number) if not each.get("deleted"))

    def ensure_comment(self, number: str, key: str, body: str, own: str) -> Comment:
        text = f"{comment_marker(key)}\n{body}"
        said = self._said(number)
        there = next((each for each in (_comment(one, own) for one in said) if each.key == key), None)
        if there is None:
            # The token of one that was deleted would answer with it again.
            gone = sum(1 for each in said if each.get("deleted") and principal(each.get("authorArn", "")) == own)
            made = self._posted(number, text, _token("comment", self._repository, number, key, str(gone)))
            if made is not None:
                return _comment(made, own)
            there = next((each for each in self.comments(number, own) if each.key == key), None)
            if there is None:
                raise HostConflictError(f"somebody else wrote to the pull request {number}", remedy="run it again")
        if there.body == text:
            return there
        at = there.id
        what = f"the comment {at}"
        return must(what, lambda: _comment(self._client.update_comment(commentId=at, content=text)["comment"], own))

    def _posted(self, number: str, text: str, token: str) -> "CommentTypeDef | None":
        what = f"the comment on the pull request {number}"
        target = must(
            what, lambda: self._client.get_pull_request(pullRequestId=number)["pullRequest"]["pullRequestTargets"][0]
        )
        before, after = target.get("destinationCommit", ""), target.get("sourceCommit", "")
        if before == after:
            before = target.get("mergeBase", "")
        return ask(
            what,
            lambda: self._client.post_comment_for_pull_request(
                pullRequestId=number,
                repositoryName=self._repository,
                beforeCommitId=before,
                afterCommitId=after,
                content=text,
                clientRequestToken=token,
            )["comment"],
            _MISMATCH,
        )

    def _said(self, number: str) -> "Sequence[CommentTypeDef]":
        pages = self._client.get_paginator("get_comments_for_pull_request")
        said = must(
            f"the comments on the pull request {number}",
            lambda: [
                comment
                for page in pages.paginate(pullRequestId=number)
                for group in page["commentsForPullRequestData"]
                for comment in group["comments"]
            ],
        )
        return sorted(said, key=lambda each: each["creationDate"])

    def _hosted(self, found: "PullRequestTypeDef") -> HostedPullRequest:
        """The text is whoever's may change it: the mark in it says what it is about, not who is to be trusted."""
        (target,) = found["pullRequestTargets"]
        number, body = found["pullRequestId"], found.get("description", "")
        merged = bool(target.get("mergeMetadata", {}).get("isMerged"))
        state = PullRequestState.OPEN
        if found["pullRequestStatus"] == "CLOSED":
            state = PullRequestState.MERGED if merged else PullRequestState.CLOSED
        hosted = HostedPullRequest(
            number=number,
            url=self._url(number),
            branch=target["sourceReference"].removeprefix(_HEADS),
            target=target["destinationReference"].removeprefix(_HEADS),
            state=state,
            title=found["title"],
            body=body,
            head=target["sourceCommit"],
            key=key_in(body) or "",
            content=facts_in(body).get("content", ""),
            opened_at=found["creationDate"].astimezone(UTC).isoformat(timespec="seconds"),
        )
        if state is not PullRequestState.OPEN:
            self._closed[number] = hosted
        return hosted

    def _url(self, number: str) -> str:
        region = self._client.meta.region_name
        console = _CONSOLES.get(self._client.meta.partition, _CONSOLE)
        path = f"codesuite/codecommit/repositories/{self._repository}/pull-requests/{number}/details"
        return f"https://{region}.{console}/{path}?region={region}"


def principal(arn: str) -> str:
    """A user, or a role whichever session is at work in it: names of roles are unique in an account."""
    parts = arn.split(":", 5)
    if len(parts) == 6:  # noqa: PLR2004 - arn:partition:service:region:account:resource
        kind, *names = parts[5].split("/")
        if (parts[2], kind) == ("sts", "assumed-role") and names:
            return f"arn:{parts[1]}:iam::{parts[4]}:role/{names[0]}"
        if (parts[2], kind) == ("iam", "role") and names:
            return f"arn:{parts[1]}:iam::{parts[4]}:role/{names[-1]}"
    return arn


def _comment(said: "CommentTypeDef", own: str) -> Comment:
    author, body = said.get("authorArn", ""), said.get("content", "")
    at = said["creationDate"].astimezone(UTC).isoformat(timespec="seconds")
    ours = bool(author) and principal(author) == own and not said.get("deleted")
    return Comment(said["commentId"], author, body, at, key=comment_key_in(body) if ours else "")


def _token(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode("ascii")).hexdigest()
