"""GitHub's Git Database: refs, commits, trees, blobs, and comparisons. Over a real repository of git."""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from iacfix.testing import github_answers as answers
from iacfix.testing.bare_repository import ZERO, Entry, GitRefusedError, MovedError
from iacfix.testing.github_state import RefusedError, State

Json = Mapping[str, object]
MODES = {"100644", "100755", "040000", "160000", "120000"}
_BRANCH = re.compile(r"refs/heads/(.+)")
_ID = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Call:
    """A request that is of GitHub's API, by the login whose token it has."""

    names: Mapping[str, str]
    query: Mapping[str, str]
    body: Json
    login: str

    def text(self, name: str) -> str:
        return str(self.body.get(name) or "")


Operation = Callable[[State, Call], tuple[int, object]]
REPO = "/repos/{owner}/{repo}"


def get_ref(state: State, call: Call) -> tuple[int, object]:
    branch = _BRANCH.fullmatch(f"refs/{call.names['ref']}")
    head = state.repository.head(branch[1]) if branch else None
    if branch is None or head is None:
        if not state.repository.branches():
            raise RefusedError(409, "Git Repository is empty.")
        raise RefusedError(404, "Not Found")
    return 200, answers.ref(state, branch[1], head)


def create_ref(state: State, call: Call) -> tuple[int, object]:
    branch = _BRANCH.fullmatch(call.text("ref"))
    if branch is None or not state.repository.is_branch_name(branch[1]):
        raise RefusedError(422, f"{call.text('ref')} is not a valid ref name.")
    if not state.repository.has(call.text("sha"), "commit"):
        raise RefusedError(422, "Object does not exist")
    require_free(state, branch[1])
    try:
        state.repository.move(branch[1], call.text("sha"), expected=ZERO)
    except MovedError as error:
        raise RefusedError(422, "Reference already exists") from error
    return 201, answers.ref(state, branch[1], call.text("sha"))


def require_free(state: State, branch: str) -> None:
    if branch in state.restricted:
        words = "Repository rule violations found\n\nCannot create ref due to creations being restricted.\n\n"
        raise RefusedError(422, words)


def get_commit(state: State, call: Call) -> tuple[int, object]:
    return 200, answers.git_commit(state, _object(state, call.names["commit_sha"], "commit"))


def get_tree(state: State, call: Call) -> tuple[int, object]:
    return 200, answers.tree(state, _object(state, call.names["tree_sha"], "tree"))


def get_blob(state: State, call: Call) -> tuple[int, object]:
    sha = _object(state, call.names["file_sha"], "blob")
    return 200, answers.blob(state, sha, state.repository.blob(sha) or b"")


def create_blob(state: State, call: Call) -> tuple[int, object]:
    content = call.text("content")
    match call.body.get("encoding", "utf-8"):
        case "utf-8":
            data = content.encode()
        case "base64":
            try:
                data = base64.b64decode(content, validate=True)
            except binascii.Error as error:
                raise RefusedError(422, "content is not valid Base64") from error
        case _:
            raise RefusedError(422, "encoding must be one of utf-8, base64")
    sha = state.repository.write_blob(data)
    return 201, {"sha": sha, "url": f"{state.url}/repos/{state.full_name}/git/blobs/{sha}"}


def create_tree(state: State, call: Call) -> tuple[int, object]:
    based = call.text("base_tree")
    files = dict(state.repository.files(_object(state, based, "tree"))) if based else {}
    for each in cast("list[Json]", call.body["tree"]):
        path, mode, sha = (str(each.get(name) or "") for name in ("path", "mode", "sha"))
        if mode not in MODES or path.startswith("/") or ".git" in path.split("/"):
            raise RefusedError(422, f"tree.path or tree.mode is not valid: {path!r}, {mode!r}")
        if not state.repository.has(sha, "blob"):
            raise RefusedError(422, f"tree.sha {sha} is not a valid blob")
        files[path] = Entry(mode, sha)
    return 201, answers.tree(state, state.repository.write_tree(files))


def create_commit(state: State, call: Call) -> tuple[int, object]:
    if not state.repository.has(call.text("tree"), "tree"):
        raise RefusedError(422, "Tree SHA does not exist")
    parents = cast("list[str]", call.body.get("parents", []))
    if not all(state.repository.has(parent, "commit") for parent in parents):
        raise RefusedError(422, "Parent SHA does not exist or is not a commit object")
    state.ticks += 1  # no two commits are made at the same moment here, as with processes that are far apart
    mail = f"{call.login}@users.noreply.github.com"
    made = state.repository.write_commit(
        call.text("tree"), parents, call.text("message"), name=call.login, mail=mail, date=state.ticks
    )
    return 201, answers.git_commit(state, made)


