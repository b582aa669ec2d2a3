"""A git host for one machine: a branch in the local repository, and the pull request as a Markdown file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from iacfix.adapters.git import find_work_tree, open_git
from iacfix.adapters.git_hosts.documents import Documents
from iacfix.adapters.paths import require_plain
from iacfix.domain.change_request import ChangeRequest, PullRequest
from iacfix.domain.errors import GitHostError, InputError, UnsafePathError
from iacfix.domain.proposal import Edit

MAX_BODY_LENGTH = 65_535

_OBJECT_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_FILE_MODES = frozenset({"100644", "100755"})
_LINK_MODE = "120000"
_IDENTITY = {
    f"GIT_{role}_{part}": value
    for role in ("AUTHOR", "COMMITTER")
    for part, value in (("NAME", "iacfix"), ("EMAIL", "iacfix@localhost"))
}
# Commits of ours are looked for on a branch that others have pushed to: enough for any pull request.
_COMMITS_READ = 50


@dataclass(frozen=True, slots=True)
class _Entry:
    mode: str
    object_id: str


class LocalGitHost:
    """Writes objects and one new branch; work tree, index and existing branches stay as they are.

    `repo` may be a folder within a work tree: the paths of edits are relative to it. Implements ports.GitHost.
    """

    def __init__(self, repo: Path, folder: Path, *, environment: Mapping[str, str] | None = None) -> None:
        """Raises InputError when `repo` is no work tree, ConfigurationError when `folder` lies within it."""
        if not repo.is_dir():
            raise InputError(f"{str(repo)!r} is not a folder", remedy="give the work tree of a git repository")
        git = open_git(repo.resolve(), environment)
        work_tree = find_work_tree(git)
        if work_tree is None:
            raise InputError(f"{repo} is not in a git repository", remedy="run 'git init' and commit, or clone one")
        self._git = git.having(**_IDENTITY)
        self._prefix = work_tree.prefix
        self._documents = Documents(folder, (work_tree.top, work_tree.git_dir, work_tree.common_dir))

    @property
    def max_body_length(self) -> int:
        return MAX_BODY_LENGTH

    def base(self) -> str:
        answer = self._git.ask("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        if answer.code != 0:
            raise GitHostError("the repository has no commit yet", remedy="commit the files first")
        return answer.stdout.decode("ascii").strip()

    def ensure_pull_request(self, request: ChangeRequest) -> PullRequest:
        """1. the request is checked, 2. a branch that is there is answered, 3. the commit is made from objects alone,
        4. the branch is created if it still is not there, 5. the file is written.
        """
        self._check(request)
        if found := self._existing(request):
            return found
        self._documents.check(request)
        commit = self._commit(request)
        if not self._create_branch(request.branch, commit):
            if found := self._existing(request):
                return found
            raise GitHostError(f"the branch {request.branch} appeared and went", remedy="run it again")
        url = self._documents.write(request, commit)
        return PullRequest(url, request.branch, commit, created=True)

    def _check(self, request: ChangeRequest) -> None:
        for edit in request.edits:
            require_plain(edit.path)
        if len({edit.path for edit in request.edits}) < len(request.edits):
            raise GitHostError("the request changes the same file twice")
        if self._git.ask("check-ref-format", _ref(request.branch)).code != 0:
            raise GitHostError(f"{request.branch!r} is not a name for a branch")
        if not request.key.isalnum() or not _carries(request.commit_message, request.key):
            raise GitHostError("the commit message does not end in a trailer with the request's key")
        if len(request.body) > MAX_BODY_LENGTH:
            raise GitHostError(f"the body is longer than {MAX_BODY_LENGTH} characters")
        if not _OBJECT_ID.fullmatch(request.base) or self._git.ask("cat-file", "-e", f"{request.base}^{{commit}}").code:
            raise GitHostError(f"{request.base!r} is not a commit of the repository")

    def _existing(self, request: ChangeRequest) -> PullRequest | None:
        """Ours when its head carries the key, or a commit below it that `base` has not."""
        ref = _ref(request.branch)
        answer = self._git.ask("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
        if answer.code != 0:
            return None
        head = answer.stdout.decode("ascii").strip()
        options = (f"--max-count={_COMMITS_READ}", "--fixed-strings", f"--grep={request.key}")
        candidates = [head, *self._git.line("rev-list", *options, head, f"^{request.base}").split()]
        if not any(_carries(self._message(commit), request.key) for commit in candidates):
            raise GitHostError(
                f"the branch {request.branch} is there already and is not iacfix's",
                remedy="rename or delete that branch, and run it again",
            )
        return PullRequest(self._documents.ensure(request, head), request.branch, head, created=False)

    def _commit(self, request: ChangeRequest) -> str:
        """Dated like its base, so that the same request makes the same commit, whoever makes it and how often."""
        entries = [self._index_entry(request.base, edit) for edit in request.edits]
        with TemporaryDirectory(prefix="iacfix-") as folder:
            git = self._git.having(GIT_INDEX_FILE=str(Path(folder, "index")))
            git.run("read-tree", request.base)
            git.run("update-index", "-z", "--index-info", stdin=b"".join(entries))
            tree = git.line("write-tree")
        if tree == self._git.line("rev-parse", f"{request.base}^{{tree}}"):
            raise GitHostError("the change is empty: every file already is as it should be")
        date = self._date(request.base)
        git = self._git.having(GIT_AUTHOR_DATE=date, GIT_COMMITTER_DATE=date)
        message = request.commit_message.encode("utf-8", "replace")
        return git.line("commit-tree", "--no-gpg-sign", tree, "-p", request.base, "-F", "-", stdin=message)

    def _index_entry(self, base: str, edit: Edit) -> bytes:
        path = self._prefix + edit.path
        entry = self._entry(base, path)
        if entry is None:
            raise GitHostError(f"{path} is not in the last commit", remedy="commit it, and run it again")
        if self._git.line("hash-object", "--no-filters", "--stdin", stdin=edit.before) != entry.object_id:
            raise GitHostError(f"{path} has uncommitted changes", remedy="commit or stash them, and run it again")
        written = self._git.line("hash-object", "-w", "--no-filters", "--stdin", stdin=edit.after)
        return f"{entry.mode} {written}\t{path}\0".encode("utf-8", "surrogateescape")

    def _entry(self, base: str, path: str) -> _Entry | None:
        """The regular file that the commit has there. Raises UnsafePathError when the way there is a link."""
        parts = path.split("/")
        ways = ["/".join(parts[:length]) for length in range(1, len(parts) + 1)]
        listing = self._git.line("ls-tree", "-z", "--full-tree", base, "--", *ways)
        for line in listing.removesuffix("\0").split("\0"):
            facts, _, name = line.partition("\t")
            mode, _, object_id = facts.partition(" ")
            if mode == _LINK_MODE and name in ways:
                raise UnsafePathError(f"{path} goes through the link {name}", remedy="give the path of the file itself")
            if name == path and mode in _FILE_MODES:
                return _Entry(mode, object_id.rpartition(" ")[2])
        return None

    def _create_branch(self, branch: str, commit: str) -> bool:
        """Git compares and creates under its lock: of several processes one creates it. False for the others."""
        answer = self._git.ask("update-ref", "-m", "iacfix: fix", _ref(branch), commit, "0" * len(commit))
        if answer.code == 0:
            return True
        if self._git.ask("rev-parse", "--verify", "--quiet", _ref(branch)).code == 0:
            return False
        raise GitHostError(f"the branch {branch} could not be created: {answer.words}")

    def _message(self, commit: str) -> str:
        return self._git.run("cat-file", "commit", commit).decode("utf-8", "replace").partition("\n\n")[2]

    def _date(self, commit: str) -> str:
        head = self._git.run("cat-file", "commit", commit).decode("utf-8", "replace").partition("\n\n")[0]
        found = re.search(r"^committer .*> ([0-9]{1,12}) [+-][0-9]{4}$", head, re.MULTILINE)
        return f"@{found[1]} +0000" if found else "@0 +0000"


def _ref(branch: str) -> str:
    return f"refs/heads/{branch}"


def _carries(message: str, key: str) -> bool:
    """Whether a trailer, which stands in the last paragraph, has the key as its value."""
    last = message.rstrip().rpartition("\n\n")[2]
    return any(re.fullmatch(r"[A-Za-z][A-Za-z-]*: " + re.escape(key), line) for line in last.splitlines())
