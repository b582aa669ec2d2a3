"""A request over HTTP, as API Gateway or the URL of a Lambda function hands it over, to what it says.

Closed unless it is opened: without a Proof, and without the right secret, nothing of the body is read.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime

from iacfix.findings.acceptance import Acceptance
from iacfix.findings.arrivals import Arrival, open_message
from iacfix.findings.authentication import Headers, Proof, authentic
from iacfix.findings.fields import FieldError, Fields, fields
from iacfix.findings.origin import Origin, Way

MAX_BODY = 1024 * 1024
"""What a message of SQS may hold: nothing larger comes in by any way. https://docs.aws.amazon.com/sqs (quotas)."""

ACCEPTED, BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, NOT_ALLOWED, TOO_LARGE, UNUSABLE = 202, 400, 401, 403, 405, 413, 422


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` is what the caller gets, and no more; `reason` is for our own record, "" where all is well. `body` is
    what was sent, once its sender is known: it can go on to a queue as it is.
    """

    status: int
    reason: str = ""
    body: bytes = b""
    arrivals: tuple[Arrival, ...] = ()


def open_request(event: object, proof: Proof | None, now: datetime, acceptance: Acceptance | None = None) -> Answer:
    """The event of an API Gateway (either version of its payload) or of a function's URL. Never raises."""
    if proof is None:
        return Answer(FORBIDDEN, "requests over HTTP are not let in: intake.http is not configured")
    try:
        request = fields("", event)
        method, headers, body = _method(request), _headers(request), _body(request)
        origin = Origin(Way.HTTP, message_id=request.mapping("requestContext").known("requestId"))
    except FieldError as error:
        return Answer(BAD_REQUEST, f"{error.field} {error.reason}")
    if method != "POST":
        return Answer(NOT_ALLOWED, f"the method is {method[:10] or 'not told'}, and POST is read")
    if len(body) > MAX_BODY:
        return Answer(TOO_LARGE, f"the body has {len(body):,} bytes, the limit is {MAX_BODY:,}")
    if reason := authentic(headers, body, proof, now):
        return Answer(UNAUTHORIZED, reason)
    arrivals = open_message(body, origin, acceptance)
    if all(each.refused for each in arrivals):
        return Answer(UNUSABLE, "nothing in it can be used", body, arrivals)
    return Answer(ACCEPTED, "", body, arrivals)


def _method(request: Fields) -> str:
    """Of version 1.0 of the payload, or of 2.0."""
    return request.text("httpMethod", "") or request.mapping("requestContext").mapping("http").text("method", "")


def _headers(request: Fields) -> Headers:
    """Each value once. Two names that differ in their capitals are one name."""
    several = request.values.get("multiValueHeaders")
    found: dict[str, list[str]] = {}
    if isinstance(several, dict) and several:
        for name, values in several.items():
            if isinstance(values, list):
                found.setdefault(str(name).lower(), []).extend(each for each in values if isinstance(each, str))
        return found
    for name, value in request.mapping("headers").values.items():
        if isinstance(value, str):
            found.setdefault(str(name).lower(), []).append(value)
    return found


def _body(request: Fields) -> bytes:
    body = request.values.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        raise FieldError("body", "should be a string")
    if request.values.get("isBase64Encoded") is not True:
        return body.encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise FieldError("body", "is not what base64 makes") from None
