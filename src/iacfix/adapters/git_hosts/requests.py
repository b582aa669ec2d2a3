"""What every host asks of a change request, before anything is made."""

import hashlib
import re

from iacfix.adapters.paths import require_plain
from iacfix.domain.change_request import ChangeRequest
from iacfix.domain.errors import GitHostError
from iacfix.domain.marks import CONTENT_TRAILER, TRAILER, content_hash, key_in, trailers_in
from iacfix.ports.git_host import HostLimits

_SHA1_LENGTH = 40
OBJECT_ID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


def check(request: ChangeRequest, limits: HostLimits) -> None:
    """Raises GitHostError, UnsafePathError."""
    for edit in request.edits:
        require_plain(edit.path)
    if len({edit.path for edit in request.edits}) < len(request.edits):
        raise GitHostError("the request changes the same file twice")
    if not any(edit.before != edit.after for edit in request.edits):
        raise GitHostError("the change is empty: every file already is as it should be")
    if not OBJECT_ID.fullmatch(request.base):
        raise GitHostError(f"{request.base[:64]!r} is not the id of a commit")
    trailers = trailers_in(request.commit_message)
    if trailers.get(TRAILER) != request.key or trailers.get(CONTENT_TRAILER) != content_hash(request.edits):
        raise GitHostError("the commit message does not end in trailers with the request's key and content")
    if key_in(request.body) != request.key:
        raise GitHostError("the body does not hold the request's key in its first marker")
    for what, text, most in (
        ("title", request.title, limits.max_title_length),
        ("body", request.body, limits.max_body_length),
    ):
        if len(text) > most:
            raise GitHostError(f"the {what} is longer than {most} characters")


def blob_id(data: bytes, *, like: str) -> str:
    """As git names it, in a repository that names things like this."""
    material = b"blob %d\0" % len(data) + data
    if len(like) == _SHA1_LENGTH:
        return hashlib.sha1(material, usedforsecurity=False).hexdigest()
    return hashlib.sha256(material).hexdigest()
