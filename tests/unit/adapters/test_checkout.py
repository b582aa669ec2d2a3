"""Clones of remote repositories: what is in them is never written out, and their credentials never seen."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import rmtree

import pytest
from tests.support.estate import ENVIRONMENT, git, remote

from iacfix.adapters import checkout
from iacfix.adapters.checkout import Checkout
from iacfix.adapters.commit_tree import CommitTree
from iacfix.config import GitHostSettings, RepositorySettings
from iacfix.domain.errors import ConfigurationError, GitHostError, HostForbiddenError, HostNotFoundError
from iacfix.entry.checkouts import checkout_of

SECRET = "ghp_0123456789abcdefghij0123456789abcdef"


def test_a_clone_is_made_and_follows_its_remote(tmp_path: Path) -> None:
    clone = Checkout(remote(tmp_path / "origin", ["logs"]), tmp_path / "cache" / "origin", ENVIRONMENT)
    first = clone.update()
    (tmp_path / "origin" / "more.tf").write_text("x = 1\n")
    git(tmp_path / "origin", "add", ".")
    git(tmp_path / "origin", "commit", "--quiet", "--message", "more")
    head = git(tmp_path / "origin", "rev-parse", "HEAD").strip()
    clone.ensure(head)
    assert clone.update() == head != first
    assert CommitTree(clone.folder, head, environment=ENVIRONMENT).files((".tf",)) == ("logs.tf", "more.tf")
    with pytest.raises(GitHostError):
        clone.ensure("f" * 40)


def test_nothing_of_a_repository_is_written_out_or_run(tmp_path: Path) -> None:
    url = remote(tmp_path / "origin", ["logs"])
    origin = tmp_path / "origin"
    (origin / ".gitattributes").write_text("*.tf filter=evil\n")
    (origin / ".gitmodules").write_text(f'[submodule "x"]\n\tpath = x\n\turl = file://{origin}\n')
    (origin / "link").symlink_to("/etc")
    git(origin, "add", ".")
    git(origin, "commit", "--quiet", "--message", "hostile")
    clone = Checkout(url, tmp_path / "cache" / "origin", ENVIRONMENT)
    commit = clone.update()
    assert [each.name for each in clone.folder.iterdir()] == [".git"]
    assert clone.folder.stat().st_mode & 0o077 == 0
    assert not (clone.folder / ".git" / "hooks").exists()
    assert "link" not in CommitTree(clone.folder, commit, environment=ENVIRONMENT).names("")


def test_a_clone_that_is_broken_or_has_grown_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clone = Checkout(remote(tmp_path / "origin", ["logs"]), tmp_path / "cache" / "origin", ENVIRONMENT)
    commit = clone.update()
    rmtree(clone.folder / ".git" / "objects")
    (clone.folder / ".git" / "HEAD").unlink()
    assert clone.update() == commit
    (clone.folder / ".git" / "old").touch()
    monkeypatch.setattr(checkout, "MOST_PACKS", -1)
    assert clone.update() == commit
    assert not (clone.folder / ".git" / "old").exists()


def test_a_fetch_that_was_killed_stands_in_the_way_of_none_after_it(tmp_path: Path) -> None:
    clone = Checkout(remote(tmp_path / "origin", ["logs"]), tmp_path / "cache" / "origin", ENVIRONMENT)
    first = clone.update()
    (tmp_path / "origin" / "more.tf").write_text("x = 1\n")
    git(tmp_path / "origin", "add", ".")
    git(tmp_path / "origin", "commit", "--quiet", "--message", "more")
    for left in ("shallow.lock", "refs/iacfix/base.lock"):
        (clone.folder / ".git" / left).touch()
    assert clone.update() != first


@pytest.mark.parametrize(
    "url",
    [
        "ext::sh -c touch% /tmp/x",
        "ssh://git@example.com/x",
        "git@example.com:x/y",
        "--upload-pack=touch",
        "http://example.com/x",
        f"https://x:{SECRET}@example.com/x",
        f"https://example.com/x?token={SECRET}",
        "file://relative/x",
        "https://",
        "https://example.com/a b",
    ],
)
def test_an_address_that_is_not_for_cloning_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Checkout(url, tmp_path / "x", ENVIRONMENT)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("branch", ["-x", "a..b", "a b", "x:y", "+x"])
def test_a_branch_is_a_name(branch: str, tmp_path: Path) -> None:
    clone = Checkout(remote(tmp_path / "origin", ["logs"]), tmp_path / "cache" / "origin", ENVIRONMENT)
    with pytest.raises(ConfigurationError, match="no name of a branch"):
        clone.update(branch)


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(HostNotFoundError, match="does not appear to be a git repository"):
        Checkout(f"file://{tmp_path}/nowhere", tmp_path / "cache" / "x", ENVIRONMENT).update()


@pytest.mark.parametrize(
    ("kind", "variable", "sent"),
    [("github", "GITHUB_TOKEN", "x-access-token"), ("gitlab", "GITLAB_TOKEN", "oauth2")],
)
def test_a_credential_goes_to_its_host_and_into_no_message(kind: str, variable: str, sent: str, tmp_path: Path) -> None:
    with _answering(401) as (url, seen):
        repository = RepositorySettings(tmp_path / "cache" / "x", url=f"{url}/acme/infra.git")
        clone = checkout_of(repository, GitHostSettings(kind), {**ENVIRONMENT, variable: SECRET})
        assert clone is not None
        with pytest.raises(HostForbiddenError) as caught:
            clone.update()
    assert seen[0].startswith("Basic ")
    assert SECRET not in f"{caught.value} {clone}"
    assert seen[0].removeprefix("Basic ") not in str(caught.value)
    assert sent == b64(seen[0]).partition(":")[0]


def test_a_credential_does_not_go_elsewhere(tmp_path: Path) -> None:
    with _answering(401) as (other, seen_there), _answering(302, f"{other}/acme/infra.git") as (url, seen):
        repository = RepositorySettings(tmp_path / "cache" / "x", url=f"{url}/acme/infra.git")
        clone = checkout_of(repository, GitHostSettings("github"), {**ENVIRONMENT, "GITHUB_TOKEN": SECRET})
        assert clone is not None
        with pytest.raises(GitHostError):
            clone.update()
    assert (len(seen) > 0, seen_there) == (True, [])


def b64(header: str) -> str:
    import base64  # noqa: PLC0415 - beside its only use

    return base64.b64decode(header.removeprefix("Basic ")).decode()


@contextmanager
def _answering(status: int, location: str = "") -> Iterator[tuple[str, list[str]]]:
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.headers.get("Authorization", ""))
            self.send_response(status)
            if location:
                self.send_header("Location", location + self.path.partition("infra.git")[2])
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", seen
    server.shutdown()
    server.server_close()
