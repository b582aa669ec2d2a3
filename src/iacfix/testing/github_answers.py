"""What GitHub's answers hold. Fields that nobody reads here are there too, since its description asks for them."""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime

from iacfix.testing.bare_repository import Entry
from iacfix.testing.github_state import Pull, Said, State

Json = dict[str, object]

_USER_URLS = [
    "avatar",
    "events",
    "followers",
    "following",
    "gists",
    "html",
    "organizations",
    "received_events",
    "repos",
    "starred",
    "subscriptions",
]
_REPOSITORY_URLS = [
    "archive",
    "assignees",
    "blobs",
    "branches",
    "collaborators",
    "comments",
    "commits",
    "compare",
    "contents",
    "contributors",
    "deployments",
    "downloads",
    "events",
    "forks",
    "git_commits",
    "git_refs",
    "git_tags",
    "hooks",
    "html",
    "issue_comment",
    "issue_events",
    "issues",
    "keys",
    "labels",
    "languages",
    "merges",
    "milestones",
    "notifications",
    "pulls",
    "releases",
    "stargazers",
    "statuses",
    "subscribers",
    "subscription",
    "tags",
    "teams",
    "trees",
    "clone",
    "git",
    "ssh",
    "svn",
]
_COUNTS = [
    "forks",
    "forks_count",
    "open_issues",
    "open_issues_count",
    "size",
    "stargazers_count",
    "watchers",
    "watchers_count",
]
_PULL_URLS = ["comments", "commits", "diff", "html", "issue", "patch", "review_comment", "review_comments", "statuses"]
_LINKS = ["comments", "commits", "statuses", "html", "issue", "review_comments", "review_comment", "self"]
_NO_SIGNATURE = {"verified": False, "reason": "unsigned", "payload": None, "signature": None, "verified_at": None}
FOLDER = "040000"


def user(state: State, login: str) -> Json:
    urls = {f"{name}_url": f"{state.url}/users/{login}/{name}" for name in _USER_URLS}
    number = sum(login.encode())
    kind = "Bot" if login.endswith("[bot]") else "User"
    own = {"login": login, "id": number, "node_id": f"U_{number}", "type": kind, "site_admin": False}
    return {**urls, **own, "gravatar_id": "", "url": f"{state.url}/users/{login}"}


def repository(state: State, fork: int = 0) -> Json:
    """That of the server, or a fork of the same name with an id of its own."""
    owner = f"fork-{fork}" if fork else state.owner
    url = f"{state.url}/repos/{owner}/{state.name}"
    return {
        **{f"{name}_url": f"{url}/{name}" for name in _REPOSITORY_URLS},
        **dict.fromkeys(_COUNTS, 0),
        **dict.fromkeys(("description", "homepage", "language", "mirror_url", "license"), None),
        **dict.fromkeys(("has_issues", "has_projects", "has_wiki", "has_downloads"), True),
        **dict.fromkeys(("has_pages", "has_discussions", "disabled", "private"), False),
        **dict.fromkeys(("created_at", "updated_at", "pushed_at"), "2026-01-01T00:00:00Z"),
        "id": fork or state.id,
        "node_id": f"R_{fork or state.id}",
        "name": state.name,
        "full_name": f"{owner}/{state.name}",
        "owner": user(state, owner),
        "fork": bool(fork),
        "url": url,
        "default_branch": state.repository.default_branch,
        "archived": state.archived,
        "network_count": 0,
        "subscribers_count": 0,
    }


def ref(state: State, branch: str, commit: str) -> Json:
    url = f"{state.url}/repos/{state.full_name}/git"
    points = {"type": "commit", "sha": commit, "url": f"{url}/commits/{commit}"}
    return {"ref": f"refs/heads/{branch}", "node_id": f"REF_{branch}", "url": f"{url}/refs/{branch}", "object": points}


def tree(state: State, sha: str) -> Json:
    found = state.repository.entries(sha)
    return {"sha": sha, "truncated": False, "tree": [_entry(name, entry) for name, entry in found.items()]}


def _entry(name: str, entry: Entry) -> Json:
    kind = "tree" if entry.mode == FOLDER else "commit" if entry.mode == "160000" else "blob"
    return {"path": name, "mode": entry.mode, "type": kind, "sha": entry.id}


def blob(state: State, sha: str, data: bytes) -> Json:
    url = f"{state.url}/repos/{state.full_name}/git/blobs/{sha}"
    content = base64.encodebytes(data).decode("ascii")
    return {"sha": sha, "node_id": f"B_{sha}", "url": url, "size": len(data), "content": content, "encoding": "base64"}


