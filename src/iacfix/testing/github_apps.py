"""GitHub Apps: their installation in the repository, and tokens of it for who signs with the App's key."""

from collections.abc import Mapping
from datetime import UTC, datetime

from iacfix.testing import github_answers as answers
from iacfix.testing.github_git import REPO, Call, Operation
from iacfix.testing.github_state import App, RefusedError, State

_MAX_MINUTES = 10
_LEEWAY = 60


def slug_of(state: State, token: str) -> str:
    """The App whose key has signed it. "Generating a JSON Web Token for a GitHub App" (GitHub Docs): RS256, `iat` not
    in the future, `exp` at most ten minutes ahead, `iss` the App's id. Raises RefusedError.
    """
    import jwt  # noqa: PLC0415 - of the extra `github`, for who has an App here

    for app in state.apps.values():
        try:
            claims = jwt.decode(
                token,
                app.public_key,
                algorithms=["RS256"],
                leeway=_LEEWAY,
                options={"require": ["iat", "exp", "iss"]},
            )
        except jwt.PyJWTError:
            continue
        ahead = claims["exp"] - datetime.now(UTC).timestamp()
        if str(claims["iss"]) == app.id and ahead <= _MAX_MINUTES * 60 + _LEEWAY:
            return app.slug
    raise RefusedError(401, "A JSON web token could not be decoded")


def get_installation(state: State, call: Call) -> tuple[int, object]:
    if f"{call.names['owner']}/{call.names['repo']}" != state.full_name:
        raise RefusedError(404, "Not Found")
    app = state.apps[call.login]
    url = f"{state.url}/app/installations/{app.installation}"
    return 200, {
        "id": app.installation,
        "app_id": int(app.id),
        "app_slug": app.slug,
        "target_id": 1,
        "target_type": "Organization",
        "account": answers.user(state, state.owner),
        "repository_selection": "selected",
        "access_tokens_url": f"{url}/access_tokens",
        "repositories_url": f"{state.url}/installation/repositories",
        "html_url": url,
        "permissions": {"contents": "write", "pull_requests": "write"},
        "events": [],
        "single_file_name": None,
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
        "suspended_by": None,
        "suspended_at": None,
    }


def create_token(state: State, call: Call) -> tuple[int, object]:
    app = state.apps[call.login]
    if call.names["installation_id"] != str(app.installation):
        raise RefusedError(404, "Not Found")
    token = f"ghs_{len(state.tokens):036d}"
    state.tokens[token] = f"{app.slug}[bot]"
    expires = datetime.now(UTC) + state.token_life
    return 201, {"token": token, "expires_at": expires.strftime("%Y-%m-%dT%H:%M:%SZ")}


def install(state: State, app: App) -> None:
    state.apps[app.slug] = app


OPERATIONS: Mapping[str, Operation] = {
    f"GET {REPO}/installation": get_installation,
    "POST /app/installations/{installation_id}/access_tokens": create_token,
}
