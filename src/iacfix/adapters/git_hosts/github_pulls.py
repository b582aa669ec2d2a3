"""Pull requests on GitHub: opened, kept as they should be, closed; with labels, reviewers and comments."""

from collections.abc import Collection, Iterator, Mapping

from iacfix.adapters.git_hosts.answers import items, number, record, segment, text
from iacfix.adapters.git_hosts.github_api import Api
from iacfix.domain.change_request import (
    ChangeRequest,
    Comment,
    HostedPullRequest,
    Person,
    PullRequestState,
)
from iacfix.domain.errors import GitHostError, HostNotFoundError, HostRefusedError
from iacfix.domain.marks import comment_key_in, comment_marker, facts_in, key_in

_LABEL_COLOUR = "ededed"  # the one GitHub gives where nobody chose
_MAX_LABEL = 50
_DRAFT = (
    "mutation($id: ID!) { convertPullRequestToDraft(input: {pullRequestId: $id}) { clientMutationId } }",
    "mutation($id: ID!) { markPullRequestReadyForReview(input: {pullRequestId: $id}) { clientMutationId } }",
)
_VIEWER = "query { viewer { login } }"

Json = Mapping[str, object]


class Pulls:
    """Of one repository, whose id and owner GitHub has told."""

    def __init__(self, api: Api, repository_id: int, owner: str) -> None:
        self._api = api
        self._repository_id = repository_id
        self._owner = owner
        self._login = ""

    def of(self, branch: str) -> list[Json]:
        """Newest first. A `head` that GitHub cannot read lists everything, so that each is looked at again."""
        found = self._api.pages("/pulls", head=f"{self._owner}:{branch}", state="all", sort="created", direction="desc")
        return [each for each in found if self._branch(each) == branch]

    def open(self, prefix: str) -> Iterator[Json]:
        found = self._api.pages("/pulls", state="open", sort="created", direction="desc")
        return (each for each in found if self._branch(each).startswith(prefix))

    def get(self, which: str) -> Json:
        if not which.isdecimal():
            raise HostNotFoundError(f"there is no pull request {which[:40]!r}")
        return self._api.get(f"/pulls/{which}")

    def ensure(self, request: ChangeRequest, target: str) -> Json:
        """GitHub keeps at most one open pull request from a branch to another; of several at once one opens it."""
        found = self._open_one(request)
        if found is None:
            try:
                found = self._opened(request, target)
            except HostRefusedError:
                found = self._open_one(request)  # somebody was quicker
                if found is None:
                    raise
        return self._kept(found, request, target)

    def close(self, which: str) -> Json:
        found = self.get(which)
        if text(found, "state") != "open":
            return found
        try:
            return record(self._api.send("PATCH", f"/pulls/{which}", {"state": "closed"}))
        except HostRefusedError:
            found = self.get(which)
            if text(found, "state") != "open":  # merged or closed meanwhile
                return found
            raise

    def add_labels(self, which: str, labels: Collection[str]) -> tuple[str, ...]:
        """All at once; where GitHub would not, one by one, each made where it is not there. Answers with the rest."""
        there = {text(each, "name").lower() for each in items(self.get(which), "labels")}
        missing = [label for label in dict.fromkeys(labels) if label.lower() not in there]
        wanted = [label for label in missing if label.strip() and len(label) <= _MAX_LABEL]
        refused = [label for label in missing if label not in wanted]
        if wanted and not self._taken(which, wanted):
            refused += [label for label in wanted if not (self._made(label) and self._taken(which, [label]))]
        return tuple(refused)

    def ask(self, which: str, people: Collection[Person]) -> tuple[Person, ...]:
        """Those who were asked or have reviewed already are left alone. Answers with those GitHub does not take."""
        found = self.get(which)
        asked = self._asked(found)
        reviewers = self._api.pages(f"/pulls/{which}/reviews")
        asked |= {text(record(each["user"]), "login").lower() for each in reviewers if each.get("user")}
        known = {person: self._name(person) for person in dict.fromkeys(people)}
        wanted = [person for person, name in known.items() if name and name not in asked]
        if wanted:
            asked |= self._answered(which, wanted)
        missing = [person for person in wanted if known[person] not in asked]
        if len(wanted) > 1:
            for person in missing:
                asked |= self._answered(which, [person])
        return tuple(person for person, name in known.items() if name not in asked)

    def comments(self, which: str) -> tuple[Comment, ...]:
        listed = list(self._api.pages(f"/issues/{which}/comments"))
        ours = self.login() if any(comment_key_in(_body(each)) for each in listed) else ""
        return tuple(_comment(each, ours) for each in sorted(listed, key=lambda each: number(each, "id")))

    def ensure_comment(self, which: str, key: str, body: str) -> Comment:
        """Processes that write it at once each look afterwards: the oldest stays, and the others are taken away."""
        said = f"{comment_marker(key)}\n{body}"
        login = self.login()
        ours = self._with_key(which, key)
        if not ours:
            made = record(self._api.send("POST", f"/issues/{which}/comments", {"body": said}))
            ours = self._with_key(which, key) or [_comment(made, login)]
        for surplus in ours[1:]:
            try:
                self._api.send("DELETE", f"/issues/comments/{surplus.id}", {})
            except HostNotFoundError:
                continue  # another process was quicker
        if _same(ours[0].body, said):
            return ours[0]
        written = self._api.send("PATCH", f"/issues/comments/{ours[0].id}", {"body": said})
        return _comment(record(written), login)

    def login(self) -> str:
        """Ours, as comments name it: `slug[bot]` for a GitHub App. REST does not tell it to an App's tokens."""
        if not self._login:
            viewer = record(self._api.graphql(_VIEWER, {}).get("viewer"))
            self._login = text(viewer, "login")
        return self._login

    def _open_one(self, request: ChangeRequest) -> Json | None:
        """That of ours before any that a person has opened from the branch."""
        found = [each for each in self.of(request.branch) if text(each, "state") == "open"]
        ours = [each for each in found if key_in(_body(each)) == request.key]
        return next(iter([*ours, *found]), None)

    def _opened(self, request: ChangeRequest, target: str) -> Json:
        body: dict[str, object] = {"title": request.title, "head": request.branch, "base": target, "body": request.body}
        try:
            return record(self._api.send("POST", "/pulls", {**body, "draft": request.draft}))
        except HostRefusedError as error:
            if not (request.draft and "draft" in str(error).lower()):
                raise
            return record(self._api.send("POST", "/pulls", body))  # the repository's plan has none

    def _kept(self, found: Json, request: ChangeRequest, target: str) -> Json:
        wanted = {"title": request.title, "body": request.body, "base": target}
        has = {"title": text(found, "title"), "body": _body(found), "base": text(record(found.get("base")), "ref")}
        changed = {name: value for name, value in wanted.items() if not _same(has[name], value)}
        if changed:
            found = record(self._api.send("PATCH", f"/pulls/{number(found, 'number')}", changed))
        if bool(found.get("draft")) != request.draft:
            try:
                self._api.graphql(_DRAFT[not request.draft], {"id": text(found, "node_id")})
            except HostRefusedError as error:
                if not (request.draft and "draft" in str(error).lower()):
                    raise
            found = self.get(str(number(found, "number")))
        return found

    def _branch(self, found: Json) -> str:
        """Empty where it is one of another repository, or of a fork that is gone."""
        head = record(found.get("head"))
        if head.get("repo") is None or record(head["repo"]).get("id") != self._repository_id:
            return ""
        return text(head, "ref")

    def _taken(self, which: str, labels: list[str]) -> bool:
        try:
            answer = self._api.send("POST", f"/issues/{which}/labels", {"labels": labels})
        except (HostRefusedError, HostNotFoundError):
            return False
        there = {text(record(each), "name").lower() for each in answer} if isinstance(answer, list) else set()
        return {label.lower() for label in labels} <= there

    def _made(self, label: str) -> bool:
        try:
            self._api.get(f"/labels/{segment(label)}")
        except HostNotFoundError:
            try:
                self._api.send("POST", "/labels", {"name": label, "color": _LABEL_COLOUR})
            except (HostRefusedError, HostNotFoundError):
                return False
        except HostRefusedError:
            return False
        return True

    def _name(self, person: Person) -> str:
        """As `_asked` has it; "" for whom GitHub cannot be asked for: an address, or a team of another organization."""
        name = person.name.removeprefix("@").lower()
        if not person.is_team:
            return "" if "@" in name or "/" in name else name
        organization, _, slug = name.partition("/")
        return f"team/{slug}" if organization == self._owner.lower() and slug else ""

    def _answered(self, which: str, people: list[Person]) -> set[str]:
        """Who is asked now; nobody where GitHub refused."""
        names = [self._name(person) for person in people]
        body = {
            "reviewers": [name for name in names if not name.startswith("team/")],
            "team_reviewers": [name.removeprefix("team/") for name in names if name.startswith("team/")],
        }
        try:
            answer = self._api.send("POST", f"/pulls/{which}/requested_reviewers", body)
        except (HostRefusedError, HostNotFoundError):
            return set()
        return self._asked(record(answer))

    @staticmethod
    def _asked(found: Json) -> set[str]:
        users = items(found, "requested_reviewers") if "requested_reviewers" in found else []
        teams = items(found, "requested_teams") if "requested_teams" in found else []
        return {text(each, "login").lower() for each in users} | {
            f"team/{text(each, 'slug').lower()}" for each in teams
        }

    def _with_key(self, which: str, key: str) -> list[Comment]:
        return [each for each in self.comments(which) if each.key == key]


