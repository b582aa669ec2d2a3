"""HTTP without redirects: a token would go with them."""

from functools import cache
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, OpenerDirector, build_opener

_MAX_ERROR = 64 * 1024


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_: object, **__: object) -> None:
        """So that the answer is an error, with the status that it has."""


@cache
def opener() -> OpenerDirector:
    """With the proxies that the environment has when it is first needed."""
    return build_opener(_NoRedirects)


def excerpt(error: HTTPError) -> bytes:
    """As much of the body as words need."""
    try:
        return error.read(_MAX_ERROR)
    except (OSError, HTTPException):
        return b""
