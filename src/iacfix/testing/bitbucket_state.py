"""What a Bitbucket of one repository knows, and how it tells it. Names and forms are those of its REST API 2.0."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus

from iacfix.testing.bare_repository import BareRepository, Commit

WORKSPACE, SLUG = "acme", "infra"
FULL_NAME = f"{WORKSPACE}/{SLUG}"
ACCESS_TOKEN, API_TOKEN = "ATCTT3x" + "a" * 24, "ATATT3x" + "b" * 24
MAIL = "bot@example.com"
_SHORT = 12


class RefusedError(Exception):
    """An answer that is no success, as "Standardized error responses" has it."""

    def __init__(
        self, status: int, message: str, *, fields: Mapping[str, list[str]] | None = None, detail: str = ""
    ) -> None:
        super().__init__(status, message)
        self.status = status
        self.body = {
            "type": "error",
            "error": {
                "message": message,
                **({"fields": dict(fields)} if fields else {}),
                **({"detail": detail} if detail else {}),
            },
        }


def missing(message: str = "Resource not found") -> RefusedError:
    return RefusedError(HTTPStatus.NOT_FOUND, message)


def refused(message: str, **fields: list[str]) -> RefusedError:
    return RefusedError(HTTPStatus.BAD_REQUEST, message, fields=fields)


def forbidden(scope: str) -> RefusedError:
    return RefusedError(
        HTTPStatus.FORBIDDEN, "Your credentials lack one or more required privilege scopes.", detail=scope
    )


@dataclass(slots=True)
class User:
    """`permission` is the highest that they have in the repository, "" for none."""

    uuid: str
    nickname: str
    permission: str = "write"
    member: bool = True
    mail: str = ""

    @property
    def account_id(self) -> str:
        return f"557058:{self.uuid[1:-1]}"

    def shown(self) -> dict[str, object]:
        """Nothing else is sure: user names are gone, and names are what people like."""
        names = {"nickname": self.nickname, "display_name": self.nickname.title()}
        return {"type": "user", "uuid": self.uuid, "account_id": self.account_id, **names}


@dataclass(slots=True)
class Remark:
    """A comment on a pull request."""

    id: int
    user: User
    raw: str
    created_on: str
    deleted: bool = False


@dataclass(slots=True)
class Pull:
    id: int
    author: User
    source: str
    destination: str
    title: str
    description: str
    head: str
    created_on: str
    state: str = "OPEN"
    draft: bool = False
    close_source_branch: bool = False
    source_repository: str = FULL_NAME
    reviewers: list[User] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)


@dataclass(slots=True)
class BitbucketState:
    """`knows_itself`: whether tokens may ask who they are, and who is in the workspace; those of a repository may not.
    `administers`: whether they may ask who may write. `makes_twins`: whether a second pull request from a branch that
    has one open is another; else the first is answered, with what was sent. The documentation does not say which.
    """

    repository: BareRepository
    users: list[User] = field(default_factory=list)
    pulls: list[Pull] = field(default_factory=list)
    default_reviewers: list[User] = field(default_factory=list)
    restricted: set[str] = field(default_factory=set)
    knows_itself: bool = True
    administers: bool = True
    makes_twins: bool = False
    private: bool = True
    root: str = ""
    lock: threading.RLock = field(default_factory=threading.RLock)
    _ids: int = 1000

    def __post_init__(self) -> None:
        people = (("bot", "admin"), ("ann", "write"), ("rea", "read"))
        self.users += [User(_uuid(at), name, held) for at, (name, held) in enumerate(people, 1)]
        self.user("ann").mail = "ann@example.com"
        self.users.append(User(_uuid(9), "sid", "", member=False))

    def user(self, nickname: str) -> User:
        return next(each for each in self.users if each.nickname == nickname)

    def next_id(self) -> int:
        self._ids += 1
        return self._ids

    def now(self) -> str:
        return datetime.now(UTC).isoformat()

    def pull(self, number: str) -> Pull:
        found = next((each for each in self.pulls if str(each.id) == number), None)
        if found is None:
            raise missing()
        return found

    def shown_repository(self) -> dict[str, object]:
        main = self.repository.default_branch
        is_empty = self.repository.head(main) is None
        return {
            "type": "repository",
            "full_name": FULL_NAME,
            "is_private": self.private,
            "mainbranch": None if is_empty else {"type": "branch", "name": main},
        }

    def shown(self, pull: Pull, *, listed: bool = False) -> dict[str, object]:
        """Commits are abbreviated. "For performance reasons", lists have no reviewers."""
        if pull.state == "OPEN" and pull.source_repository == FULL_NAME:
            pull.head = self.repository.head(pull.source) or pull.head
        shown: dict[str, object] = {
            "type": "pullrequest",
            "id": pull.id,
            "title": pull.title,
            "description": pull.description,
            "state": pull.state,
            "draft": pull.draft,
            "author": pull.author.shown(),
            "close_source_branch": pull.close_source_branch,
            "created_on": pull.created_on,
            "source": {
                "branch": {"name": pull.source},
                "commit": {"type": "commit", "hash": pull.head[:_SHORT]},
                "repository": {"type": "repository", "full_name": pull.source_repository}
                if pull.source_repository
                else None,
            },
            "destination": {
                "branch": {"name": pull.destination},
                "commit": {"type": "commit", "hash": (self.repository.head(pull.destination) or "")[:_SHORT]},
                "repository": {"type": "repository", "full_name": FULL_NAME},
            },
            "links": {"html": {"href": f"https://bitbucket.invalid/{FULL_NAME}/pull-requests/{pull.id}"}},
        }
        return shown if listed else {**shown, "reviewers": [each.shown() for each in pull.reviewers]}

    def shown_remark(self, pull: Pull, remark: Remark) -> dict[str, object]:
        page = f"https://bitbucket.invalid/{FULL_NAME}/pull-requests/{pull.id}/_/diff#comment-{remark.id}"
        return {
            "type": "pullrequest_comment",
            "id": remark.id,
            "content": {"type": "rendered", "raw": remark.raw, "markup": "markdown"},
            "user": remark.user.shown(),
            "created_on": remark.created_on,
            "deleted": remark.deleted,
            "links": {"html": {"href": page}},
        }


def shown_commit(commit: Commit) -> dict[str, object]:
    return {
        "type": "commit",
        "hash": commit.id,
        "date": datetime.fromtimestamp(commit.date, UTC).isoformat(),
        "author": {"type": "author", "raw": f"{commit.author} <{commit.mail}>"},
        "message": commit.message,
        "parents": [{"type": "commit", "hash": each} for each in commit.parents],
    }


def _uuid(number: int) -> str:
    return f"{{00000000-0000-4000-8000-{number:012d}}}"
