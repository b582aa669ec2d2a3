"""What is Bitbucket's own: see tests/contract/test_git_host.py for what every host keeps to."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from tests.contract.conftest import Bitbucket, start
from tests.contract.test_git_host import BEFORE, BETTER, BRANCH, FILES, KEY, change, opened

from iacfix.adapters.git_hosts.bitbucket import BitbucketHost
from iacfix.adapters.git_hosts.bitbucket_client import BitbucketToken
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
from iacfix.testing.bitbucket_server import BitbucketServer, Fault
from iacfix.testing.bitbucket_state import ACCESS_TOKEN, API_TOKEN, FULL_NAME, MAIL, Pull

BETTER_EDIT = Edit("main.tf", BEFORE, BETTER)
NOBODY = "{00000000-0000-4000-8000-000000000099}"


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Bitbucket]:
    with BitbucketServer(BareRepository(tmp_path / "repository")) as server:
        yield Bitbucket(server)


def connected(host: Bitbucket, token: BitbucketToken, *writers: str) -> BitbucketHost:
    return BitbucketHost(FULL_NAME, token, url=host.server.url, git_url=host.server.git_url, writers=writers)


def person(host: Bitbucket, nickname: str) -> str:
    return host.server.state.user(nickname).uuid


@pytest.mark.parametrize("token", [BitbucketToken(ACCESS_TOKEN), BitbucketToken(API_TOKEN, MAIL)])
def test_every_kind_of_token_reads_writes_and_pushes(host: Bitbucket, token: BitbucketToken) -> None:
    base = start(host, FILES)
    connection = connected(host, token)
    first = opened(connection, change(base))
    assert opened(connection, change(base, BETTER_EDIT), first.head).number == first.number
    assert token.value not in repr(token)


def test_a_token_that_is_not_taken(host: Bitbucket) -> None:
    start(host, FILES)
    with pytest.raises(HostForbiddenError, match="invalid, expired") as refused:
        connected(host, BitbucketToken("ATCTT3x-another-one")).base()
    assert "another-one" not in str(refused.value)


@pytest.mark.parametrize(
    ("repository", "token", "url"),
    [
        ("infra", BitbucketToken("x"), "https://api.bitbucket.org/2.0"),
        ("acme/..", BitbucketToken("x"), "https://api.bitbucket.org/2.0"),
        ("acme/infra/x", BitbucketToken("x"), "https://api.bitbucket.org/2.0"),
        (FULL_NAME, BitbucketToken(""), "https://api.bitbucket.org/2.0"),
        (FULL_NAME, BitbucketToken("x\r\nCookie: y"), "https://api.bitbucket.org/2.0"),
        (FULL_NAME, BitbucketToken("x", "a:b"), "https://api.bitbucket.org/2.0"),
        (FULL_NAME, BitbucketToken("x"), "http://api.bitbucket.org/2.0"),
        (FULL_NAME, BitbucketToken("x"), "https://me:secret@api.bitbucket.org/2.0"),
    ],
)
def test_what_cannot_be_a_connection(repository: str, token: BitbucketToken, url: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        BitbucketHost(repository, token, url=url)
    assert "secret" not in str(refused.value)


def test_an_empty_repository_has_no_base(host: Bitbucket) -> None:
    with pytest.raises(HostNotFoundError, match="no commit yet"):
        host.connect().base()


def test_nothing_that_people_see_is_html(host: Bitbucket) -> None:
    """Bitbucket shows it as it is written, comments too."""
    base = start(host, FILES)
    request = change(base)
    body = f"{request.body}\n<details><summary>Diff: 1 changed line</summary>\n\nthe diff\n\n</details>\n"
    found = opened(host.connect(), replace(request, body=body))
    description = host.server.state.pulls[0].description
    assert "<" not in description
    assert description.startswith(f"[//]: # (iacfix:key={KEY})\n")
    assert "**Diff: 1 changed line**\n\nthe diff\n" in description
    assert (found.key, found.content) == (KEY, request.content)
    host.connect().ensure_comment(found, "owners", "Hello.")
    assert host.server.state.pulls[0].remarks[0].raw == "[//]: # (iacfix:comment=owners)\n\nHello."
    # And what is there is known again: nothing is sent a second time.
    before = len(host.server.asked)
    opened(host.connect(), replace(request, body=body))
    assert not [each for each in host.server.asked[before:] if each.startswith("P")]


def test_a_change_takes_no_reviewer_away(host: Bitbucket) -> None:
    base = start(host, FILES)
    connection = host.connect()
    found = opened(connection, change(base))
    gone, team = Person(NOBODY), Person("acme/platform", is_team=True)
    asked = [Person("ann"), gone, team, Person("sid"), Person("bot")]
    assert connection.ensure_reviewers(found, asked) == (gone, team, Person("sid"), Person("bot"))
    changed = opened(connection, replace(change(base), title="Another", draft=True))
    assert (changed.title, changed.draft) == ("Another", True)
    assert [each.nickname for each in host.server.state.pulls[0].reviewers] == ["ann"]
    host.server.state.users.append(replace(host.server.state.user("ann"), uuid=NOBODY))
    assert host.connect().ensure_reviewers(found, [Person("ann")]) == (Person("ann"),)  # two have that name


@pytest.mark.parametrize("others", [(), ("bot", "sid")])
def test_default_reviewers_are_asked_as_bitbuckets_own_page_does(host: Bitbucket, others: tuple[str, ...]) -> None:
    """Those who cannot be asked, as the author, keep nobody else from it."""
    base = start(host, FILES)
    state = host.server.state
    state.default_reviewers = [state.user(name) for name in (*others, "ann", "rea")]
    opened(host.connect(), change(base))
    assert [each.nickname for each in state.pulls[0].reviewers] == ["ann", "rea"]
    state.pulls[0].reviewers = []  # a person has taken them away
    opened(host.connect(), change(base, BETTER_EDIT), host.repository.head(BRANCH) or "")
    assert state.pulls[0].reviewers == []


def test_people_are_known_by_all_that_files_of_owners_name(host: Bitbucket) -> None:
    base = start(host, FILES)
    ann = host.server.state.user("ann")
    unknown = [Person(name) for name in ('x") OR (user.email IN ("ann@example.com', "557058:" + NOBODY[1:-1], " ")]
    found = opened(host.connect(), change(base))
    for name in (ann.uuid, ann.uuid.upper(), ann.account_id, ann.mail, "Ann"):
        host.server.state.pulls[0].reviewers = []
        assert host.connect().ensure_reviewers(found, [Person(name), *unknown]) == tuple(unknown), name
        assert host.server.state.pulls[0].reviewers == [ann]
    host.server.state.pulls[0].reviewers = []
    host.server.state.administers = False
    assert host.connect().ensure_reviewers(found, [Person(ann.mail)]) == (Person(ann.mail),)


def test_labels_are_none(host: Bitbucket) -> None:
    base = start(host, FILES)
    found = opened(host.connect(), change(base))
    assert not host.connect().limits.labels
    assert host.connect().ensure_labels(found, ["iac", "iac", "x"]) == ("iac", "x")


def test_who_may_do_what(host: Bitbucket) -> None:
    """By the UUID that comments are by; a nickname is one that anybody may choose."""
    start(host, FILES)
    state = host.server.state
    asked = {name: host.connect().access(person(host, name)) for name in ("bot", "ann", "rea", "sid")}
    assert asked == {"bot": Access.WRITE, "ann": Access.WRITE, "rea": Access.READ, "sid": Access.NONE}
    state.private = False
    assert host.connect().access(person(host, "sid")) is Access.READ
    state.user("rea").nickname = "ann"
    assert host.connect().access("ann") is Access.NONE


def test_a_token_that_is_no_administrators_may_not_ask_who_writes(host: Bitbucket) -> None:
    start(host, FILES)
    host.server.state.administers = False
    with pytest.raises(HostForbiddenError, match="administrators"):
        host.connect().access(person(host, "ann"))
    told = connected(host, BitbucketToken(ACCESS_TOKEN), person(host, "ann").upper())
    assert [told.access(person(host, name)) for name in ("ann", "rea")] == [Access.WRITE, Access.NONE]


def test_a_token_that_may_not_ask_who_it_is_still_says_things_once(host: Bitbucket) -> None:
    base = start(host, FILES)
    host.server.state.knows_itself = False
    found = opened(host.connect(), change(base))
    host.comment_by_hand(found.number, "<!-- iacfix:comment=owners -->\nnot from iacfix")
    first = host.connect().ensure_comment(found, "owners", "First.")
    second = host.connect().ensure_comment(found, "owners", "Second.")
    assert (first.id, second.key) == (second.id, "owners")
    assert [each.key for each in host.connect().comments(found)] == ["", "owners"]
    assert host.connect().ensure_reviewers(found, [Person("ann"), Person(person(host, "ann"))]) == (Person("ann"),)


def test_after_another_token_opened_it_a_comment_is_still_one(host: Bitbucket) -> None:
    """A token that was renewed is somebody else, and may not know it."""
    base = start(host, FILES)
    host.server.state.knows_itself = False
    found = opened(host.connect(), change(base))
    host.server.state.pulls[0].author = host.server.state.user("rea")
    for _ in range(3):
        host.connect().ensure_comment(found, "owners", "Hello.")
    assert len([each for each in host.server.state.pulls[0].remarks if not each.deleted]) == 1


def test_of_pull_requests_that_were_made_at_once_the_first_stays(host: Bitbucket) -> None:
    base = start(host, FILES)
    host.server.state.makes_twins = True
    host.connect().ensure_branch(change(base))
    connections = [host.connect() for _ in range(5)]
    with ThreadPoolExecutor(len(connections)) as pool:
        found = list(pool.map(lambda each: opened(each, change(base)), connections))
    assert {each.number for each in found} == {"1"}
    assert [each.number for each in host.connect().open_pull_requests()] == ["1"]


def test_forks_and_other_branches_are_somebody_elses(host: Bitbucket) -> None:
    base = start(host, FILES)
    state = host.server.state
    for at, repository in enumerate(("mallory/infra", ""), 1):  # a fork that was deleted has no repository
        fork = Pull(at, state.user("sid"), BRANCH, "main", "t", change(base).body, base, state.now())
        fork.source_repository = repository
        state.pulls.append(fork)
    found = opened(host.connect(), change(base))
    assert found.number == "3"
    assert host.connect().pull_requests(BRANCH) == host.connect().open_pull_requests() == (found,)


def test_a_head_is_told_whole_and_stays_short_where_it_is_gone(host: Bitbucket) -> None:
    base = start(host, FILES)
    found = opened(host.connect(), change(base))
    assert host.connect().pull_requests(BRANCH)[0].head == host.repository.head(BRANCH)
    host.server.state.pulls[0].state, host.server.state.pulls[0].head = "SUPERSEDED", "f" * 40
    (gone,) = host.connect().pull_requests(BRANCH)
    assert (gone.number, gone.head, gone.state) == (found.number, "f" * 12, PullRequestState.CLOSED)


def test_a_restricted_branch_is_refused_in_bitbuckets_words(host: Bitbucket) -> None:
    base = start(host, FILES)
    first = opened(host.connect(), change(base))
    host.server.state.restricted = {BRANCH}
    with pytest.raises(HostRefusedError, match="see branch restrictions"):
        host.connect().ensure_branch(change(base, BETTER_EDIT), replacing=first.head)
    with pytest.raises(HostRefusedError, match="see branch restrictions"):
        host.connect().delete_branch(BRANCH, first.head)
    assert host.repository.head(BRANCH) == first.head
    host.server.state.restricted.add("iacfix/new")
    with pytest.raises(HostForbiddenError, match="permission to write"):
        host.connect().ensure_branch(replace(change(base), branch="iacfix/new"))


@pytest.mark.parametrize("verb", ["POST /2.0/repositories/acme/infra/src", "POST /acme/infra.git"])
def test_a_person_who_is_quicker_loses_nothing(host: Bitbucket, verb: str) -> None:
    """They commit to the branch just before each request that writes."""
    base = start(host, FILES)
    request = change(base)
    replacing = host.connect().ensure_branch(request) if "git" in verb else ""
    wanted = change(base, BETTER_EDIT) if replacing else request
    probe = BareRepository(host.repository.folder)
    theirs: list[str] = []

    def act() -> None:
        if host.server.asked[-1].startswith(verb) and not theirs:
            theirs.append(probe.commit_files(BRANCH, {"main.tf": b"# theirs\n"}, "theirs\n"))

    before = len(host.server.asked)
    host.server.meanwhile = dict.fromkeys(range(before + 1, before + 60), act)
    with pytest.raises(HostConflictError):
        host.connect().ensure_branch(wanted, replacing=replacing)
    assert [host.repository.head(BRANCH)] == theirs


def test_names_that_lead_elsewhere_and_paths_that_a_form_cannot_hold(host: Bitbucket) -> None:
    base = start(host, {**FILES, 'a"b.tf': BEFORE})
    for name in ("../../x", "iacfix//x", ""):
        with pytest.raises(HostRefusedError):
            host.connect().branch(name, base)
    with pytest.raises(HostRefusedError, match="cannot take the path"):
        host.connect().ensure_branch(change(base, Edit('a"b.tf', BEFORE, BETTER)))
    assert dict(host.repository.branches()) == {"main": base}


ANSWERS: dict[str, tuple[Fault, type[GitHostError], str]] = {
    "limit": (Fault(429, "{}", {"Retry-After": "7"}), HostRateLimitedError, "try again in 7 seconds"),
    "limit without a time": (Fault(429, "{}"), HostRateLimitedError, "try again in 60 seconds"),
    "words, detail and fields": (
        Fault(400, '{"type":"error","error":{"message":"Bad","detail":"D","fields":{"title":["too long"]}}}'),
        HostRefusedError,
        "Bad D title too long",
    ),
    "unauthorized": (Fault(401, "{}"), HostForbiddenError, "credentials"),
    "forbidden": (Fault(403, '{"error": {"message": "no"}}'), HostForbiddenError, "no"),
    "gone": (Fault(410, "{}"), HostNotFoundError, "does not have it"),
    "conflict": (Fault(412, "{}"), HostConflictError, "in the way"),
    "elsewhere": (Fault(301, "", {"Location": "https://evil.example"}), HostRefusedError, "leads somewhere else"),
    "its own fault": (Fault(555, "<html>"), HostUnavailableError, "555"),
    "no JSON": (Fault(200, "<html>"), HostUnavailableError, "no JSON"),
    "another form": (Fault(200, '{"mainbranch": {"name": 7}}'), HostUnavailableError, "name is no text"),
    "a credential in words": (Fault(400, f'{{"error": "{ACCESS_TOKEN} ATBBxxxxxxxxxxxx"}}'), HostRefusedError, "***"),
}


@pytest.mark.parametrize("which", sorted(ANSWERS))
def test_answers_are_errors_of_ours(host: Bitbucket, which: str) -> None:
    fault, error, words = ANSWERS[which]
    host.server.faults = {1: fault}
    with pytest.raises(error) as raised:
        host.connect().base()
    assert words in str(raised.value)
    assert not any(secret in str(raised.value) for secret in (ACCESS_TOKEN, "ATBBx", "evil.example"))


def test_the_next_page_is_nowhere_else(host: Bitbucket) -> None:
    start(host, FILES)
    host.server.faults = {1: Fault(200, '{"values": [], "next": "https://evil.example/2.0/x"}')}
    with pytest.raises(HostUnavailableError, match="somewhere else"):
        host.connect().open_pull_requests()
    assert len(host.server.asked) == 1


def test_a_limit_is_waited_for(host: Bitbucket) -> None:
    slept: list[float] = []

    class Turned:
        def now(self) -> float:
            return sum(slept)

        def sleep(self, seconds: float) -> None:
            slept.append(seconds)

    base = start(host, FILES)
    host.server.faults = {1: Fault(429, "{}", {"Retry-After": "7"}), 3: Fault(429, "{}", {"Retry-After": "90"})}
    token = BitbucketToken(ACCESS_TOKEN)
    patient = BitbucketHost(FULL_NAME, token, url=host.server.url, git_url=host.server.git_url, clock=Turned())
    with pytest.raises(HostRateLimitedError, match="in 90 seconds"):
        patient.base()
    assert slept == [7.0]
    assert patient.base().commit == base


def test_nobody_there() -> None:
    gone = BitbucketHost(FULL_NAME, BitbucketToken(ACCESS_TOKEN), url="http://127.0.0.1:9/2.0")
    with pytest.raises(HostUnavailableError, match="cannot be reached") as raised:
        gone.base()
    assert ACCESS_TOKEN not in str(raised.value)
