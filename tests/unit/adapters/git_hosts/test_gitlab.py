"""What is GitLab's own: see tests/contract/test_git_host.py for what every host keeps to."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from tests.contract.conftest import GitLab, start
from tests.contract.test_git_host import BEFORE, BETTER, BRANCH, FILES, change, opened

from iacfix.adapters.git_hosts.gitlab import GitLabHost
from iacfix.adapters.git_hosts.gitlab_client import GitLabToken, TokenKind
from iacfix.domain.change_request import Access, Person, PullRequestState
from iacfix.domain.errors import (
    ConfigurationError,
    GitHostError,
    HostConflictError,
    HostForbiddenError,
    HostNotFoundError,
    HostRateLimitedError,
    HostRefusedError,
    HostUnavailableError,
)
from iacfix.domain.proposal import Edit
from iacfix.testing.bare_repository import BareRepository
from iacfix.testing.gitlab_server import Fault, GitLabServer
from iacfix.testing.gitlab_state import (
    DEFAULT_TOKEN,
    FORK_ID,
    PROJECT_ID,
    PROJECT_PATH,
    REPORTER,
    MergeRequest,
    Note,
    User,
)

BETTER_EDIT = Edit("main.tf", BEFORE, BETTER)


@pytest.fixture
def host(tmp_path: Path) -> Iterator[GitLab]:
    with GitLabServer(BareRepository(tmp_path / "repository")) as server:
        yield GitLab(server)


def merge(host: GitLab, **facts: object) -> MergeRequest:
    state = host.server.state
    made = MergeRequest(len(state.merges) + 1, state.user("ann"), BRANCH, "main", "t", "", "0" * 40, state.now())
    for name, value in facts.items():
        setattr(made, name, value)
    state.merges.append(made)
    return made


@pytest.mark.parametrize("kind", TokenKind)
def test_every_kind_of_token_reads_writes_and_pushes(host: GitLab, kind: TokenKind) -> None:
    base = start(host, FILES)
    secret = GitLabToken("another-secret", kind)
    host.server.state.tokens = {(kind.value, "another-secret"): host.server.state.user("iacfix-bot")}
    connection = GitLabHost(str(PROJECT_ID), secret, url=f"{host.server.url}/")
    first = opened(connection, change(base))
    assert opened(connection, change(base, BETTER_EDIT), first.head).number == first.number
    assert "another-secret" not in repr(secret)


def test_the_default_branch_is_asked_anew(host: GitLab) -> None:
    base = start(host, FILES)
    connection = host.connect()
    assert connection.base().branch == "main"
    host.repository.move("trunk", base)
    host.repository.default_branch = "trunk"
    assert connection.base().branch == "trunk"
    assert opened(connection, replace(change(base), target="")).target == "trunk"


def test_an_empty_project_has_no_base(host: GitLab) -> None:
    with pytest.raises(HostNotFoundError, match="no commit yet"):
        host.connect().base()


def test_long_lists_are_read_to_their_end(host: GitLab) -> None:
    base = start(host, {**FILES, **{f"{at}.tf": b"%d" % at for at in range(7)}})
    connection = host.connect()
    assert [connection.read(f"{at}.tf", base) for at in range(7)] == [b"%d" % at for at in range(7)]
    for at in range(5):
        merge(host, source_branch=f"iacfix/{at}/x")
        merge(host, state="closed")
    assert len(connection.open_pull_requests()) == 5
    assert [each.number for each in connection.pull_requests(BRANCH)] == ["10", "8", "6", "4", "2"]


def test_forks_and_other_branches_are_left_out(host: GitLab) -> None:
    base = start(host, FILES)
    merge(host, source_project_id=FORK_ID)
    merge(host, source_project_id=None)
    merge(host, source_branch="feature")
    assert host.connect().pull_requests(BRANCH) == ()
    assert host.connect().open_pull_requests() == ()
    assert opened(host.connect(), change(base)).number == "4"


def test_two_that_were_let_in_at_once_become_one(host: GitLab) -> None:
    """GitLab looks for an open one before it writes, and not in one step."""
    base = start(host, FILES)
    request = change(base)
    commit = host.connect().ensure_branch(request)
    before = len(host.server.asked)

    def let_in() -> None:
        if host.server.asked[-1].startswith("GET") and host.count() == 1:
            merge(host, description=request.body, title=request.title)

    host.server.meanwhile = dict.fromkeys(range(before + 1, before + 20), let_in)
    found = host.connect().ensure_pull_request(request, commit)
    host.server.meanwhile = {}
    states = {each.number: each.state for each in host.connect().pull_requests(BRANCH)}
    assert states == {"2": PullRequestState.OPEN, "1": PullRequestState.CLOSED}
    assert found.number == "2"


def test_one_of_a_person_from_the_same_branch_stays_open(host: GitLab) -> None:
    base = start(host, FILES)
    commit = host.connect().ensure_branch(change(base))
    theirs = merge(host, description="mine")
    merge(host, description=change(base).body, target_branch="other")
    host.connect().ensure_pull_request(change(base), commit)
    assert theirs.state == "opened"


def test_a_draft_is_one_by_its_title(host: GitLab) -> None:
    base = start(host, FILES)
    request = replace(change(base), draft=True)
    found = opened(host.connect(), request)
    assert host.server.state.merges[0].title == f"Draft: {request.title}"
    assert (found.draft, found.title) == (True, request.title)
    ready = opened(host.connect(), change(base))
    assert (ready.draft, ready.title, ready.number) == (False, request.title, found.number)
    long = replace(change(base), draft=True, title="x" * host.connect().limits.max_title_length)
    assert opened(host.connect(), long).title == long.title


def test_a_text_gives_no_orders_to_gitlab(host: GitLab) -> None:
    base = start(host, FILES)
    orders = "/merge\n  /close\n/label ~x\n/ not one\na /path\n"
    request = replace(change(base), body=f"{change(base).body}\n{orders}")
    found = opened(host.connect(), request)
    assert "\\/merge" in host.server.state.merges[0].description
    assert found.body == request.body
    before = len(host.server.asked)
    assert opened(host.connect(), request) == found
    assert not [each for each in host.server.asked[before:] if each.startswith("PUT")]
    said = host.connect().ensure_comment(found, "explain", orders)
    assert said.body.endswith(orders)
    assert host.connect().ensure_comment(found, "explain", orders) == said


def test_labels_that_gitlab_does_not_take_are_told(host: GitLab) -> None:
    base = start(host, FILES)
    found = opened(host.connect(), change(base))
    assert host.connect().ensure_labels(found, ["a,b", " ", "security"]) == ("a,b", " ")
    assert host.server.state.merges[0].labels == ["security"]


def test_reviewers_that_gitlab_does_not_take_are_told(host: GitLab) -> None:
    base = start(host, FILES)
    state = host.server.state
    state.users.append(User(5, "gone", state="blocked"))
    connection = host.connect()
    found = opened(connection, change(base))
    group = Person("acme/security", is_team=True)
    unknown, outside, author, gone = (Person(each) for each in ("nobody", "sid", "iacfix-bot", "gone"))
    asked = [group, unknown, outside, author, gone, Person("Ann")]
    assert connection.ensure_reviewers(found, asked) == (group, unknown, outside, author, gone)
    assert connection.ensure_reviewers(found, [Person("ann@example.com"), Person("gus")]) == ()
    assert [each.username for each in state.merges[0].reviewers] == ["ann", "gus"]


def test_on_a_plan_with_one_reviewer_the_others_are_told(host: GitLab) -> None:
    base = start(host, FILES)
    host.server.state.plan_reviewers = 1
    found = opened(host.connect(), change(base))
    assert host.connect().ensure_reviewers(found, [Person("ann"), Person("gus")]) == (Person("gus"),)


def test_access_is_by_role(host: GitLab) -> None:
    state = host.server.state
    state.users += [User(6, "rita", level=REPORTER), User(7, "left", state="blocked")]
    names = ("ann", "rita", "gus", "sid", "left", "nobody")
    given = [host.connect().access(each) for each in names]
    none, read = Access.NONE, Access.READ
    assert given == [Access.WRITE, read, none, none, none, none]
    state.visibility = "public"
    assert [host.connect().access(each) for each in names] == [Access.WRITE, read, read, read, read, none]


def test_notes_of_the_system_are_no_comments(host: GitLab) -> None:
    base = start(host, FILES)
    found = opened(host.connect(), change(base))
    state = host.server.state
    for at in range(5):
        state.merges[0].notes.append(Note(at, state.user("ann"), f"n{at}", state.now(), system=at % 2 == 0))
    said = host.connect().comments(found)
    assert [(each.author, each.body, each.key) for each in said] == [("ann", "n1", ""), ("ann", "n3", "")]
    assert said[0].url == f"{found.url}#note_1"


def test_two_comments_that_were_made_at_once_become_one(host: GitLab) -> None:
    base = start(host, FILES)
    found = opened(host.connect(), change(base))
    connections = [host.connect() for _ in range(4)]
    with ThreadPoolExecutor(len(connections)) as pool:
        said = set(pool.map(lambda each: each.ensure_comment(found, "closed", "Closed."), connections))
    state = host.server.state
    marked = state.merges[0].notes[0].body
    for who in ("ann", "iacfix-bot"):
        state.merges[0].notes.append(Note(state.next_id(), state.user(who), marked, state.now()))
    said.add(host.connect().ensure_comment(found, "closed", "Closed."))
    assert [each.author for each in host.connect().comments(found)] == ["iacfix-bot", "ann"]
    assert len(said) == 1


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        (Fault(401, '{"message": "401 Unauthorized"}'), HostForbiddenError, "401 Unauthorized"),
        (Fault(403, '{"error": "insufficient_scope", "error_description": "more"}'), HostForbiddenError, "more"),
        (Fault(404, '{"message": "404 Project Not Found"}'), HostNotFoundError, "404 Project Not Found"),
        (Fault(409, '{"message": ["Another one"]}'), HostConflictError, "Another one"),
        (Fault(412, "{}"), HostConflictError, "in the way"),
        (Fault(400, '{"message": {"title": ["is too long"]}}'), HostRefusedError, "title is too long"),
        (Fault(422, f'{{"message": "no {DEFAULT_TOKEN} here"}}'), HostRefusedError, r"no \*\*\* here"),
        (Fault(413, "<html>too much</html>"), HostRefusedError, "413"),
        (Fault(502, "<html>nginx</html>"), HostUnavailableError, r"fault \(502\)"),
        (Fault(200, "<html>sign in</html>"), HostUnavailableError, "no JSON"),
        (Fault(200, "[]"), HostUnavailableError, "no object"),
        (Fault(200, "{}"), HostNotFoundError, "no commit yet"),
        (Fault(302, "", {"Location": "http://127.0.0.1:9/"}), HostRefusedError, "leads somewhere else"),
        (Fault(), HostUnavailableError, "cannot be reached"),
    ],
)
def test_what_gitlab_answers_is_told(host: GitLab, fault: Fault, error: type[GitHostError], words: str) -> None:
    start(host, FILES)
    host.server.faults = {1: fault}
    with pytest.raises(error, match=words) as raised:
        host.connect().base()
    assert DEFAULT_TOKEN not in f"{raised.value}{raised.value.remedy}{raised.value.__cause__}"
    assert "127.0.0.1" not in str(raised.value)


@pytest.mark.parametrize(
    ("headers", "least", "most"),
    [
        ({"Retry-After": "7", "RateLimit-Reset": "1"}, 7, 7),
        ({"RateLimit-Reset": "in 500 s"}, 490, 501),
        ({"RateLimit-Reset": "1"}, 1, 1),
        ({"Retry-After": "soon"}, 60, 60),
        ({}, 60, 60),
    ],
)
def test_a_rate_limit_tells_when_to_come_back(host: GitLab, headers: dict[str, str], least: int, most: int) -> None:
    base = start(host, FILES)
    first = opened(host.connect(), change(base))
    headers = {name: value.replace("in 500 s", str(int(time.time()) + 500)) for name, value in headers.items()}
    for path in ("projects", "git-receive-pack"):
        asked = len(host.server.asked)
        host.server.faults = {
            at: Fault(429, "Retry later\n", headers)
            for at in range(asked + (1 if path == "projects" else 11), asked + 20)
        }
        with pytest.raises(HostRateLimitedError, match="Retry later") as raised:
            host.connect().ensure_branch(change(base, BETTER_EDIT), replacing=first.head)
        assert least <= raised.value.seconds <= most
        host.server.faults = {}


def test_a_token_does_not_follow_a_redirect(host: GitLab) -> None:
    base = start(host, FILES)
    for at, status in ((1, 301), (1, 307)):
        asked = len(host.server.asked)
        host.server.faults = {asked + at: Fault(status, "", {"Location": f"{host.server.url}/elsewhere"})}
        with pytest.raises(HostRefusedError):
            host.connect().ensure_branch(change(base))
        assert len(host.server.asked) == asked + at


@pytest.mark.parametrize(
    ("url", "project", "token"),
    [
        ("gitlab.com", PROJECT_PATH, "t"),
        ("ftp://gitlab.com", PROJECT_PATH, "t"),
        ("https://me:secret@gitlab.com", PROJECT_PATH, "t"),
        ("https://gitlab.com?private_token=secret", PROJECT_PATH, "t"),
        ("https://gitlab.com", "/", "t"),
        ("https://gitlab.com", PROJECT_PATH, ""),
    ],
)
def test_an_address_that_is_none_is_refused(url: str, project: str, token: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        GitLabHost(project, GitLabToken(token), url=url)
    assert "secret" not in str(raised.value)


def test_a_number_that_is_none_is_not_asked_for(host: GitLab) -> None:
    base = start(host, FILES)
    found = replace(opened(host.connect(), change(base)), number="../1")
    with pytest.raises(HostNotFoundError):
        host.connect().close(found)
    with pytest.raises(HostRefusedError):
        host.connect().branch("..", base)


def test_what_comes_back_from_the_host_is_what_was_asked_for(host: GitLab) -> None:
    base = start(host, FILES)
    blob = '{"content": "eA==", "encoding": "base64"}'
    host.server.faults = {3: Fault(200, blob)}
    with pytest.raises(HostUnavailableError, match="not whole"):
        host.connect().read("main.tf", base)
    assert host.connect().read("main.tf", base) == BEFORE
