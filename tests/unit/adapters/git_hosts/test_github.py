"""What GitHub has of its own. What every host keeps to is in tests/contract."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from tests.contract.conftest import GitHub, start, unhurried
from tests.contract.test_git_host import AFTER, BEFORE, BRANCH, FILES, change, opened

from iacfix.adapters.git_hosts.github import GitHubHost
from iacfix.adapters.git_hosts.github_api import API_URL
from iacfix.adapters.git_hosts.github_credentials import DEFAULT_PACE, AppInstallation, Credentials, Pace, Token
from iacfix.adapters.git_hosts.pacing import Limit
from iacfix.config import GitHostSettings
from iacfix.domain.change_request import Access, Person
from iacfix.domain.errors import (
    ConfigurationError,
    HostConflictError,
    HostForbiddenError,
    HostNotFoundError,
    HostRefusedError,
    HostUnavailableError,
)
from iacfix.domain.proposal import Edit
from iacfix.entry.hosts import github_token
from iacfix.testing.bare_repository import BareRepository
from iacfix.testing.github_apps import install
from iacfix.testing.github_server import Fault, GitHubServer
from iacfix.testing.github_state import DEFAULT_TOKEN, App

UNHURRIED = Pace(between_requests=0, between_writes=0, retries=0)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitHubServer]:
    with GitHubServer(BareRepository(tmp_path / "repository")) as made:
        yield made
        assert made.faults == ()


@pytest.fixture
def base(server: GitHubServer) -> str:
    return start(GitHub(server), FILES)


def key_pair() -> tuple[str, str]:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem, none = serialization.Encoding.PEM, serialization.NoEncryption()
    secret = private.private_bytes(pem, serialization.PrivateFormat.TraditionalOpenSSL, none)
    public = private.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo)
    return secret.decode(), public.decode()


@pytest.mark.parametrize("installation", [0, 77])
def test_an_app_works_by_tokens_of_its_installation(server: GitHubServer, base: str, installation: int) -> None:
    secret, public = key_pair()
    install(server.state, App("4711", "iac-fixer", public, 77))
    app = AppInstallation("4711", secret, installation)
    host = GitHubHost("acme/infra", app, api_url=server.api_url, pace=UNHURRIED)
    found = opened(host, change(base))
    said = host.ensure_comment(found, "owners", "Hello.")
    assert (said.author, said.key) == ("iac-fixer[bot]", "owners")
    assert host.ensure_comment(found, "owners", "Hello.") == said
    assert len(host.comments(found)) == 1
    assert secret not in repr(app)


def test_git_clones_with_a_token_of_the_apps_installation(server: GitHubServer, base: str) -> None:
    secret, public = key_pair()
    install(server.state, App("4711", "iac-fixer", public, 77))
    settings = GitHostSettings("github", repository="acme/infra", api=server.api_url)
    token = github_token(settings, {"IACFIX_GITHUB_APP_ID": "4711", "IACFIX_GITHUB_APP_KEY": secret})
    assert token
    assert GitHubHost("acme/infra", Token(token), api_url=server.api_url, pace=UNHURRIED).base().commit == base
    assert github_token(settings, {"GITHUB_TOKEN": "mine"}) == "mine"
    assert not github_token(settings, {})


def test_an_app_with_another_key_is_not_taken(server: GitHubServer, base: str) -> None:
    install(server.state, App("4711", "iac-fixer", key_pair()[1], 77))
    host = GitHubHost("acme/infra", AppInstallation("4711", key_pair()[0], 77), api_url=server.api_url, pace=UNHURRIED)
    with pytest.raises(HostForbiddenError, match="does not take the credentials"):
        host.ensure_branch(change(base))


@pytest.mark.parametrize("key", ["nonsense", "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n"])
def test_a_key_that_is_none_is_told(key: str) -> None:
    with pytest.raises(ConfigurationError, match="private key cannot be used") as caught:
        GitHubHost("acme/infra", AppInstallation("4711", key, 77))
    assert "AAAA" not in str(caught.value)


@pytest.mark.parametrize(
    ("repository", "credentials", "url"),
    [
        ("infra", Token("t"), API_URL),
        ("acme/infra/../other", Token("t"), API_URL),
        ("acme/infra", Token(""), API_URL),
        ("acme/infra", Token("two\nlines"), API_URL),
        ("acme/infra", AppInstallation("1", ""), API_URL),
        ("acme/infra", Token("t"), "http://github.example.com/api/v3"),
        ("acme/infra", Token("t"), "https://user:word@github.example.com/api/v3"),
        ("acme/infra", Token("t"), "github.example.com"),
    ],
)
def test_what_cannot_be_is_told_before_anything_is_asked(repository: str, credentials: Credentials, url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        GitHubHost(repository, credentials, api_url=url)
    assert "word" not in str(caught.value)


def test_without_the_extra_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "github", None)
    monkeypatch.delitem(sys.modules, "iacfix.adapters.git_hosts.github_client", raising=False)
    with pytest.raises(ConfigurationError, match=r"iacfix\[github\]"):
        GitHubHost("acme/infra", Token("t"))


def test_the_pace_keeps_to_the_limits_of_github() -> None:
    assert 60 / DEFAULT_PACE.between_writes <= 80  # that create content, a minute
    assert 5 * 60 / DEFAULT_PACE.between_writes + 60 / DEFAULT_PACE.between_requests <= 900  # points a minute
    client = GitHubHost("acme/infra", Token("t"))._api._client
    assert [limit for limit, _ in client._requests._kept] == [Limit(1, DEFAULT_PACE.between_requests)]
    writes = [Limit(1, DEFAULT_PACE.between_writes), Limit(80, 60), Limit(500, 3600)]
    assert [limit for limit, _ in client._writes._kept] == writes


def test_a_read_is_tried_again(server: GitHubServer, base: str) -> None:
    server.fail(1, Fault(502))
    server.fail(2, Fault())
    host = GitHubHost("acme/infra", Token(DEFAULT_TOKEN), api_url=server.api_url, pace=replace(UNHURRIED, retries=2))
    assert host.base().commit == base


def test_a_write_is_not_tried_again_by_itself(server: GitHubServer, base: str) -> None:
    host = GitHubHost("acme/infra", Token(DEFAULT_TOKEN), api_url=server.api_url, pace=replace(UNHURRIED, retries=2))
    host.base()
    server.fail(4, Fault(502))
    before = len(server.requests)
    with pytest.raises(HostUnavailableError):
        host.ensure_branch(change(base))
    assert [each for each in server.requests[before:] if each.startswith("POST")] == [
        "POST /repos/{owner}/{repo}/git/blobs"
    ]


@pytest.mark.parametrize("what", ["<html>", "{", '{"sha": 1}', "[]", "null"])
def test_an_answer_that_cannot_be_read(server: GitHubServer, base: str, what: str) -> None:
    server.garble(1, what.encode())
    with pytest.raises(HostUnavailableError):
        unhurried(server).read("main.tf", base)


def test_wrong_credentials_are_told_and_not_shown(server: GitHubServer, base: str) -> None:
    secret = "ghp_" + "s" * 36
    with pytest.raises(HostForbiddenError, match="Bad credentials") as caught:
        unhurried(server, secret).ensure_branch(change(base))
    assert secret not in str(caught.value) + repr(Token(secret))
    assert caught.value.__cause__ is None


def test_an_answer_that_holds_the_token_is_not_passed_on(server: GitHubServer, base: str) -> None:
    server.fail(1, Fault(422, f"no {DEFAULT_TOKEN} at https://ann:word@github.com with ghs_abc"))
    with pytest.raises(HostRefusedError) as caught:
        unhurried(server).ensure_branch(change(base))
    assert not {each for each in (DEFAULT_TOKEN, "word", "ghs_abc") if each in str(caught.value)}


def test_a_token_that_may_only_read(server: GitHubServer, base: str) -> None:
    server.state.people["reader"] = "read"
    server.state.tokens["ghp_reader"] = "reader"
    with pytest.raises(HostForbiddenError, match="not accessible by personal access token"):
        unhurried(server, "ghp_reader").ensure_branch(change(base))


def test_an_archived_repository(server: GitHubServer, base: str) -> None:
    found = opened(unhurried(server), change(base))
    archived_later = unhurried(server)
    archived_later.pull_requests(BRANCH)
    server.state.archived = True
    with pytest.raises(HostForbiddenError, match="archived"):
        unhurried(server).ensure_branch(change(base, Edit("main.tf", BEFORE, b"")), replacing=found.head)
    with pytest.raises(HostForbiddenError, match="the repository is archived"):
        archived_later.close(found)


def test_a_branch_that_a_rule_forbids_is_refused_with_githubs_words(server: GitHubServer, base: str) -> None:
    server.state.restricted.add(BRANCH)
    with pytest.raises(HostRefusedError, match="creations being restricted"):
        unhurried(server).ensure_branch(change(base))
    server.state.restricted.clear()
    head = unhurried(server).ensure_branch(change(base))
    server.state.restricted.add(BRANCH)
    with pytest.raises(HostRefusedError, match="rule violations"):
        unhurried(server).ensure_branch(change(base, Edit("main.tf", BEFORE, b"")), replacing=head)
    with pytest.raises(HostRefusedError, match="rule violations"):
        unhurried(server).delete_branch(BRANCH, head)
    assert server.state.repository.head(BRANCH) == head


def test_a_default_branch_that_was_renamed(server: GitHubServer, base: str) -> None:
    host = unhurried(server)
    assert host.base().branch == "main"
    server.state.repository.move("trunk", base)
    server.state.repository.delete("main")
    server.state.repository.default_branch = "trunk"
    assert host.base().branch == "trunk"
    with pytest.raises(HostNotFoundError, match="no branch main; its default branch is trunk: was it renamed"):
        host.base("main")
    with pytest.raises(HostNotFoundError, match="its default branch is trunk"):
        opened(host, change(base))
    assert opened(host, replace(change(base), target="")).target == "trunk"


def test_a_repository_that_was_renamed(server: GitHubServer, base: str) -> None:
    server.moved_from = "acme/old"
    host = GitHubHost("acme/old", Token(DEFAULT_TOKEN), api_url=server.api_url, pace=UNHURRIED)
    with pytest.raises(HostNotFoundError, match="acme/old is now acme/infra"):
        host.ensure_branch(change(base))


def test_an_empty_repository_has_no_base(server: GitHubServer) -> None:
    with pytest.raises(HostNotFoundError, match="no branch main; it has no commit yet"):
        unhurried(server).base()


def test_pull_requests_of_forks_are_left_out(server: GitHubServer, base: str) -> None:
    server.open_from_fork(BRANCH, "from a fork")
    host = unhurried(server)
    assert host.pull_requests(BRANCH) == ()
    assert host.open_pull_requests() == ()
    found = opened(host, change(base))
    assert host.pull_requests(BRANCH) == (found,)


def test_a_pull_request_is_made_as_it_should_be_again(server: GitHubServer, base: str) -> None:
    host = unhurried(server)
    found = opened(host, replace(change(base), draft=True))
    assert found.draft
    pull = server.state.pull(found.number)
    pull.title, pull.body, pull.draft = "by hand", "", False
    again = opened(host, replace(change(base), draft=True))
    assert again == found
    assert not opened(host, change(base)).draft


def test_a_repository_without_drafts_gets_an_ordinary_one(server: GitHubServer, base: str) -> None:
    server.state.has_drafts = False
    for _ in range(2):
        found = opened(unhurried(server), replace(change(base), draft=True))
        assert not found.draft
    assert len(server.state.pulls) == 1


def test_labels_are_made_where_github_does_not(server: GitHubServer, base: str) -> None:
    server.state.makes_labels = False
    host = unhurried(server)
    found = opened(host, change(base))
    assert host.ensure_labels(found, ["bug", "iac", "x" * 51, "a,b", "a/b"]) == ("x" * 51, "a,b")
    assert server.state.pull(found.number).labels == ["bug", "iac", "a/b"]
    before = len(server.requests)
    assert host.ensure_labels(found, ["BUG"]) == ()
    assert len(server.requests) == before + 1


def test_reviewers_that_github_refuses_are_told_one_by_one(server: GitHubServer, base: str) -> None:
    host = unhurried(server)
    found = opened(host, change(base))
    refused = [
        Person("nobody"),
        Person("iacfix-bot"),  # the author
        Person("ann@example.com"),
        Person("acme/nobody", is_team=True),
        Person("other/cloud", is_team=True),
    ]
    asked = [Person("ann"), Person("acme/cloud", is_team=True)]
    assert host.ensure_reviewers(found, [*asked, *refused]) == tuple(refused)
    pull = server.state.pull(found.number)
    assert (pull.reviewers, pull.teams) == (["ann"], ["cloud"])


def test_who_has_reviewed_is_not_asked_again(server: GitHubServer, base: str) -> None:
    host = unhurried(server)
    found = opened(host, change(base))
    server.state.pull(found.number).reviewed = ["ann"]
    assert host.ensure_reviewers(found, [Person("Ann")]) == ()
    assert server.state.pull(found.number).reviewers == []


def test_comments_of_ours_that_are_there_twice_become_one(server: GitHubServer, base: str) -> None:
    host = unhurried(server)
    found = opened(host, change(base))
    text = "<!-- iacfix:comment=owners -->\nHello."
    server.comment(found.number, "ann", text)
    for _ in range(3):
        server.comment(found.number, "iacfix-bot", text)
    said = host.ensure_comment(found, "owners", "Hello.")
    assert [(each.id, each.key) for each in host.comments(found)] == [("1", ""), ("2", "owners")]
    assert said.id == "2"


def test_a_branch_with_many_commits_is_read_to_the_end(server: GitHubServer, base: str) -> None:
    made = [server.state.repository.commit_files(BRANCH, {"x": b"%d" % at}, f"{at}\n") for at in range(5)]
    found = unhurried(server).branch(BRANCH, base)
    assert found is not None
    assert found.ahead == tuple(reversed(made))


def test_a_branch_without_anything_in_common_is_somebodys(server: GitHubServer, base: str) -> None:
    repository = server.state.repository
    other = repository.write_commit(repository.write_tree(repository.files(base)), [], "another start\n")
    repository.move(BRANCH, other)
    found = unhurried(server).branch(BRANCH, base)
    assert found is not None
    assert (found.ahead, found.content) == ((other,), "")
    with pytest.raises(HostConflictError):
        unhurried(server).ensure_branch(change(base))
    with pytest.raises(HostNotFoundError):
        unhurried(server).branch(BRANCH, "0" * 40)


def test_what_may_be_done_is_by_permission(server: GitHubServer) -> None:
    server.state.people |= {"root": "admin", "eve": "read", "mallory": "none"}
    host = unhurried(server)
    found = {login: host.access(login) for login in ("root", "ann", "eve", "mallory", "ghost", "../x", "a/b")}
    assert found == {
        "root": Access.WRITE,
        "ann": Access.WRITE,
        "eve": Access.READ,
        **dict.fromkeys(("mallory", "ghost", "../x", "a/b"), Access.NONE),
    }


def test_a_file_that_is_a_submodule_or_below_a_file_is_none(server: GitHubServer, base: str) -> None:
    host = unhurried(server)
    assert host.read("main.tf/x", base) is None
    assert host.read("main.tf", base) == BEFORE != AFTER
