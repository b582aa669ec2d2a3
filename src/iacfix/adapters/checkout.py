"""A clone of a remote repository, kept in a folder from one event to the next.

No file of it is ever written out: what a commit has is read from git's objects (commit_tree.py). So there is nothing in
it that could run or lead elsewhere: no hook, no filter, no submodule, no link.
"""

import fcntl
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from iacfix.adapters.git import Git, open_git, without_credentials
from iacfix.domain.errors import (
    ConfigurationError,
    GitHostError,
    HostForbiddenError,
    HostNotFoundError,
    HostUnavailableError,
)

FETCH_SECONDS = 300.0
# Each fetch leaves a pack. A clone that has grown so far is made anew.
MOST_PACKS = 50

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_BRANCH = re.compile(r"(?!-)(?!.*\.\.)[A-Za-z0-9._/-]{1,200}")
_BASE = "refs/iacfix/base"
# What a fetch holds while it writes. One that was ended leaves them, and git then refuses every later one.
_HELD = ("shallow.lock", f"{_BASE}.lock")
# The proxy and the certificates of this machine, and nothing else of what is around.
_NETWORK = ("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO")
_HARDENED = (
    ("transfer.fsckObjects", "true"),
    ("fetch.recurseSubmodules", "false"),
    ("fetch.writeCommitGraph", "false"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("http.followRedirects", "false"),  # the header would go along
    ("http.lowSpeedLimit", "1000"),
    ("http.lowSpeedTime", "60"),
    ("protocol.version", "2"),
)
_DENIED = ("Authentication failed", "could not read Username", "403", "401")
_ABSENT = ("not found", "does not exist", "does not appear to be a git repository", "couldn't find remote ref")


@dataclass(frozen=True)
class Checkout:
    """`header` gives what goes with each request (`Authorization: …`), "" where nothing has to. `keeps_branches`: the
    folder is the only place where the branches of pull requests stand.
    """

    url: str
    folder: Path
    environment: Mapping[str, str] = field(repr=False)
    header: Callable[[], str] = field(default=lambda: "", repr=False)
    keeps_branches: bool = False

    def __post_init__(self) -> None:
        """Raises ConfigurationError for an address that is none, or holds a credential."""
        protocol(self.url)

    def update(self, branch: str = "") -> str:
        """The commit that the branch, or the default one, is at now; it and its files are there afterwards.

        Raises HostNotFoundError, HostForbiddenError, HostUnavailableError.
        """
        if branch and not _BRANCH.fullmatch(branch):
            raise ConfigurationError(f"{branch[:40]!r} is no name of a branch", remedy="correct git_host.branch")
        with self._locked():
            git = self._opened()
            name = branch or (self._default_branch(git) if self.keeps_branches else "")
            self._fetch(git, f"refs/heads/{name}" if name else "HEAD")
            commit = git.line("rev-parse", "--verify", f"{_BASE}^{{commit}}")
            if self.keeps_branches:
                git.run("update-ref", f"refs/heads/{name}", commit)
                git.run("symbolic-ref", "HEAD", f"refs/heads/{name}")
            return commit

    def ensure(self, commit: str, branch: str = "") -> None:
        """The commit is there afterwards. Raises as `update` does."""
        if not _COMMIT.fullmatch(commit):
            raise HostUnavailableError(f"{commit[:12]!r} is no commit")
        with self._locked():
            git = self._opened()
            if _has(git, commit):
                return
            try:
                self._fetch(git, commit)
            except HostNotFoundError:  # not every host gives a commit by its name
                self._fetch(git, f"refs/heads/{branch}" if branch else "HEAD")
            if not _has(git, commit):
                raise HostUnavailableError(f"{self.url} does not give the commit {commit[:12]}", remedy="run it again")

    def _opened(self) -> Git:
        """Made where it is not there, or not whole, or has grown too large."""
        if not (self.folder / ".git" / "HEAD").is_file() or (not self.keeps_branches and self._has_grown()):
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir(parents=True, mode=0o700)  # whoever shares the machine need not read the code
            git = replace(open_git(self.folder, self.environment), timeout=FETCH_SECONDS)
            git.run("init", "--quiet", "--template=", "--initial-branch=main")
        for each in _HELD:  # nobody else fetches now: `_locked`
            (self.folder / ".git" / each).unlink(missing_ok=True)
        return replace(open_git(self.folder, self.environment), timeout=FETCH_SECONDS)

    def _has_grown(self) -> bool:
        return sum(1 for _ in (self.folder / ".git" / "objects" / "pack").glob("*.pack")) > MOST_PACKS

    def _remote(self, git: Git) -> Git:
        """It may reach out: by one protocol, to one place, with the credential of that place alone."""
        network = {name: self.environment[name] for name in _NETWORK if name in self.environment}
        git = git.having(GIT_ALLOW_PROTOCOL=protocol(self.url), **network).configured(*_HARDENED)
        if header := self.header():
            git = git.configured(("credential.helper", ""), (f"http.{self.url}.extraHeader", header))
        return git

    def _fetch(self, git: Git, wanted: str) -> None:
        arguments = ("fetch", "--quiet", "--depth=1", "--no-tags", "--no-write-fetch-head", "--update-shallow")
        answer = self._remote(git).ask(*arguments, self.url, f"+{wanted}:{_BASE}")
        if answer.code != 0:
            raise _failure(self.url, answer.words)

    def _default_branch(self, git: Git) -> str:
        answer = self._remote(git).ask("ls-remote", "--symref", self.url, "HEAD")
        if answer.code != 0:
            raise _failure(self.url, answer.words)
        found = re.match(rb"ref: refs/heads/(\S+)\tHEAD", answer.stdout)
        name = found[1].decode("utf-8", "replace") if found is not None else ""
        if not _BRANCH.fullmatch(name):
            raise HostNotFoundError(f"{self.url} has no default branch", remedy="name one as git_host.branch")
        return name

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Processes that share the folder take turns."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        with self.folder.with_name(f"{self.folder.name}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def protocol(url: str) -> str:
    """Raises ConfigurationError for an address that iacfix does not clone from."""
    parts = urlsplit(url)
    if parts.username is not None or parts.password is not None or parts.query:
        raise ConfigurationError(
            f"the repository's url {without_credentials(url)} holds a credential",
            remedy="credentials come from the environment",
        )
    if url.isprintable() and " " not in url:
        if parts.scheme == "https" and parts.hostname:
            return "https"
        if parts.scheme == "http" and parts.hostname in _LOOPBACK:
            return "http"
        if parts.scheme == "file" and os.path.isabs(parts.path) and not parts.netloc:  # noqa: PTH117 - part of a URL
            return "file"
    raise ConfigurationError("a repository's url is no address to clone from", remedy="write https://… or file:///…")


def _has(git: Git, commit: str) -> bool:
    return git.ask("cat-file", "-e", f"{commit}^{{commit}}").code == 0


def _failure(url: str, words: str) -> GitHostError:
    if any(each in words for each in _ABSENT):
        return HostNotFoundError(f"{url} cannot be cloned: {words}", remedy="correct repositories[].url or the branch")
    if any(each in words for each in _DENIED):
        return HostForbiddenError(f"{url} cannot be cloned: {words}", remedy="check the credentials of the git host")
    return HostUnavailableError(f"{url} cannot be cloned now: {words}", remedy="run it again")
