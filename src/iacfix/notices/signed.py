"""Who sent a request that came in: Slack's and Teams' signatures. Each answers "" where it holds, else why it does not.

Nothing of the body may be looked at before, and what is verified are its bytes as they came.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Final

SLACK_SECONDS: Final = 300
MAX_BODY: Final = 1024 * 1024
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_SLACK = re.compile(r"v0=[0-9a-f]{64}")
_TOO_LONG = "the body is longer than a request of theirs"


def verify_slack(headers: Mapping[str, str], body: bytes, secret: str, now: float) -> str:
    """`secret` is the app's signing secret, `now` in seconds since 1970 ("Verifying requests from Slack")."""
    if not secret:
        return "there is no signing secret to hold it against"
    if len(body) > MAX_BODY:
        return _TOO_LONG
    found = _headers(headers)
    stamp, signature = found.get("x-slack-request-timestamp", ""), found.get("x-slack-signature", "")
    if not _TIMESTAMP.fullmatch(stamp) or not _SLACK.fullmatch(signature):
        return "it bears no signature of Slack"
    wanted = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(f"v0={wanted}", signature):
        return "the signature is not Slack's"
    if not abs(now - int(stamp)) <= SLACK_SECONDS:
        return "it is older than five minutes, or from a clock that goes wrong"
    return ""


def verify_teams(headers: Mapping[str, str], body: bytes, secret: str) -> str:
    """`secret` is the security token of the outgoing webhook, base64 as Teams shows it. It bears no time: whoever acts
    on it has to see by the activity's `id` whether it came before.
    """
    try:
        key = base64.b64decode(secret, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        return "there is no security token to hold it against"
    if len(body) > MAX_BODY:
        return _TOO_LONG
    kind, _, given = _headers(headers).get("authorization", "").partition(" ")
    if kind != "HMAC" or not given.isascii():
        return "it bears no signature of Teams"
    wanted = base64.b64encode(hmac.new(key, body, hashlib.sha256).digest()).decode("ascii")
    return "" if hmac.compare_digest(wanted, given.strip()) else "the signature is not Teams'"


def _headers(headers: Mapping[str, str]) -> Mapping[str, str]:
    """Whatever case they came in; one that came twice under two of them counts as none."""
    found: dict[str, str] = {}
    for name, value in headers.items():
        found[name.lower()] = "" if name.lower() in found else value
    return found
