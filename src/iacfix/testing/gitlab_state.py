"""What a GitLab of one project knows, and how it tells it. Names and forms are those of GitLab's REST API v4."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus

from iacfix.testing.bare_repository import BareRepository, Commit

PROJECT_ID, FORK_ID = 42, 43
PROJECT_PATH = "acme/platform/infra"
DEVELOPER, REPORTER, GUEST = 30, 20, 10
DRAFT = "Draft: "
DEFAULT_TOKEN = "glpat-" + "x" * 20


class RefusedError(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, body: object, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body
        self.headers = headers or {}


def missing(what: str) -> RefusedError:
    """As "REST API", status codes, has it: 404 and which thing it is."""
    return RefusedError(HTTPStatus.NOT_FOUND, {"message": f"404 {what} Not Found"})


def refused(message: object) -> RefusedError:
    return RefusedError(HTTPStatus.BAD_REQUEST, {"message": message})


@dataclass(slots=True)
class User:
    """`level` is the role in the project, 0 for no member: "Members API", roles."""

    id: int
    username: str
    level: int = DEVELOPER
    state: str = "active"
    public_email: str = ""

    def shown(self) -> dict[str, object]:
        return {"id": self.id, "username": self.username, "name": self.username.title(), "state": self.state}


@dataclass(slots=True)
class Note:
    id: int
    author: User
    body: str
    created_at: str
    system: bool = False

    def shown(self) -> dict[str, object]:
        facts = {"id": self.id, "body": self.body, "author": self.author.shown(), "system": self.system}
        return {**facts, "created_at": self.created_at, "updated_at": self.created_at, "noteable_type": "MergeRequest"}


@dataclass(slots=True)
class MergeRequest:
    iid: int
    author: User
    source_branch: str
    target_branch: str
    title: str
    description: str
    sha: str
    created_at: str
    state: str = "opened"
    source_project_id: int = PROJECT_ID
    labels: list[str] = field(default_factory=list)
    reviewers: list[User] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


@dataclass(slots=True)
class GitLabState:
    """`plan_reviewers` is how many reviewers the plan has: one on Free, any number on Premium."""

    repository: BareRepository
    tokens: dict[tuple[str, str], User] = field(default_factory=dict)
    users: list[User] = field(default_factory=list)
    merges: list[MergeRequest] = field(default_factory=list)
    protected: set[str] = field(default_factory=lambda: {"main"})
    known_labels: set[str] = field(default_factory=set)
    visibility: str = "private"
    archived: bool = False
    may_push: bool = True
    plan_reviewers: int = 100
    root: str = ""
    lock: threading.RLock = field(default_factory=threading.RLock)
    _ids: int = 1000

    def __post_init__(self) -> None:
        bot, ann = User(1, "iacfix-bot"), User(2, "ann", public_email="ann@example.com")
        gus, sid = User(3, "gus", level=GUEST), User(4, "sid", level=0)
        self.users += [bot, ann, gus, sid]
        self.tokens |= {(kind, DEFAULT_TOKEN): bot for kind in ("private", "job", "oauth")}

    def user(self, username: str) -> User:
        return next(each for each in self.users if each.username == username)

    def next_id(self) -> int:
        self._ids += 1
        return self._ids

    def now(self) -> str:
        return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def head(self, branch: str) -> str | None:
        """Git's own file of the branch, where it has one, is much quicker than a process of git."""
        loose = self.repository.folder / "refs" / "heads" / branch
        if ".." not in branch and loose.is_file():
            return loose.read_text().strip()
        return self.repository.head(branch)

    def project(self) -> dict[str, object]:
        is_empty = self.head(self.repository.default_branch) is None
        return {
            "id": PROJECT_ID,
            "path_with_namespace": PROJECT_PATH,
            "default_branch": None if is_empty else self.repository.default_branch,
            "visibility": self.visibility,
            "archived": self.archived,
            # An address that nobody should send a token to.
            "http_url_to_repo": f"http://gitlab.invalid/{PROJECT_PATH}.git",
            "web_url": f"{self.root}/{PROJECT_PATH}",
        }

    def merge(self, iid: str) -> MergeRequest:
        found = next((each for each in self.merges if str(each.iid) == iid), None)
        if found is None:
            raise missing("Not found")
        return found

    def shown(self, merge: MergeRequest) -> dict[str, object]:
        """`sha` follows the branch while it is open."""
        if merge.state == "opened" and merge.source_project_id == PROJECT_ID:
            merge.sha = self.head(merge.source_branch) or merge.sha
        return {
            "id": 9000 + merge.iid,
            "iid": merge.iid,
            "project_id": PROJECT_ID,
            "title": merge.title,
            "description": merge.description,
            "state": merge.state,
            "created_at": merge.created_at,
            "source_branch": merge.source_branch,
            "target_branch": merge.target_branch,
            "source_project_id": merge.source_project_id,
            "target_project_id": PROJECT_ID,
            "author": merge.author.shown(),
            "reviewers": [each.shown() for each in merge.reviewers],
            "labels": list(merge.labels),
            "draft": merge.title.lower().startswith(DRAFT.strip().lower()),
            "sha": merge.sha,
            "web_url": f"{self.root}/{PROJECT_PATH}/-/merge_requests/{merge.iid}",
        }


def shown_commit(commit: Commit) -> dict[str, object]:
    when = datetime.fromtimestamp(commit.date, UTC).isoformat()
    return {
        "id": commit.id,
        "short_id": commit.id[:8],
        "title": commit.message.split("\n", 1)[0],
        "message": commit.message,
        "parent_ids": list(commit.parents),
        "author_name": commit.author,
        "author_email": commit.mail,
        "authored_date": when,
        "committed_date": when,
        "created_at": when,
    }
