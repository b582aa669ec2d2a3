"""Pull requests of a Bitbucket repository, with their reviewers and comments.

What Bitbucket does with a second one from the same branch is not documented. So it is looked first, made, and looked
again: of several that are open the oldest stays, whoever looks, and those that two processes made at once are declined.
A pull request cannot be opened again, and has no labels.
"""

from collections.abc import Collection, Mapping
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
)
from iacfix.adapters.git_hosts.bitbucket_client import BitbucketClient
from iacfix.adapters.git_hosts.bitbucket_files import BitbucketFiles
from iacfix.adapters.git_hosts.bitbucket_people import BitbucketPeople
from iacfix.adapters.git_hosts.bitbucket_text import read, sent
from iacfix.domain.change_request import ChangeRequest, Comment, HostedPullRequest, Person, PullRequestState
from iacfix.domain.errors import GitHostError, HostConflictError, HostNotFoundError, HostRefusedError
from iacfix.domain.marks import comment_key_in, comment_marker, facts_in, key_in
from iacfix.ports.git_host import HostLimits

# Bitbucket tells no limit of descriptions; comments have 32,768 characters. Markers are a little longer there.
LIMITS = HostLimits(max_title_length=255, max_body_length=262_000, max_comment_length=32_000, labels=False)
_PULLS = "/pullrequests"
_PAGE = "50"  # the most that Bitbucket gives of pull requests
_PAGE_OF_COMMENTS = "100"
_OURS = "iacfix/"
_STATES = {
    "OPEN": PullRequestState.OPEN,
    "MERGED": PullRequestState.MERGED,
    "DECLINED": PullRequestState.CLOSED,
    "SUPERSEDED": PullRequestState.CLOSED,
}


