"""What a GitHub repository has beside its git objects: people, pull requests, labels, comments, Apps."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from iacfix.testing.bare_repository import BareRepository

START = datetime(2026, 1, 1, tzinfo=UTC)
DEFAULT_TOKEN = "ghp_" + "t" * 36


class RefusedError(Exception):
    """What GitHub answers instead; `errors` are those of a validation."""

    def __init__(self, status: int, message: str, errors: list[Mapping[str, object]] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors


@dataclass
class Pull:
    number: int
    title: str
    body: str
    branch: str
    target: str
    author: str
    head: str
    base: str
    opened_at: str
    draft: bool = False
    state: str = "open"
    merged: bool = False
    fork: int = 0
    labels: list[str] = field(default_factory=list)
    reviewers: list[str] = field(default_factory=list)
    teams: list[str] = field(default_factory=list)
    reviewed: list[str] = field(default_factory=list)


@dataclass
class Said:
    id: int
    number: int
    author: str
    body: str
    at: str


@dataclass(frozen=True, slots=True)
class App:
    id: str
    slug: str
    public_key: str
    installation: int


@dataclass
class State:
    """`people` are logins with their permission (admin, write, read, none). A login that is not there is nobody."""

    repository: BareRepository
    owner: str
    name: str
    url: str = ""
    id: int = 1_296_269
    people: dict[str, str] = field(default_factory=lambda: {"ann": "write", "iacfix-bot": "write"})
    teams: set[str] = field(default_factory=lambda: {"cloud"})
    tokens: dict[str, str] = field(default_factory=lambda: {DEFAULT_TOKEN: "iacfix-bot"})
    apps: dict[str, App] = field(default_factory=dict)
    pulls: dict[int, Pull] = field(default_factory=dict)
    comments: dict[int, Said] = field(default_factory=dict)
    labels: set[str] = field(default_factory=lambda: {"bug"})
    restricted: set[str] = field(default_factory=set)
    archived: bool = False
    makes_labels: bool = True
    has_drafts: bool = True
    token_life: timedelta = timedelta(hours=1)
    page: int = 2
    ticks: int = 0

    def now(self) -> str:
        self.ticks += 1
        return (START + timedelta(seconds=self.ticks)).strftime("%Y-%m-%dT%H:%M:%SZ")

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"

    def pull(self, number: str | int) -> Pull:
        found = self.pulls.get(int(number)) if str(number).isdecimal() else None
        if found is None:
            raise RefusedError(404, "Not Found")
        self.follow(found)
        return found

    def follow(self, pull: Pull) -> None:
        """While it is open its head is that of its branch; GitHub closes it where the branch is deleted."""
        if pull.state != "open" or pull.fork:
            return
        head = self.repository.head(pull.branch)
        if head is None:
            pull.state = "closed"
        else:
            pull.head = head
            pull.base = self.repository.head(pull.target) or pull.base

    def may_write(self, login: str) -> bool:
        return login.endswith("[bot]") or self.people.get(login) in {"admin", "write"}
