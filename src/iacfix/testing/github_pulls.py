"""GitHub's pull requests, labels, reviewers, comments and permissions."""

from collections.abc import Mapping
from typing import cast

from iacfix.testing import github_answers as answers
from iacfix.testing.github_git import REPO, Call, Operation
from iacfix.testing.github_state import Pull, RefusedError, Said, State

Json = Mapping[str, object]
MAX_BODY = 65_536
MAX_TITLE = 256
MAX_LABEL = 50


def get_repository(state: State, call: Call) -> tuple[int, object]:
    del call
    return 200, answers.repository(state)


def list_pulls(state: State, call: Call) -> tuple[int, object]:
    """Of all states where it says so; a `head` without an owner is not looked at, as GitHub does."""
    wanted, head = call.query.get("state", "open"), call.query.get("head", "")
    asked = [pull for pull in state.pulls.values() if ":" not in head or head == _label_of_head(state, pull)]
    for pull in asked:
        state.follow(pull)
    found = [pull for pull in asked if wanted in {"all", pull.state}]
    found.sort(key=lambda pull: pull.number, reverse=call.query.get("direction", "desc") == "desc")
    return 200, [answers.pull(state, pull) for pull in found]


def _label_of_head(state: State, pull: Pull) -> str:
    """A fork of the same owner, too, has it: an organization may have several."""
    return f"{state.owner}:{pull.branch}"


def create_pull(state: State, call: Call) -> tuple[int, object]:
    branch, target = call.text("head").removeprefix(f"{state.owner}:"), call.text("base")
    if "title" not in call.body and "issue" not in call.body:
        raise invalid("PullRequest", "title", "missing_field")
    head, base = state.repository.head(branch), state.repository.head(target)
    if head is None:
        raise invalid("PullRequest", "head", "invalid")
    if base is None:
        raise invalid("PullRequest", "base", "invalid")
    _check_texts(call)
    open_ones = [
        each for each in state.pulls.values() if not each.fork and (each.branch, each.target) == (branch, target)
    ]
    for each in open_ones:
        state.follow(each)
    if any(each.state == "open" for each in open_ones):
        raise custom(f"A pull request already exists for {state.owner}:{branch}.")
    if not state.repository.ahead(head, base):
        raise custom(f"No commits between {target} and {branch}")
    if call.body.get("draft") and not state.has_drafts:
        raise RefusedError(422, "Draft pull requests are not supported in this repository.")
    number = len(state.pulls) + 1
    made = Pull(
        number=number,
        title=call.text("title"),
        body=call.text("body"),
        branch=branch,
        target=target,
        author=call.login,
        head=head,
        base=base,
        opened_at=state.now(),
        draft=bool(call.body.get("draft")),
    )
    state.pulls[number] = made
    return 201, answers.pull(state, made, full=True)


def get_pull(state: State, call: Call) -> tuple[int, object]:
    return 200, answers.pull(state, state.pull(call.names["pull_number"]), full=True)


def update_pull(state: State, call: Call) -> tuple[int, object]:
    pull = state.pull(call.names["pull_number"])
    _check_texts(call)
    if "base" in call.body:
        if state.repository.head(call.text("base")) is None:
            raise invalid("PullRequest", "base", "invalid")
        pull.target = call.text("base")
    if "state" in call.body:
        if pull.merged:
            raise invalid("PullRequest", "state", "invalid")
        pull.state = call.text("state")
    pull.title = str(call.body.get("title", pull.title))
    pull.body = str(call.body.get("body", pull.body))
    return 200, answers.pull(state, pull, full=True)


def _check_texts(call: Call) -> None:
    if len(call.text("title")) > MAX_TITLE:
        raise custom(f"title is too long (maximum is {MAX_TITLE} characters)")
    if len(call.text("body")) > MAX_BODY:
        raise custom(f"body is too long (maximum is {MAX_BODY} characters)")


def list_reviews(state: State, call: Call) -> tuple[int, object]:
    pull = state.pull(call.names["pull_number"])
    return 200, [answers.review(state, pull, login) for login in pull.reviewed]


def request_reviewers(state: State, call: Call) -> tuple[int, object]:
    pull = state.pull(call.names["pull_number"])
    people = cast("list[str]", call.body.get("reviewers", []))
    teams = cast("list[str]", call.body.get("team_reviewers", []))
    if pull.author in people:
        raise RefusedError(422, "Review cannot be requested from pull request author.")
    if not all(each in state.people for each in people) or not set(teams) <= state.teams:
        who = "One or more of the users or teams you specified is not a collaborator of the"
        raise RefusedError(
            422, f"Reviews may only be requested from collaborators. {who} {state.full_name} repository."
        )
    pull.reviewers = list(dict.fromkeys((*pull.reviewers, *people)))
    pull.teams = list(dict.fromkeys((*pull.teams, *teams)))
    return 201, answers.pull(state, pull)


