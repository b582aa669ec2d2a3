"""A git host for one machine: a branch in the local repository, and the pull request as a Markdown file."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from iacfix.adapters.git import find_work_tree, open_git
from iacfix.adapters.git_hosts.documents import Document, Documents
from iacfix.adapters.git_hosts.requests import OBJECT_ID, check
from iacfix.adapters.paths import require_plain
from iacfix.domain.change_request import (
    Access,
    BaseCommit,
    BranchState,
    ChangeRequest,
    Comment,
    HostedPullRequest,
    Person,
    PullRequestState,
)
from iacfix.domain.errors import GitHostError, HostConflictError, HostNotFoundError, InputError, UnsafePathError
from iacfix.domain.marks import CONTENT_TRAILER, TRAILER, comment_marker, content_hash, trailers_in
from iacfix.domain.proposal import Edit
from iacfix.ports.git_host import HostLimits

LIMITS = HostLimits(max_title_length=1_000, max_body_length=65_535, max_comment_length=65_535)


_FILE_MODES = frozenset({"100644", "100755"})
_LINK_MODE = "120000"
_IDENTITY = {
    f"GIT_{role}_{part}": value
    for role in ("AUTHOR", "COMMITTER")
    for part, value in (("NAME", "iacfix"), ("EMAIL", "iacfix@localhost"))
}
_OURS = "iacfix/"


@dataclass(frozen=True, slots=True)
class _Entry:
    mode: str
    object_id: str


class LocalGitHost:
    """Writes objects and branches; work tree, index and the branches of others stay as they are.

    `repo` may be a folder within a work tree: paths are relative to it. A pull request is merged when its branch is
    part of the target, and closed when its file says so. Implements ports.git_host.GitHost.
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
    def name(self) -> str:
        return "local"

    @property
    def limits(self) -> HostLimits:
        return LIMITS

    def base(self, branch: str = "") -> BaseCommit:
        """The branch that is checked out, or HEAD alone where none is."""
        commit = self._commit_of(_ref(branch) if branch else "HEAD")
        if commit is None:
            if branch:
                raise HostNotFoundError(f"there is no branch {branch}", remedy="name one that is there")
            raise GitHostError("the repository has no commit yet", remedy="commit the files first")
        symbolic = self._git.ask("symbolic-ref", "--short", "--quiet", "HEAD")
        return BaseCommit(branch or symbolic.stdout.decode("utf-8", "replace").strip(), commit)

    def read(self, path: str, commit: str) -> bytes | None:
        require_plain(path)
        self._require_commit(commit)
        entry = self._entry(commit, self._prefix + path)
        return self._git.run("cat-file", "blob", entry.object_id) if entry is not None else None

    def branch(self, name: str, base: str) -> BranchState | None:
        self._require_commit(base)
        head = self._commit_of(_ref(name))
        if head is None:
            return None
        ahead = tuple(self._git.line("rev-list", "--topo-order", head, f"^{base}").split())
        key, content = self._ours(ahead)
        return BranchState(name, head, ahead, key, content)

    def ensure_branch(self, request: ChangeRequest, *, replacing: str = "") -> str:
        """1. the request is checked, 2. a branch that holds it is answered, 3. the commit is made from objects alone,
        4. the branch is created or moved if it still is where it was.
        """
        self._check(request)
        found = self.branch(request.branch, request.base)
        if found is not None and (found.key, found.content) == (request.key, content_hash(request.edits)):
            parent = self._git.line("rev-parse", f"{found.head}^")
            if parent == request.base:
                return found.head
        if found is not None and found.head != replacing:
            raise _conflict(request.branch)
        commit = self._commit(request)
        if self._moved(request.branch, commit, found.head if found is not None else "0" * len(commit)):
            return commit
        again = self._commit_of(_ref(request.branch))
        if again == commit:  # the same request makes the same commit: another process was quicker
            return commit
        raise _conflict(request.branch)

    def delete_branch(self, name: str, head: str) -> bool:
        if self._commit_of(_ref(name)) is None:
            return False
        if self._git.ask("update-ref", "-d", _ref(name), head).code != 0:
            raise _conflict(name)
        return True

    def pull_requests(self, branch: str) -> tuple[HostedPullRequest, ...]:
        return tuple(self._hosted(document) for document in self._documents.of(branch))

    def open_pull_requests(self) -> tuple[HostedPullRequest, ...]:
        ours = (self._hosted(each) for each in self._documents.all() if each.branch.startswith(_OURS))
        return tuple(each for each in ours if each.state is PullRequestState.OPEN)

    def ensure_pull_request(self, request: ChangeRequest, commit: str) -> HostedPullRequest:
        self._check(request)
        newest = next(iter(self._documents.of(request.branch)), None)
        wanted = Document(
            number="1",
            branch=request.branch,
            target=request.target or self.base().branch,
            base=request.base,
            commit=commit,
            title=request.title,
            key=request.key,
            body=request.body if request.body.endswith("\n") else f"{request.body}\n",
            draft=request.draft,
        )
        if newest is None or self._hosted(newest).state is not PullRequestState.OPEN:
            return self._hosted(self._documents.create(wanted))
        kept = replace(
            newest,
            base=wanted.base,
            commit=commit,
            title=wanted.title,
            key=wanted.key,
            body=wanted.body,
            draft=wanted.draft,
        )
        return self._hosted(self._documents.update(kept))

    def close(self, pull_request: HostedPullRequest) -> HostedPullRequest:
        document = self._document(pull_request)
        if self._hosted(document).state is not PullRequestState.OPEN:
            return self._hosted(document)
        return self._hosted(self._documents.update(replace(document, state=PullRequestState.CLOSED)))

    def ensure_labels(self, pull_request: HostedPullRequest, labels: Collection[str]) -> tuple[str, ...]:
        document = self._document(pull_request)
        self._documents.update(replace(document, labels=tuple(dict.fromkeys((*document.labels, *labels)))))
        return ()

    def ensure_reviewers(self, pull_request: HostedPullRequest, reviewers: Collection[Person]) -> tuple[Person, ...]:
        document = self._document(pull_request)
        names = (person.name for person in reviewers)
        self._documents.update(replace(document, reviewers=tuple(dict.fromkeys((*document.reviewers, *names)))))
        return ()

    def comments(self, pull_request: HostedPullRequest) -> tuple[Comment, ...]:
        return self._document(pull_request).said()

    def ensure_comment(self, pull_request: HostedPullRequest, key: str, body: str) -> Comment:
        document = self._document(pull_request)
        text = f"{comment_marker(key)}\n{body}"
        said = document.said()
        there = next((at for at, each in enumerate(said) if each.author == "iacfix" and each.key == key), len(said))
        if there < len(said) and said[there].body == text:
            return said[there]
        now = datetime.now(UTC).isoformat(timespec="seconds")
        new = {"id": str(there + 1), "author": "iacfix", "at": now, "body": text}
        comments = (*document.comments[:there], new, *document.comments[there + 1 :])
        return self._documents.update(replace(document, comments=comments)).said()[there]

    def access(self, login: str) -> Access:
        """Whoever can write the files may do as they like."""
        return Access.WRITE if login else Access.NONE

    def _hosted(self, document: Document) -> HostedPullRequest:
        head = self._commit_of(_ref(document.branch)) or document.commit
        hosted = document.hosted(self._documents.url(document), head)
        if hosted.state is not PullRequestState.OPEN:
            return hosted
        return replace(hosted, state=PullRequestState.MERGED) if self._is_merged(document, head) else hosted

    def _is_merged(self, document: Document, head: str) -> bool:
        target = self._commit_of(_ref(document.target)) if document.target else self._commit_of("HEAD")
        if target is None or not OBJECT_ID.fullmatch(head) or head == document.base:
            return False
        return self._git.ask("merge-base", "--is-ancestor", head, target).code == 0

    def _document(self, pull_request: HostedPullRequest) -> Document:
        for document in self._documents.of(pull_request.branch):
            if document.number == pull_request.number:
                return document
        raise HostNotFoundError(f"there is no pull request {pull_request.number} from {pull_request.branch}")

    def _ours(self, ahead: tuple[str, ...]) -> tuple[str, str]:
        """Key and content of a single commit that is what its trailers say; two empty texts of anything else."""
        if len(ahead) != 1:
            return "", ""
        trailers = trailers_in(self._message(ahead[0]))
        if not {TRAILER, CONTENT_TRAILER} <= trailers.keys():
            return "", ""
        paths = self._git.line("diff-tree", "-r", "-z", "--no-commit-id", "--name-only", ahead[0]).split("\0")
        edits = []
        for path in filter(None, paths):
            entry = self._entry(ahead[0], path)
            if entry is None or not path.startswith(self._prefix):
                return "", ""
            edits.append(Edit(path.removeprefix(self._prefix), b"", self._git.run("cat-file", "blob", entry.object_id)))
        content = trailers[CONTENT_TRAILER]
        return (trailers[TRAILER], content) if content_hash(edits) == content else ("", "")

    def _commit_of(self, name: str) -> str | None:
        answer = self._git.ask("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        return answer.stdout.decode("ascii").strip() if answer.code == 0 else None

    def _require_commit(self, commit: str) -> None:
        if not OBJECT_ID.fullmatch(commit) or self._commit_of(commit) is None:
            raise HostNotFoundError(f"there is no commit {commit[:64]!r}")

    def _check(self, request: ChangeRequest) -> None:
        check(request, LIMITS)
        if self._git.ask("check-ref-format", _ref(request.branch)).code != 0:
            raise GitHostError(f"{request.branch!r} is not a name for a branch")
        self._require_commit(request.base)

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
            raise HostConflictError(f"{path} has uncommitted changes", remedy="commit or stash them, and run it again")
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

    def _moved(self, branch: str, commit: str, old: str) -> bool:
        """Git compares and swaps under its lock: of several processes one does. False for the others."""
        answer = self._git.ask("update-ref", "-m", "iacfix: fix", _ref(branch), commit, old)
        if answer.code == 0:
            return True
        if (self._commit_of(_ref(branch)) or "0" * len(commit)) != old:
            return False
        raise GitHostError(f"the branch {branch} could not be written: {answer.words}")

    def _message(self, commit: str) -> str:
        return self._git.run("cat-file", "commit", commit).decode("utf-8", "replace").partition("\n\n")[2]

    def _date(self, commit: str) -> str:
        head = self._git.run("cat-file", "commit", commit).decode("utf-8", "replace").partition("\n\n")[0]
        found = re.search(r"^committer .*> ([0-9]{1,12}) [+-][0-9]{4}$", head, re.MULTILINE)
        return f"@{found[1]} +0000" if found else "@0 +0000"


def _ref(branch: str) -> str:
    return f"refs/heads/{branch}"


def _conflict(branch: str) -> HostConflictError:
    return HostConflictError(
        f"the branch {branch} is there already and is not as iacfix left it",
        remedy="rename or delete that branch, and run it again",
    )
