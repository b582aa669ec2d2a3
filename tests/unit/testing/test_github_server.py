"""The GitHub for tests refuses what GitHub refuses, and says where it is not as GitHub describes it."""

import base64
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from iacfix.testing.bare_repository import BareRepository
from iacfix.testing.github_contract import description, fault_of_answer, fault_of_request, route
from iacfix.testing.github_server import GitHubServer
from iacfix.testing.github_state import DEFAULT_TOKEN

REPO = "/repos/acme/infra"
ZERO = "0" * 40


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitHubServer]:
    with GitHubServer(BareRepository(tmp_path / "repository")) as made:
        made.state.repository.commit_files("main", {"main.tf": b"x\n"}, "start\n")
        made.state.repository.commit_files("fix", {"main.tf": b"y\n"}, "fix\n")
        yield made


def ask(
    server: GitHubServer, verb: str, path: str, body: object = None, token: str = DEFAULT_TOKEN
) -> tuple[int, object, Mapping[str, str]]:
    root = server.api_url.removesuffix("/v3") if path == "/graphql" else server.api_url
    data = None if body is None else json.dumps(body).encode()
    request = Request(root + path, data=data, method=verb, headers={"Authorization": f"token {token}"})  # noqa: S310 - http
    try:
        with urlopen(request) as answer:  # noqa: S310 - as above
            return answer.status, json.loads(answer.read() or b"null"), dict(answer.headers)
    except HTTPError as error:
        with error:
            return error.code, json.loads(error.read()), dict(error.headers)


def test_the_description_says_where_it_is_from() -> None:
    assert str(description()["source"]).startswith("@octokit/openapi 23.0.2")


@pytest.mark.parametrize(
    ("verb", "path", "query", "body", "words"),
    [
        ("POST", f"{REPO}/pulls", {}, {"head": "x"}, "'base' is a required property"),
        ("POST", f"{REPO}/pulls", {}, {"head": "x", "base": 1}, "1 is not of type 'string'"),
        ("POST", f"{REPO}/pulls", {}, {"head": "x", "base": "y", "color": "z"}, r"\['color'\] are not permitted"),
        ("POST", f"{REPO}/pulls", {}, None, "there is no body"),
        ("GET", f"{REPO}/pulls", {"stat": "all"}, None, "stat is no parameter in the query"),
        ("GET", f"{REPO}/pulls", {"state": "merged"}, None, "'merged' is not one of"),
        ("GET", f"{REPO}/pulls/abc", {}, None, "'abc' is not of type 'integer'"),
        ("GET", f"{REPO}/pulls", {}, {"state": "all"}, "there is a body where none belongs"),
    ],
)
def test_a_request_that_is_not_as_described(
    verb: str, path: str, query: Mapping[str, str], body: object, words: str
) -> None:
    found = route(verb, path)
    assert found is not None
    with pytest.raises(AssertionError, match=words):
        assert not fault_of_request(found, query, body), fault_of_request(found, query, body)


def test_an_answer_that_is_not_as_described() -> None:
    found = route("GET", f"{REPO}/git/ref/heads/main")
    assert found is not None
    assert found.names["ref"] == "heads/main"
    assert "required property" in fault_of_answer(found, 200, {"ref": "refs/heads/main"})
    assert "does not answer 418" in fault_of_answer(found, 418, {})
    assert fault_of_answer(found, 404, {"message": "Not Found"}) == ""
    assert route("PATCH", f"{REPO}/git/ref/heads/main") is None


def test_what_is_not_as_described_stands_in_the_faults(server: GitHubServer) -> None:
    assert ask(server, "POST", f"{REPO}/pulls", {"base": "main"})[0] == 422
    assert ask(server, "DELETE", REPO)[0] == 404
    assert [each.split(":")[0] for each in server.faults] == [
        "request POST /repos/{owner}/{repo}/pulls",
        "DELETE /api/v3/repos/acme/infra is none of GitHub's operations that are used",
    ]


def test_without_a_token_there_is_nothing(server: GitHubServer) -> None:
    status, body, _ = ask(server, "GET", REPO, token="other")
    assert (status, body) == (401, {"message": "Bad credentials", "documentation_url": "https://docs.github.com/rest", "status": "401"})  # fmt: skip


