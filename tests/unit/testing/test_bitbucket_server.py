"""What the Bitbucket of our own refuses, so that an adapter that does it is found out."""

import json
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from iacfix.testing.bare_repository import BareRepository
from iacfix.testing.bitbucket_server import BitbucketServer
from iacfix.testing.bitbucket_state import ACCESS_TOKEN, FULL_NAME

HERE = f"/repositories/{FULL_NAME}"
NEW = {"title": "t", "source": {"branch": {"name": "x"}}, "destination": {"branch": {"name": "main"}}}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[BitbucketServer]:
    repository = BareRepository(tmp_path / "repository")
    repository.commit_files("main", {"a.tf": b"a\n", "run": b"#!/bin/sh\n"}, "start\n")
    repository.commit_files("x", {"a.tf": b"b\n"}, "x\n")
    with BitbucketServer(repository) as made:
        yield made


def ask(server: BitbucketServer, verb: str, path: str, body: bytes = b"", **headers: str) -> int:
    sent = {
        "Authorization": f"Bearer {ACCESS_TOKEN}",
        **{name.replace("_", "-"): each for name, each in headers.items()},
    }
    request = Request(f"{server.url}{path}", data=body or None, headers=sent, method=verb)  # noqa: S310 - our own
    try:
        with urlopen(request) as answer:  # noqa: S310 - our own
            status, said = int(answer.status), b""
    except HTTPError as error:
        with error:
            status, said = error.code, error.read()
    assert not said or json.loads(said)["type"] == "error"
    return status


def form(*parts: str, boundary: str = "b") -> tuple[bytes, str]:
    lines = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts)
    return f"{lines}--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def field(name: str, value: str) -> str:
    return f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'


def file(path: str, more: str = "") -> str:
    return f'Content-Disposition: form-data; name="{path}"; filename="f"{more}\r\n\r\nnew'


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("", HTTPStatus.OK),
        ("/pullrequests?sort=created_on&pagelen=50", HTTPStatus.OK),
        ("/pullrequests?sort=created_on&pagelen=51", HTTPStatus.BAD_REQUEST),
        ("/pullrequests", HTTPStatus.BAD_REQUEST),
        ("/pullrequests?sort=created_on&q=title~x", HTTPStatus.BAD_REQUEST),
        ("/pullrequests?sort=created_on&per_page=2", HTTPStatus.BAD_REQUEST),
        ("/refs/branches/none", HTTPStatus.NOT_FOUND),
        ("/commit/main", HTTPStatus.NOT_FOUND),
    ],
)
def test_what_is_asked_has_to_be_known(server: BitbucketServer, path: str, status: int) -> None:
    assert ask(server, "GET", f"{HERE}{path}") == status
    assert ask(server, "GET", f"{HERE}{path}", Authorization="Bearer x") == HTTPStatus.UNAUTHORIZED


def test_a_commit_is_a_form_on_the_head_of_its_branch(server: BitbucketServer) -> None:
    repository = server.state.repository
    main, other = repository.head("main") or "", repository.head("x") or ""
    fields = (field("message", "m"), field("branch", "x"))
    good = (*fields, field("parents", other), file("/a.tf"))
    refused: dict[int, list[tuple[str, ...]]] = {
        HTTPStatus.CONFLICT: [(*fields, field("parents", main), file("/a.tf"))],
        HTTPStatus.BAD_REQUEST: [
            (*good, field("x", "y")),
            (*good, file("/a.tf")),
            good[:-1],
            (*good[:-1], file("a.tf")),
            (*good[:-1], file("/a.tf", '; x-attributes="link"')),
            (*good[:-1], file("/new.tf")),
            (*fields, field("parents", "0" * 40), file("/a.tf")),
        ],
    }
    for status, forms in refused.items():
        for parts in forms:
            body, kind = form(*parts)
            assert ask(server, "POST", f"{HERE}/src", body, Content_Type=kind) == status
    assert ask(server, "POST", f"{HERE}/src", b"{}", Content_Type="application/json") == 415
    assert repository.head("x") == other
    body, kind = form(*good, file("/run", '; x-attributes="executable"'))
    assert ask(server, "POST", f"{HERE}/src", body, Content_Type=kind) == HTTPStatus.CREATED
    files = repository.files(repository.head("x") or "")
    assert (files["run"].mode, files["a.tf"].mode) == ("100755", "100644")


def test_pull_requests_are_as_bitbucket_has_them(server: BitbucketServer) -> None:
    def send(verb: str, path: str, body: object) -> int:
        return ask(server, verb, f"{HERE}{path}", json.dumps(body).encode(), Content_Type="application/json")

    for wrong in (
        {"title": "x" * 256},
        {"description": "<!-- seen -->"},
        {"labels": ["x"]},
        {"source": {"branch": {"name": "none"}}},
        {"source": {"branch": {"name": "main"}}},
        {"reviewers": [{"uuid": "{none}"}]},
        {"reviewers": [{"uuid": server.state.user("bot").uuid}]},
    ):
        assert send("POST", "/pullrequests", {**NEW, **wrong}) == HTTPStatus.BAD_REQUEST
    ann = {"reviewers": [{"uuid": server.state.user("ann").uuid}]}
    assert send("POST", "/pullrequests", {**NEW, **ann}) == HTTPStatus.CREATED
    assert server.state.pulls[0].reviewers
    assert send("PUT", "/pullrequests/1", {"title": "another"}) == HTTPStatus.OK
    assert not server.state.pulls[0].reviewers
    assert send("POST", "/pullrequests/1/decline", {}) == HTTPStatus.OK
    for verb, path in (("POST", "/pullrequests/1/decline"), ("PUT", "/pullrequests/1")):
        assert send(verb, path, {"title": "t"}) == HTTPStatus.BAD_REQUEST
