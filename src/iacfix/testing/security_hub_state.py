"""What the parts of the server for Security Hub share: refusals, pages, times."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

Body = Mapping[str, object]
_START = datetime(2026, 1, 1, tzinfo=UTC)


class RefusedError(Exception):
    """`code` "" is what the operation calls a request that does not fit."""

    def __init__(self, message: str, *, code: str = "", status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


def page_of(items: Sequence[object], asked: Body, name: str, most: int) -> Body:
    """By a token that says where the next page begins; AWS's says nothing to anybody."""
    token = str(asked.get("NextToken", "") or "")
    if token and not token.removeprefix("page-").isdigit():
        raise RefusedError("the token is none of this server's")
    wanted = asked.get("MaxResults")
    size = min(wanted, most) if isinstance(wanted, int) else most
    start = int(token.removeprefix("page-")) if token else 0
    answer: dict[str, object] = {name: list(items[start : start + size])}
    return answer | {"NextToken": f"page-{start + size}"} if start + size < len(items) else answer


def shown_time(number: int) -> str:
    """The server's own clock: a second for each change."""
    return (_START + timedelta(seconds=number)).isoformat().replace("+00:00", "Z")
