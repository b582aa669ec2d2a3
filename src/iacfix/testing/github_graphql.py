"""The four things that are asked of GitHub's GraphQL: what REST has not, by the schema of `@octokit/graphql-schema`
15.26.1. The words of its refusals are not documented: these are ours, and nobody may rely on them.
"""

import re
from collections.abc import Mapping
from typing import cast

from iacfix.testing.github_git import swap
from iacfix.testing.github_state import RefusedError, State

Json = Mapping[str, object]
_OID = re.compile(r"[0-9a-f]{40}")
_UPDATE_REFS = re.compile(
    r"mutation\(\$(\w+): UpdateRefsInput!\) \{ updateRefs\(input: \$\1\) \{ clientMutationId \} \}"
)
_DRAFT = re.compile(
    r"mutation\(\$(\w+): ID!\) \{ (convertPullRequestToDraft|markPullRequestReadyForReview)"
    r"\(input: \{pullRequestId: \$\1\}\) \{ clientMutationId \} \}"
)
_VIEWER = re.compile(r"query \{ viewer \{ login \} \}")
REF_UPDATE = {"name", "afterOid", "beforeOid", "force"}


def answer(state: State, login: str, body: object) -> Json:
    """Always with status 200, as there."""
    if not isinstance(body, dict) or not isinstance(query := body.get("query"), str):
        return _errors("", "A query attribute must be specified and must be a string.")
    variables = cast("Json", body.get("variables") or {})
    if _VIEWER.fullmatch(query):
        return {"data": {"viewer": {"login": login}}}
    for pattern, act in ((_UPDATE_REFS, _update_refs), (_DRAFT, _draft)):
        if found := pattern.fullmatch(query):
            field = found[2] if pattern is _DRAFT else "updateRefs"
            try:
                _require_writer(state, login)
                act(state, field, variables.get(found[1]))
            except RefusedError as error:
                return _errors(field, error.message, _kind(error.status))
            return {"data": {field: {"clientMutationId": None}}}
    return _errors("", "this query is not one that this server knows")


def _update_refs(state: State, field: str, given: object) -> None:
    value = _object(given, {"repositoryId", "refUpdates", "clientMutationId"}, {"repositoryId", "refUpdates"}, field)
    if value["repositoryId"] != f"R_{state.id}":
        raise RefusedError(404, f"Could not resolve to a node with the global id of '{value['repositoryId']}'")
    updates = value["refUpdates"]
    if not isinstance(updates, list) or len(updates) != 1:
        raise RefusedError(422, "this server makes one update at a time")
    update = _object(updates[0], REF_UPDATE, {"name", "afterOid"}, "RefUpdate")
    name, after, before = (update.get(key) for key in ("name", "afterOid", "beforeOid"))
    if not isinstance(name, str) or not name.startswith("refs/heads/"):
        raise RefusedError(422, f"{name!r} is not a valid Git ref name")
    if not isinstance(after, str) or not _OID.fullmatch(after):
        raise RefusedError(422, f"{after!r} is not a valid Git object ID")
    if before is not None and (not isinstance(before, str) or not _OID.fullmatch(before)):
        raise RefusedError(422, f"{before!r} is not a valid Git object ID")
    swap(state, name.removeprefix("refs/heads/"), before, after, force=bool(update.get("force", False)))


def _draft(state: State, field: str, given: object) -> None:
    pull = state.pull(str(given).removeprefix("PR_"))
    wanted = field == "convertPullRequestToDraft"
    if wanted and not state.has_drafts:
        raise RefusedError(422, "Draft pull requests are not supported in this repository.")
    pull.draft = wanted


def _require_writer(state: State, login: str) -> None:
    if state.archived:
        raise RefusedError(403, "Repository was archived so is read-only.")
    if not state.may_write(login):
        raise RefusedError(403, "Resource not accessible by personal access token")


def _object(given: object, known: set[str], required: set[str], name: str) -> Json:
    if not isinstance(given, dict) or not required <= given.keys() <= known:
        raise RefusedError(422, f"Variable of type {name} was provided invalid value")
    return cast("Json", given)


def _kind(status: int) -> str:
    return {403: "FORBIDDEN", 404: "NOT_FOUND"}.get(status, "UNPROCESSABLE")


def _errors(field: str, message: str, kind: str = "") -> Json:
    error: dict[str, object] = {"message": message}
    if field:
        error |= {"path": [field], "type": kind}
    return {"data": {field: None} if field else None, "errors": [error]}
