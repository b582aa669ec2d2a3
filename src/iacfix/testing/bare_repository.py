"""A real bare git repository, for servers that speak a host's protocol over it."""

import contextlib
import os
import re
import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar, cast

K = TypeVar("K")
T = TypeVar("T")

ZERO = "0" * 40
_FULL_ID = re.compile(r"[0-9a-f]{40}")
_NAME, _MAIL = "A Person", "person@example.com"


class GitRefusedError(Exception):
    """Git would not; with its words."""


class MovedError(GitRefusedError):
    """A ref is not where it was said to be."""


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """A file of a tree: `mode` as git writes it (`100644`, `120000` is a link)."""

    mode: str
    id: str


@dataclass(frozen=True, slots=True)
class Commit:
    id: str
    tree: str
    parents: tuple[str, ...]
    author: str
    mail: str
    date: int
    message: str


class BareRepository:
    """Objects and refs, and nothing else: no hooks, no work tree, no configuration of the user's."""

    def __init__(self, folder: Path, *, default_branch: str = "main") -> None:
        self.folder = folder
        self.default_branch = default_branch
        self._known: dict[tuple[str, object], object] = {}
        if not (folder / "HEAD").exists():
            folder.mkdir(parents=True, exist_ok=True)
            self._git("init", "--bare", "--quiet", f"--initial-branch={default_branch}")

    def branches(self) -> Mapping[str, str]:
        listed = self._text("for-each-ref", "--format=%(refname:lstrip=2) %(objectname)", "refs/heads/")
        return dict(line.split(" ", 1) for line in listed.splitlines())

    def head(self, branch: str) -> str | None:
        """From git's own file where there is one, which is quick: servers ask all the time."""
        loose = self.folder / "refs" / "heads" / branch
        with contextlib.suppress(OSError, ValueError):
            if ".." not in branch and _FULL_ID.fullmatch(found := loose.read_text(encoding="ascii").strip()):
                return found
        if not (self.folder / "packed-refs").exists():
            return None
        return self.resolve(f"refs/heads/{branch}")

    def resolve(self, name: str) -> str | None:
        """The commit behind a branch, a full ref or an id."""
        if self._known.get(("kind", name)) == "commit" or ("commit", name) in self._known:
            return name
        found = self._run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        return found.stdout.decode().strip() or None if found.returncode == 0 else None

    def is_branch_name(self, name: str) -> bool:
        return self._run("check-ref-format", "--branch", name).returncode == 0

    def commit(self, name: str) -> Commit | None:
        found = self.resolve(name)
        return self._once("commit", found, self._commit) if found is not None else None

    def _commit(self, found: str) -> Commit:
        head, _, message = self._git("cat-file", "commit", found).decode("utf-8", "replace").partition("\n\n")
        facts = [line.partition(" ") for line in head.splitlines()]
        author = next(value for key, _, value in facts if key == "author")
        name_, _, rest = author.partition(" <")
        mail, _, when = rest.partition("> ")
        tree = next(value for key, _, value in facts if key == "tree")
        parents = tuple(value for key, _, value in facts if key == "parent")
        return Commit(found, tree, parents, name_, mail, int(when.split()[0]), message)

    def files(self, treeish: str) -> Mapping[str, Entry]:
        """Every file of a commit or tree, by path."""
        return self._once("files", treeish, self._files)

    def _files(self, treeish: str) -> Mapping[str, Entry]:
        listed = self._git("ls-tree", "-r", "-z", "--full-tree", treeish).decode("utf-8", "surrogateescape")
        found = {}
        for line in listed.split("\0")[:-1]:
            facts, _, path = line.partition("\t")
            mode, _, object_id = facts.split(" ")
            found[path] = Entry(mode, object_id)
        return found

    def entries(self, tree: str) -> Mapping[str, Entry]:
        """What a tree holds itself, folders too (`040000`), by name."""
        return self._once("entries", tree, self._entries)

    def _entries(self, tree: str) -> Mapping[str, Entry]:
        listed = self._git("ls-tree", "-z", "--full-tree", tree).decode("utf-8", "surrogateescape")
        lines = (line.partition("\t") for line in listed.split("\0")[:-1])
        return {name: Entry(facts.split(" ")[0], facts.split(" ")[2]) for facts, _, name in lines}

    def blob(self, object_id: str) -> bytes | None:
        found = self._run("cat-file", "blob", object_id)
        return found.stdout if found.returncode == 0 else None

    def has(self, object_id: str, kind: str) -> bool:
        if ("kind", object_id) not in self._known:
            found = self._run("cat-file", "-t", object_id)
            if found.returncode:
                return False
            self._once("kind", object_id, lambda _: found.stdout.decode().strip())
        return self._known.get(("kind", object_id)) == kind

    def write_blob(self, data: bytes) -> str:
        write = partial(self._git, "hash-object", "-w", "--no-filters", "--stdin")
        return self._once("written blob", data, lambda data: write(data=data).decode().strip())

    def write_tree(self, files: Mapping[str, Entry]) -> str:
        """From every file by its path."""
        return self._once("written tree", tuple(sorted(files.items())), self._write_tree)

    def _write_tree(self, files: Iterable[tuple[str, Entry]]) -> str:
        lines = "".join(f"{entry.mode} {entry.id}\t{path}\0" for path, entry in files)
        with TemporaryDirectory(prefix="iacfix-") as folder:
            index = {"GIT_INDEX_FILE": str(Path(folder, "index"))}
            self._git("update-index", "-z", "--index-info", data=lines.encode("utf-8", "surrogateescape"), more=index)
            return self._git("write-tree", more=index).decode().strip()

    def write_commit(  # noqa: PLR0913 - all that a commit is
        self, tree: str, parents: Iterable[str], message: str, *, name: str = _NAME, mail: str = _MAIL, date: int = 1
    ) -> str:
        who = {
            f"GIT_{role}_{part}": value
            for role in ("AUTHOR", "COMMITTER")
            for part, value in (("NAME", name), ("EMAIL", mail), ("DATE", f"@{date} +0000"))
        }
        options = [option for parent in parents for option in ("-p", parent)]
        return self._git("commit-tree", tree, *options, "-F", "-", data=message.encode(), more=who).decode().strip()

    def move(self, branch: str, to: str, *, expected: str | None = None) -> None:
        """`expected` is where it has to be: ZERO for a branch that must not be there, None for anywhere. Raises
        MovedError.
        """
        old = [] if expected is None else [expected]
        if self._run("update-ref", f"refs/heads/{branch}", to, *old).returncode:
            raise MovedError(f"{branch} is not at {expected}")

    def delete(self, branch: str, *, expected: str | None = None) -> None:
        old = [] if expected is None else [expected]
        if self._run("update-ref", "-d", f"refs/heads/{branch}", *old).returncode:
            raise MovedError(f"{branch} is not at {expected}")

    def merge_base(self, one: str, other: str) -> str | None:
        found = self._run("merge-base", one, other)
        return found.stdout.decode().strip() if found.returncode == 0 else None

    def ahead(self, head: str, base: str) -> tuple[str, ...]:
        """Commits that `head` has and `base` has not, newest first."""
        return tuple(self._text("rev-list", "--topo-order", head, f"^{base}").split())

    def is_ancestor(self, older: str, newer: str) -> bool:
        return self._run("merge-base", "--is-ancestor", older, newer).returncode == 0

    def commit_files(self, branch: str, files: Mapping[str, bytes | None], message: str, *, date: int = 1) -> str:
        """A person's commit on a branch, which is made from the default branch where it is not there; None deletes."""
        parent = self.head(branch) or self.head(self.default_branch)
        tree = dict(self.files(parent)) if parent else {}
        for path, data in files.items():
            if data is None:
                tree.pop(path, None)
            else:
                mode = tree[path].mode if path in tree else "100644"
                tree[path] = Entry(mode, self.write_blob(data))
        made = self.write_commit(self.write_tree(tree), [parent] if parent else [], message, date=date)
        self.move(branch, made)
        return made

    def _once(self, what: str, key: K, ask: Callable[[K], T]) -> T:
        """Objects never change, so git is asked for one once; a name that is no full id is asked for each time."""
        if what in {"commit", "files", "entries", "kind"} and not _FULL_ID.fullmatch(str(key)):
            return ask(key)
        if (what, key) not in self._known:
            self._known[what, key] = ask(key)
        return cast("T", self._known[what, key])

    def receive(self, push: bytes) -> bytes:
        """One push of git's own protocol, as a server gets it over HTTP, and its report."""
        return self._git("-c", "receive.autogc=false", "receive-pack", "--stateless-rpc", str(self.folder), data=push)

    def _text(self, *arguments: str) -> str:
        return self._git(*arguments).decode("utf-8", "surrogateescape")

    def _git(self, *arguments: str, data: bytes = b"", more: Mapping[str, str] | None = None) -> bytes:
        done = self._run(*arguments, data=data, more=more)
        if done.returncode:
            raise GitRefusedError(done.stderr.decode("utf-8", "replace").strip())
        return done.stdout

    def _run(
        self, *arguments: str, data: bytes = b"", more: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        environment = {
            "PATH": os.defpath,
            "HOME": str(self.folder),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "LC_ALL": "C",
            **(more or {}),
        }
        command = ["git", "--git-dir", str(self.folder), *arguments]
        return subprocess.run(command, input=data, capture_output=True, check=False, env=environment)