def add_labels(state: State, call: Call) -> tuple[int, object]:
    """Labels that are not there are made, as GitHub does for those who may write."""
    pull = state.pull(call.names["issue_number"])
    for name in cast("list[str]", call.body.get("labels", [])):
        if not state.makes_labels and name not in state.labels:
            raise invalid("Label", "name", "invalid")
        _check_label(name)
        state.labels.add(name)
        if name not in pull.labels:
            pull.labels.append(name)
    return 200, [answers.label(state, name) for name in pull.labels]


def get_label(state: State, call: Call) -> tuple[int, object]:
    if call.names["name"] not in state.labels:
        raise RefusedError(404, "Not Found")
    return 200, answers.label(state, call.names["name"])


def create_label(state: State, call: Call) -> tuple[int, object]:
    name = call.text("name")
    _check_label(name)
    if name in state.labels:
        raise invalid("Label", "name", "already_exists")
    state.labels.add(name)
    return 201, answers.label(state, name)


def _check_label(name: str) -> None:
    if not name.strip() or len(name) > MAX_LABEL or "," in name:
        raise invalid("Label", "name", "invalid")


def list_comments(state: State, call: Call) -> tuple[int, object]:
    pull = state.pull(call.names["issue_number"])
    return 200, [answers.comment(state, each) for each in state.comments.values() if each.number == pull.number]


def create_comment(state: State, call: Call) -> tuple[int, object]:
    said = say(state, state.pull(call.names["issue_number"]).number, call.login, call.text("body"))
    return 201, answers.comment(state, said)


def say(state: State, number: int, login: str, body: str) -> Said:
    if not body.strip() or len(body) > MAX_BODY:
        raise custom(f"Body is too long (maximum is {MAX_BODY} characters) or blank")
    made = Said(max(state.comments, default=0) + 1, number, login, body, state.now())
    state.comments[made.id] = made
    return made


def update_comment(state: State, call: Call) -> tuple[int, object]:
    said = _said(state, call)
    said.body = call.text("body")
    return 200, answers.comment(state, said)


def delete_comment(state: State, call: Call) -> tuple[int, object]:
    del state.comments[_said(state, call).id]
    return 204, None


def _said(state: State, call: Call) -> Said:
    found = state.comments.get(int(call.names["comment_id"]))
    if found is None:
        raise RefusedError(404, "Not Found")
    return found


def get_permission(state: State, call: Call) -> tuple[int, object]:
    login = call.names["username"]
    if login not in state.people:
        raise RefusedError(404, f"{login} is not a user")
    permission = state.people[login]
    person = {**answers.user(state, login), "role_name": permission}
    return 200, {"permission": permission, "role_name": permission, "user": person}


def invalid(resource: str, name: str, code: str) -> RefusedError:
    return RefusedError(422, "Validation Failed", [{"resource": resource, "field": name, "code": code}])


def custom(message: str) -> RefusedError:
    return RefusedError(422, "Validation Failed", [{"resource": "PullRequest", "code": "custom", "message": message}])


OPERATIONS: Mapping[str, Operation] = {
    f"GET {REPO}": get_repository,
    f"GET {REPO}/pulls": list_pulls,
    f"POST {REPO}/pulls": create_pull,
    f"GET {REPO}/pulls/{{pull_number}}": get_pull,
    f"PATCH {REPO}/pulls/{{pull_number}}": update_pull,
    f"GET {REPO}/pulls/{{pull_number}}/reviews": list_reviews,
    f"POST {REPO}/pulls/{{pull_number}}/requested_reviewers": request_reviewers,
    f"POST {REPO}/issues/{{issue_number}}/labels": add_labels,
    f"GET {REPO}/issues/{{issue_number}}/comments": list_comments,
    f"POST {REPO}/issues/{{issue_number}}/comments": create_comment,
    f"PATCH {REPO}/issues/comments/{{comment_id}}": update_comment,
    f"DELETE {REPO}/issues/comments/{{comment_id}}": delete_comment,
    f"GET {REPO}/labels/{{name}}": get_label,
    f"POST {REPO}/labels": create_label,
    f"GET {REPO}/collaborators/{{username}}/permission": get_permission,
}