def git_commit(state: State, sha: str) -> Json:
    found = state.repository.commit(sha)
    if found is None:
        raise LookupError(sha)
    url = f"{state.url}/repos/{state.full_name}/git"
    who = {"name": found.author, "email": found.mail, "date": _date(found.date)}
    return {
        "sha": found.id,
        "node_id": f"C_{found.id}",
        "url": f"{url}/commits/{found.id}",
        "html_url": f"{url}/commit/{found.id}",
        "author": who,
        "committer": who,
        "message": found.message,
        "tree": {"sha": found.tree, "url": f"{url}/trees/{found.tree}"},
        "parents": [{"sha": each, "url": f"{url}/commits/{each}", "html_url": url} for each in found.parents],
        "verification": _NO_SIGNATURE,
    }


def commit(state: State, sha: str) -> Json:
    """As comparisons have it."""
    found = git_commit(state, sha)
    inner = {name: found[name] for name in ("author", "committer", "message", "tree", "url")}
    outer = {name: found[name] for name in ("sha", "node_id", "url", "html_url", "parents")}
    more = {"comment_count": 0, "verification": _NO_SIGNATURE}
    return {**outer, "comments_url": found["url"], "author": None, "committer": None, "commit": {**inner, **more}}


def pull(state: State, found: Pull, *, full: bool = False) -> Json:
    url = f"{state.url}/repos/{state.full_name}/pulls/{found.number}"
    made: Json = {
        **{f"{name}_url": f"{url}/{name}" for name in _PULL_URLS},
        **dict.fromkeys(("assignee", "milestone", "auto_merge", "merge_commit_sha"), None),
        "_links": {name: {"href": f"{url}/{name}"} for name in _LINKS},
        "id": 1_000 + found.number,
        "node_id": f"PR_{found.number}",
        "number": found.number,
        "url": url,
        "state": found.state,
        "locked": False,
        "title": found.title,
        "body": found.body,
        "user": user(state, found.author),
        "draft": found.draft,
        "labels": [label(state, name) for name in found.labels],
        "requested_reviewers": [user(state, login) for login in found.reviewers],
        "requested_teams": [_team(state, slug) for slug in found.teams],
        "created_at": found.opened_at,
        "updated_at": found.opened_at,
        "closed_at": None if found.state == "open" else found.opened_at,
        "merged_at": found.opened_at if found.merged else None,
        "author_association": "CONTRIBUTOR",
        "head": _side(state, found.branch, found.head, found.fork),
        "base": _side(state, found.target, found.base, 0),
    }
    return made | _full(found) if full else made


def _full(found: Pull) -> Json:
    counts = ["additions", "changed_files", "comments", "commits", "deletions", "review_comments"]
    return {
        **dict.fromkeys(counts, 1),
        "mergeable": None,
        "mergeable_state": "unknown",
        "merged": found.merged,
        "merged_by": None,
        "maintainer_can_modify": False,
    }


def _side(state: State, branch: str, sha: str, fork: int) -> Json:
    of = repository(state, fork)
    owner = f"fork-{fork}" if fork else state.owner
    return {"label": f"{owner}:{branch}", "ref": branch, "sha": sha, "repo": of, "user": user(state, owner)}


def _team(state: State, slug: str) -> Json:
    url = f"{state.url}/orgs/{state.owner}/teams/{slug}"
    urls = {f"{name}_url": f"{url}/{name}" for name in ("members", "html", "repositories")}
    names = {"id": sum(slug.encode()), "node_id": f"T_{slug}", "name": slug, "slug": slug, "description": None}
    kind = {"type": "organization", "organization_id": 1}
    return {**urls, **names, **kind, "url": url, "permission": "push", "privacy": "closed", "parent": None}


def label(state: State, name: str) -> Json:
    number = sum(name.encode())
    url = f"{state.url}/repos/{state.full_name}/labels/{number}"
    made = {"id": number, "node_id": f"LA_{number}", "url": url, "name": name}
    return {**made, "description": "", "color": "ededed", "default": False}


def comment(state: State, said: Said) -> Json:
    url = f"{state.url}/repos/{state.full_name}/issues"
    return {
        "id": said.id,
        "node_id": f"IC_{said.id}",
        "url": f"{url}/comments/{said.id}",
        "html_url": f"{url}/{said.number}#issuecomment-{said.id}",
        "issue_url": f"{url}/{said.number}",
        "user": user(state, said.author),
        "body": said.body,
        "created_at": said.at,
        "updated_at": said.at,
        "author_association": "CONTRIBUTOR",
    }


def review(state: State, found: Pull, login: str) -> Json:
    url = f"{state.url}/repos/{state.full_name}/pulls/{found.number}"
    return {
        "id": sum(login.encode()),
        "node_id": f"PRR_{login}",
        "user": user(state, login),
        "body": "",
        "state": "COMMENTED",
        "commit_id": found.head,
        "html_url": url,
        "pull_request_url": url,
        "_links": {"html": {"href": url}, "pull_request": {"href": url}},
        "author_association": "MEMBER",
    }


def refusal(status: int, message: str, errors: list[Mapping[str, object]] | None) -> Json:
    page = {"documentation_url": "https://docs.github.com/rest", "status": str(status)}
    return {"message": message, **page} | ({"errors": errors} if errors is not None else {})


def _date(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