class BitbucketPulls:
    def __init__(self, client: BitbucketClient, files: BitbucketFiles, people: BitbucketPeople) -> None:
        self._client = client
        self._files = files
        self._people = people
        self._authors: dict[str, str] = {}

    def of(self, branch: str) -> tuple[HostedPullRequest, ...]:
        found = self._listed(branch, _STATES)
        return tuple(self._hosted(each) for each in sorted(found, key=_id, reverse=True))

    def open(self) -> tuple[HostedPullRequest, ...]:
        found = sorted(self._pages([("state", "OPEN")]), key=_id, reverse=True)
        return tuple(self._hosted(each) for each in found if _branch(each).startswith(_OURS))

    def ensure(self, request: ChangeRequest, commit: str, target: str) -> HostedPullRequest:
        there = self._opened(request)
        wanted = {"title": request.title, "description": sent(request.body), "draft": request.draft}
        if there is None:
            new = {
                **wanted,
                "source": {"branch": {"name": request.branch}},
                "destination": {"branch": {"name": target}},
            }
            made = self._made(new)
            there = self._opened(request) or made
        if any(not _is_as(there.get(name), value) for name, value in wanted.items()):
            there = self._changed(self._client.get(f"{_PULLS}/{_id(there)}"), wanted)
        # Bitbucket takes its time to see that a branch was moved.
        return replace(self._hosted(there, head=commit), head=commit)

    def close(self, pull_request: HostedPullRequest) -> HostedPullRequest:
        there = self._client.get(_path(pull_request))
        if text(there, "state") == "OPEN":
            there = self._declined(_id(there))
        return self._hosted(there)

    def review(self, pull_request: HostedPullRequest, reviewers: Collection[Person]) -> tuple[Person, ...]:
        """Groups cannot be asked. Where Bitbucket takes not all at once, each is asked by themselves."""
        there = self._client.get(_path(pull_request))
        author = _author(there)
        known = {each: "" if each.is_team else self._people.uuid(each.name) for each in dict.fromkeys(reviewers)}
        wanted = tuple(dict.fromkeys(uuid for uuid in known.values() if uuid and uuid != author))
        has = _reviewers(there)
        if new := [uuid for uuid in wanted if uuid not in has]:
            try:
                has = _reviewers(self._changed(there, {}, more=new))
            except HostRefusedError:
                has = self._asked_one_by_one(_path(pull_request), new)
        return tuple(person for person, uuid in known.items() if uuid not in has)

    def comments(self, pull_request: HostedPullRequest) -> tuple[Comment, ...]:
        asked = {"pagelen": _PAGE_OF_COMMENTS, "sort": "created_on"}
        found = self._client.pages(f"{_path(pull_request)}/comments", asked)
        return tuple(self._comment(each, pull_request) for each in found if each.get("deleted") is not True)

    def comment(self, pull_request: HostedPullRequest, key: str, body: str) -> Comment:
        """Two at once may both have made one: the later ones are taken away."""
        said = sent(f"{comment_marker(key)}\n\n{body}")
        if len(said) > LIMITS.max_comment_length:
            raise GitHostError(f"the comment is longer than {LIMITS.max_comment_length} characters")
        there = self._keyed(pull_request, key)
        if there is None:
            made = self._client.send("POST", f"{_path(pull_request)}/comments", {"content": {"raw": said}})
            self._people.is_own(_user(made))
            there = self._keyed(pull_request, key)
            if there is None:
                raise broken("a comment that was made is not there")
        if is_same(sent(there.body), said):
            return there
        path = f"{_path(pull_request)}/comments/{there.id}"
        return self._comment(self._client.send("PUT", path, {"content": {"raw": said}}), pull_request)

    def _keyed(self, pull_request: HostedPullRequest, key: str) -> Comment | None:
        """The oldest of ours."""
        ours = (each for each in self.comments(pull_request) if each.key == key)
        found = sorted(ours, key=lambda each: int(each.id))
        for twin in found[1:]:
            self._client.delete(f"{_path(pull_request)}/comments/{twin.id}")
        return found[0] if found else None

    def _made(self, new: Record) -> Record:
        """With the default reviewers, whom Bitbucket's own page asks and its API does not; where it does not take all
        of them, with those whom it takes.
        """
        uuids = self._people.default_reviewers()
        try:
            return self._client.send("POST", _PULLS, {**new, "reviewers": [{"uuid": uuid} for uuid in uuids]})
        except HostRefusedError:
            if not uuids:
                raise
        made = self._client.send("POST", _PULLS, new)
        self._asked_one_by_one(f"{_PULLS}/{_id(made)}", uuids)
        return made

    def _asked_one_by_one(self, path: str, uuids: Collection[str]) -> tuple[str, ...]:
        there = self._client.get(path)
        for uuid in uuids:
            try:
                there = self._changed(there, {}, more=[uuid])
            except HostRefusedError:
                continue  # it is told as one that was not taken
        return _reviewers(there)

    def _changed(self, there: Record, changes: Record, more: Collection[str] = ()) -> Record:
        """Whoever leaves the reviewers out takes them away, so everything is sent. `there` is the pull request's own
        answer: lists leave reviewers out.
        """
        body = {
            "title": text(there, "title"),
            "description": text_or_nothing(there, "description"),
            "draft": there.get("draft") is True,
            "close_source_branch": there.get("close_source_branch") is True,
            "reviewers": [{"uuid": uuid} for uuid in (*_reviewers(there), *more)],
            **changes,
        }
        return self._client.send("PUT", f"{_PULLS}/{_id(there)}", body)

    def _listed(self, branch: str, states: Collection[str]) -> tuple[Record, ...]:
        """Without those of forks."""
        quoted = branch.replace("\\", "\\\\").replace('"', '\\"')
        asked = [*(("state", each) for each in states), ("q", f'source.branch.name="{quoted}"')]
        return tuple(each for each in self._pages(asked) if _branch(each) == branch)

    def _pages(self, asked: list[tuple[str, str]]) -> tuple[Record, ...]:
        """Oldest first: what others make or decline meanwhile moves none that is older to a page that was turned."""
        found = self._client.pages(_PULLS, [*asked, ("sort", "created_on"), ("pagelen", _PAGE)])
        return tuple(each for each in found if _is_own(each))

    def _opened(self, request: ChangeRequest) -> Record | None:
        """The oldest. Its twins are declined: to the same branch, and with the key in the body, so they are ours."""
        found = sorted(self._listed(request.branch, ["OPEN"]), key=_id)
        for twin in found[1:]:
            key = key_in(read(text_or_nothing(twin, "description")))
            if _branch(twin, "destination") == _branch(found[0], "destination") and key == request.key:
                self._declined(_id(twin))
        return found[0] if found else None

    def _declined(self, number_: int) -> Record:
        """Somebody else may have been quicker, and then Bitbucket refuses it."""
        try:
            return self._client.send("POST", f"{_PULLS}/{number_}/decline", {})
        except (HostRefusedError, HostConflictError):
            there = self._client.get(f"{_PULLS}/{number_}")
            if text(there, "state") == "OPEN":
                raise
            return there

    def _hosted(self, data: Record, head: str = "") -> HostedPullRequest:
        state = _STATES.get(text(data, "state"))
        if state is None:
            raise broken("a pull request is in a state of its own")
        body = read(text_or_nothing(data, "description"))
        return HostedPullRequest(
            number=str(_id(data)),
            url=_link(data),
            branch=_branch(data),
            target=_branch(data, "destination"),
            state=state,
            title=text(data, "title"),
            body=body,
            head=head or self._head(data),
            key=key_in(body) or "",
            content=facts_in(body).get("content", ""),
            draft=data.get("draft") is True,
            opened_at=text_or_nothing(data, "created_on"),
        )

    def _head(self, data: Record) -> str:
        """Bitbucket abbreviates it; a commit that is gone stays as it is."""
        commit = record(data.get("source")).get("commit")
        short = text(record(commit), "hash") if commit is not None else ""
        return (self._files.whole(short) or short) if short else ""

    def _comment(self, data: Record, pull_request: HostedPullRequest) -> Comment:
        body = read(text(record(data.get("content")), "raw"))
        author = _user(data)
        key = comment_key_in(body)
        return Comment(
            str(number(data, "id")),
            author,
            body,
            text(data, "created_on"),
            url=_link(data),
            key=key if key and author == self._own(pull_request) else "",
        )

    def _own(self, pull_request: HostedPullRequest) -> str:
        """Where the token may not ask who we are, we are who opened the pull request."""
        if own := self._people.own():
            return own
        if pull_request.number not in self._authors:
            self._authors[pull_request.number] = _author(self._client.get(_path(pull_request)))
        return self._authors[pull_request.number]