def hosted(found: Json) -> HostedPullRequest:
    body = _body(found)
    state = PullRequestState.OPEN if text(found, "state") == "open" else PullRequestState.CLOSED
    head = record(found.get("head"))
    return HostedPullRequest(
        number=str(number(found, "number")),
        url=text(found, "html_url"),
        branch=text(head, "ref"),
        target=text(record(found.get("base")), "ref"),
        state=PullRequestState.MERGED if found.get("merged_at") else state,
        title=text(found, "title"),
        body=body,
        head=text(head, "sha"),
        key=key_in(body) or "",
        content=facts_in(body).get("content", ""),
        draft=bool(found.get("draft")),
        labels=tuple(text(each, "name") for each in items(found, "labels")),
        opened_at=text(found, "created_at"),
    )


def _comment(found: Json, ours: str) -> Comment:
    """`ours` is our login: a marker in anybody else's comment is not one."""
    user = found.get("user")
    author = text(record(user), "login") if user is not None else "ghost"
    body = _body(found)
    key = comment_key_in(body) if ours and author == ours else ""
    return Comment(str(number(found, "id")), author, body, text(found, "created_at"), text(found, "html_url"), key)


def _body(found: Json) -> str:
    return text(found, "body") if found.get("body") is not None else ""


def _same(one: str, other: str) -> bool:
    """GitHub may end lines its own way."""
    return one.replace("\r\n", "\n").strip() == other.replace("\r\n", "\n").strip()


def check_comment(body: str, most: int) -> None:
    if len(body) > most:
        raise GitHostError(f"the comment is longer than {most} characters")