def compare(state: State, call: Call) -> tuple[int, object]:
    repository = state.repository
    base, _, head = (repository.resolve(each) or "" for each in _three(call.names["basehead"]))
    if not base or not head:
        raise RefusedError(404, "Not Found")
    merge_base = repository.merge_base(base, head)
    if merge_base is None:
        raise RefusedError(404, f"No common ancestor between {base} and {head}.")
    ahead, behind = repository.ahead(head, base), repository.ahead(base, head)
    start, stop = page_of(call.query, state.page)
    url = f"{state.url}/repos/{state.full_name}/compare/{base}...{head}"
    status = {(True, True): "diverged", (True, False): "ahead", (False, True): "behind", (False, False): "identical"}
    made: dict[str, object] = {
        "url": url,
        **{f"{name}_url": url for name in ("html", "permalink", "diff", "patch")},
        "base_commit": answers.commit(state, base),
        "merge_base_commit": answers.commit(state, merge_base),
        "status": status[bool(ahead), bool(behind)],
        "ahead_by": len(ahead),
        "behind_by": len(behind),
        "total_commits": len(ahead),
        "commits": [answers.commit(state, each) for each in tuple(reversed(ahead))[start:stop]],
    }
    return 200, made | ({"files": _files(state, merge_base, head)} if start == 0 else {})


def page_of(query: Mapping[str, str], most: int) -> tuple[int, int]:
    """Smaller than what was asked for, so that one has to ask for the next."""
    size = min(int(query.get("per_page", "30")), most)
    page = max(int(query.get("page", "1")), 1)
    return (page - 1) * size, page * size


def _three(basehead: str) -> tuple[str, str, str]:
    return basehead.partition("...")


def _files(state: State, base: str, head: str) -> list[Json]:
    before, after = state.repository.files(base), state.repository.files(head)
    url = f"{state.url}/repos/{state.full_name}"
    urls = {f"{name}_url": url for name in ("blob", "contents", "raw")}
    made: list[Json] = []
    for path in sorted(before.keys() | after.keys()):
        if before.get(path) == after.get(path):
            continue
        status = "added" if path not in before else "removed" if path not in after else "modified"
        sha = (after.get(path) or before[path]).id
        counts = {"additions": 1, "deletions": 1, "changes": 2}
        made.append({"sha": sha, "filename": path, "status": status, **counts, **urls})
    return made


def _object(state: State, sha: str, kind: str) -> str:
    """A commit stands for its tree, as in git. Raises RefusedError."""
    if _ID.fullmatch(sha):
        if state.repository.has(sha, kind):
            return sha
        if kind == "tree" and state.repository.has(sha, "commit") and (found := state.repository.commit(sha)):
            return found.tree
    raise RefusedError(404, "Not Found")


def swap(state: State, branch: str, before: str | None, after: str, *, force: bool) -> None:
    """For GraphQL's updateRefs. Raises RefusedError where the branch is not at `before`, which None leaves open."""
    require_free(state, branch)
    old = state.repository.head(branch)
    try:
        if after == ZERO:
            state.repository.delete(branch, expected=before)
            return
        if not state.repository.has(after, "commit"):
            raise RefusedError(422, f"Could not resolve to a node with the oid of '{after}'.")
        if old is not None and not force and not state.repository.is_ancestor(old, after):
            raise RefusedError(422, "Update is not a fast forward")
        state.repository.move(branch, after, expected=before)
    except GitRefusedError as error:
        raise RefusedError(422, f"The reference refs/heads/{branch} is not at {before}.") from error


OPERATIONS: Mapping[str, Operation] = {
    f"GET {REPO}/git/ref/{{ref}}": get_ref,
    f"POST {REPO}/git/refs": create_ref,
    f"GET {REPO}/git/commits/{{commit_sha}}": get_commit,
    f"POST {REPO}/git/commits": create_commit,
    f"GET {REPO}/git/trees/{{tree_sha}}": get_tree,
    f"POST {REPO}/git/trees": create_tree,
    f"GET {REPO}/git/blobs/{{file_sha}}": get_blob,
    f"POST {REPO}/git/blobs": create_blob,
    f"GET {REPO}/compare/{{basehead}}": compare,
}