def _id(data: Record) -> int:
    return number(data, "id")


def _branch(data: Record, end: str = "source") -> str:
    return text(record(record(data.get(end)).get("branch")), "name")


def _is_own(data: Record) -> bool:
    """A fork that was deleted is no repository any more."""
    ends = (record(data.get(end)).get("repository") for end in ("source", "destination"))
    source, destination = (each.get("full_name") if isinstance(each, Mapping) else None for each in ends)
    return source is not None and source == destination


def _author(data: Record) -> str:
    return _uuid(data.get("author"))


def _user(data: Record) -> str:
    return _uuid(data.get("user"))


def _uuid(account: object) -> str:
    """Nobody, where the account is gone."""
    return text(record(account), "uuid").lower() if account is not None else ""


def _reviewers(data: Record) -> tuple[str, ...]:
    return tuple(_uuid(each) for each in records(data, "reviewers"))


def _link(data: Record) -> str:
    return text(record(record(data.get("links")).get("html")), "href")


def _path(pull_request: HostedPullRequest) -> str:
    if not pull_request.number.isascii() or not pull_request.number.isdigit():
        raise HostNotFoundError(f"{pull_request.number!r} is not the number of a pull request")
    return f"{_PULLS}/{pull_request.number}"


def _is_as(there: object, wanted: object) -> bool:
    return is_same(there, wanted) if isinstance(wanted, str) else there is wanted
