"""Repositories, commits and branches of GitLab's API, and git's push, over a real repository.

Cited: "Repositories API", "Commits API", "Branches API" of GitLab's documentation; what a commit is refused for is in
GitLab's app/services/commits/create_service.rb and app/services/files/multi_service.rb.
"""

import base64
import binascii
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from iacfix.testing.bare_repository import ZERO, Commit, Entry, MovedError
from iacfix.testing.git_pushes import branches_of, declined
from iacfix.testing.gitlab_state import DEVELOPER, GitLabState, RefusedError, User, missing, refused, shown_commit

_SHA = re.compile(r"[0-9a-f]{40}")
_ACTIONS = {
    "update": {"action", "file_path", "content", "encoding", "last_commit_id"},
    "chmod": {"action", "file_path", "execute_filemode"},
}
_COMMIT_FIELDS = {"branch", "commit_message", "start_sha", "actions", "stats", "force"}


class GitLabGit:
    def __init__(self, state: GitLabState) -> None:
        self._state = state
        self._repository = state.repository
        # What a commit holds never changes, and asking git for it takes a process each time.
        self._commits: dict[str, Commit] = {}
        self._trees: dict[str, Mapping[str, Entry]] = {}
        self._names: dict[str, bool] = {}

    def branch(self, name: str) -> dict[str, object]:
        """A name that git does not take is refused before it is looked for."""
        if not self._is_name(name):
            raise refused("The branch refname is invalid")
        head = self._state.head(name)
        if head is None:
            raise missing("Branch")
        return {"name": name, "commit": self._shown(head), "protected": name in self._state.protected}

    def commit(self, sha: str) -> dict[str, object]:
        return self._shown(sha)

    def commits(self, query: Mapping[str, str]) -> list[object]:
        """`ref_name`: "a branch, tag or revision range"."""
        start, dots, end = query["ref_name"].partition("..")
        if not dots or not all(self._commit(each) for each in (start, end)):
            raise missing("Commit")
        return [self._shown(each) for each in self._repository.ahead(end, start)]

    def diff(self, sha: str) -> list[object]:
        """The modes are left out, as they may be."""
        commit = self._commit(sha)
        if commit is None:
            raise missing("Commit")
        before = self._files(commit.parents[0]) if commit.parents else {}
        after = self._files(sha)
        changed = sorted(path for path in {*before, *after} if before.get(path) != after.get(path))
        return [
            {
                "old_path": path,
                "new_path": path,
                "new_file": path not in before,
                "deleted_file": path not in after,
                "renamed_file": False,
                "diff": "",
            }
            for path in changed
        ]

    def tree(self, query: Mapping[str, str]) -> list[dict[str, object]]:
        """404 for a path that is not there, since 17.7."""
        commit = self._commit(query["ref"])
        if commit is None:
            raise missing("Tree")
        folder = f"{query['path']}/" if query.get("path") else ""
        found: dict[str, dict[str, object]] = {}
        for path, entry in self._files(commit.id).items():
            if path.startswith(folder):
                name, slash, _ = path.removeprefix(folder).partition("/")
                mode, kind = ("040000", "tree") if slash else (entry.mode, "blob")
                there = f"{folder}{name}"
                made_up = base64.b16encode(there.encode())[:40].decode().lower().ljust(40, "0")
                one: dict[str, object] = {
                    "id": made_up if slash else entry.id,
                    "name": name,
                    "type": kind,
                    "path": there,
                    "mode": mode,
                }
                found.setdefault(name, one)
        if not found:
            raise missing("Tree")
        return sorted(found.values(), key=lambda each: (each["type"] != "tree", str(each["path"])))

    def blob(self, sha: str) -> dict[str, object]:
        data = self._repository.blob(sha) if _SHA.fullmatch(sha) else None
        if data is None:
            raise missing("Blob")
        return {"size": len(data), "encoding": "base64", "content": base64.b64encode(data).decode(), "sha": sha}

    def create_commit(self, user: User, body: Mapping[str, object]) -> dict[str, object]:
        if unknown := body.keys() - _COMMIT_FIELDS:
            raise refused(f"not known: {sorted(unknown)}")
        branch, sha, message = (str(body.get(name, "")) for name in ("branch", "start_sha", "commit_message"))
        actions = body.get("actions")
        if not branch or not message or not isinstance(actions, list) or not actions:
            raise RefusedError(HTTPStatus.BAD_REQUEST, {"error": "branch, commit_message, actions is missing"})
        if user.level < DEVELOPER or branch in self._state.protected or self._state.archived:
            raise refused("You are not allowed to push into this branch")
        if not _SHA.fullmatch(sha):
            raise refused(f"Invalid start_sha '{sha}'")
        if self._commit(sha) is None:
            raise refused(f"Cannot find start_sha '{sha}'")
        old = self._state.head(branch)
        if old is not None and body.get("force") is not True:
            raise refused(f"A branch called '{branch}' already exists. Switch to that branch in order to make changes")
        if not self._is_name(branch):
            raise refused(f"Something went wrong when we tried to create '{branch}' for you: Branch name is invalid")
        tree = self._repository.write_tree(self._acted(self._files(sha), actions))
        made = self._repository.write_commit(tree, [sha], message, name=user.username, date=self._state.next_id())
        try:
            self._repository.move(branch, made, expected=old or ZERO)
        except MovedError:
            raise refused("Could not update branch. Please refresh and try again.") from None
        return self._shown(made)

    def push(self, user: User, request: bytes) -> bytes:
        """Git itself compares and swaps. Hooks refuse all of a push where one branch is protected."""
        if user.level < DEVELOPER or not self._state.may_push or self._state.archived:
            raise RefusedError(HTTPStatus.FORBIDDEN, "You are not allowed to push code to this project.")
        if refs := [ref for ref in branches_of(request) if ref in self._state.protected]:
            words = "GitLab: You are not allowed to force push code to a protected branch on this project."
            return declined(refs, words)
        done = subprocess.run(
            ["git", "receive-pack", "--stateless-rpc", str(self._repository.folder)],
            input=request,
            capture_output=True,
            check=False,
            env={"PATH": os.defpath, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "LC_ALL": "C"},
        )
        if done.returncode and not done.stdout:
            raise RefusedError(HTTPStatus.INTERNAL_SERVER_ERROR, done.stderr.decode("utf-8", "replace"))
        return done.stdout

    def _acted(self, files: Mapping[str, Entry], actions: Sequence[object]) -> dict[str, Entry]:
        """`update` keeps the mode; `execute_filemode` is "only considered for chmod action"."""
        after = dict(files)
        for action in actions:
            kind = action.get("action") if isinstance(action, dict) else None
            if not isinstance(action, dict) or kind not in _ACTIONS or action.keys() - _ACTIONS[str(kind)]:
                raise refused(f"Unknown action: {action!r}")
            path = str(action.get("file_path", ""))
            if path not in after:
                raise refused("A file with this name doesn't exist")
            if kind == "chmod":
                mode = "100755" if action["execute_filemode"] is True else "100644"
                after[path] = Entry(mode, after[path].id)
                continue
            try:
                data = base64.b64decode(str(action["content"]), validate=True)
            except (KeyError, binascii.Error):
                raise refused("content is not base64") from None
            after[path] = Entry(after[path].mode, self._repository.write_blob(data))
        return after

    def _shown(self, sha: str) -> dict[str, object]:
        found = self._commit(sha)
        if found is None:
            raise missing("Commit")
        return shown_commit(found)

    def _commit(self, sha: str) -> Commit | None:
        """By its whole id alone."""
        if sha not in self._commits and _SHA.fullmatch(sha) and (found := self._repository.commit(sha)):
            self._commits[sha] = found
        return self._commits.get(sha)

    def _files(self, sha: str) -> Mapping[str, Entry]:
        if sha not in self._trees:
            self._trees[sha] = self._repository.files(sha)
        return self._trees[sha]

    def _is_name(self, name: str) -> bool:
        if name not in self._names:
            self._names[name] = self._repository.is_branch_name(name)
        return self._names[name]