def test_lists_come_in_pages(server: GitHubServer) -> None:
    for number in range(1, 4):
        server.open_from_fork(f"b{number}", "a title")
    status, first, headers = ask(server, "GET", f"{REPO}/pulls?per_page=100")
    assert status == 200
    assert isinstance(first, list)
    assert [each["number"] for each in first] == [3, 2]
    assert 'page=2>; rel="next"' in headers["Link"]
    assert "rel" not in ask(server, "GET", f"{REPO}/pulls?per_page=100&page=2")[2].get("Link", "")


PULL = {"title": "t", "head": "fix", "base": "main"}


@pytest.mark.parametrize(
    ("verb", "path", "body", "words"),
    [
        ("POST", "/git/blobs", {"content": "not base64!", "encoding": "base64"}, "not valid Base64"),
        ("POST", "/git/trees", {"tree": [{"path": "x", "mode": "100644", "type": "blob", "sha": ZERO}]}, "not a valid blob"),
        ("POST", "/git/commits", {"message": "m", "tree": ZERO}, "Tree SHA does not exist"),
        ("POST", "/git/refs", {"ref": "refs/heads/new", "sha": ZERO}, "Object does not exist"),
        ("POST", "/git/refs", {"ref": "new", "sha": ZERO}, "not a valid ref name"),
        ("POST", "/pulls", {**PULL, "head": "nothing"}, '"field": "head"'),
        ("POST", "/pulls", {**PULL, "base": "nothing"}, '"field": "base"'),
        ("POST", "/pulls", {**PULL, "head": "main"}, "No commits between main and main"),
        ("POST", "/pulls", {**PULL, "title": "t" * 257}, "title is too long"),
        ("POST", "/pulls", {**PULL, "body": "b" * 65_537}, "body is too long"),
        ("POST", "/labels", {"name": "x" * 51}, '"code": "invalid"'),
        ("POST", "/labels", {"name": "bug"}, "already_exists"),
    ],
)  # fmt: skip
def test_it_refuses_what_github_refuses(server: GitHubServer, verb: str, path: str, body: object, words: str) -> None:
    status, answer, _ = ask(server, verb, REPO + path, body)
    assert status == 422
    assert words in json.dumps(answer)


def test_what_is_there_is_not_made_again(server: GitHubServer) -> None:
    head = server.state.repository.head("fix")
    assert "Reference already exists" in str(
        ask(server, "POST", f"{REPO}/git/refs", {"ref": "refs/heads/fix", "sha": head})
    )
    assert ask(server, "POST", f"{REPO}/pulls", PULL)[0] == 201
    assert "A pull request already exists for acme:fix." in str(ask(server, "POST", f"{REPO}/pulls", PULL))
    server.state.repository.delete("fix")
    assert '"closed"' in json.dumps(ask(server, "GET", f"{REPO}/pulls/1")[1])


def test_a_file_is_kept_as_it_was_sent(server: GitHubServer) -> None:
    sent = {"content": base64.b64encode(b"a\r\n\xff").decode(), "encoding": "base64"}
    made = ask(server, "POST", f"{REPO}/git/blobs", sent)[1]
    assert isinstance(made, dict)
    found = ask(server, "GET", f"{REPO}/git/blobs/{made['sha']}")[1]
    assert isinstance(found, dict)
    assert base64.b64decode(found["content"]) == b"a\r\n\xff"
    assert ask(server, "GET", f"{REPO}/git/commits/{made['sha']}")[0] == 404


UPDATE = "mutation($input: UpdateRefsInput!) { updateRefs(input: $input) { clientMutationId } }"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"beforeOid": ZERO}, "is not at"),
        ({"afterOid": "1" * 40}, "Could not resolve"),
        ({"name": "fix"}, "not a valid Git ref name"),
        ({"afterOid": "x"}, "not a valid Git object ID"),
        ({"beforeOid": "x"}, "not a valid Git object ID"),
        ({"force": False}, "not a fast forward"),
        ({"sha": ZERO}, "invalid value"),
    ],
)
def test_a_branch_moves_only_from_where_it_is(server: GitHubServer, change: Mapping[str, object], words: str) -> None:
    repository = server.state.repository
    fix, main = repository.head("fix"), repository.head("main")
    update = {"name": "refs/heads/fix", "beforeOid": fix, "afterOid": main, "force": True, **change}
    body = {"query": UPDATE, "variables": {"input": {"repositoryId": "R_1296269", "refUpdates": [update]}}}
    status, answer, _ = ask(server, "POST", "/graphql", body)
    assert status == 200
    assert words in str(answer)
    assert repository.head("fix") == fix
