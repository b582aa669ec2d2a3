import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacfix.notices.signed import MAX_BODY, SLACK_SECONDS, verify_slack, verify_teams

# The example of "Verifying requests from Slack".
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
STAMP = 1531420618
BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar"
    b"&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com"
    b"%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a1"
    b"4d10d2c447fce8b6703c"
)
SIGNED = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
HEADERS = {"X-Slack-Request-Timestamp": str(STAMP), "X-Slack-Signature": SIGNED}
TOKEN = base64.b64encode(b"k" * 32).decode()


def teams(body: bytes, key: bytes = b"k" * 32) -> dict[str, str]:
    return {"Authorization": "HMAC " + base64.b64encode(hmac.new(key, body, hashlib.sha256).digest()).decode()}


def test_slack_s_own_example_holds() -> None:
    assert not verify_slack(HEADERS, BODY, SECRET, STAMP)
    assert not verify_slack(
        {name.lower(): value for name, value in HEADERS.items()}, BODY, SECRET, STAMP + SLACK_SECONDS
    )


@pytest.mark.parametrize(
    ("headers", "secret", "now", "said"),
    [
        ({}, SECRET, STAMP, "no signature"),
        ({**HEADERS, "X-Slack-Signature": SIGNED.upper()}, SECRET, STAMP, "no signature"),
        ({**HEADERS, "X-Slack-Signature": f"{SIGNED[:-1]}4"}, SECRET, STAMP, "not Slack's"),
        ({**HEADERS, "X-Slack-Signature": f"v1{SIGNED[2:]}"}, SECRET, STAMP, "no signature"),
        ({**HEADERS, "X-Slack-Request-Timestamp": str(STAMP + 1)}, SECRET, STAMP, "not Slack's"),
        ({**HEADERS, "X-Slack-Request-Timestamp": "now"}, SECRET, STAMP, "no signature"),
        ({**HEADERS, "X-Slack-Request-Timestamp": f"{STAMP}\n"}, SECRET, STAMP, "no signature"),
        ({**HEADERS, "x-slack-signature": SIGNED}, SECRET, STAMP, "no signature"),
        (HEADERS, "other", STAMP, "not Slack's"),
        (HEADERS, "", STAMP, "no signing secret"),
        (HEADERS, SECRET, STAMP + SLACK_SECONDS + 1, "five minutes"),
        (HEADERS, SECRET, STAMP - SLACK_SECONDS - 1, "five minutes"),
        (HEADERS, SECRET, float("nan"), "five minutes"),
    ],
)
def test_what_is_not_slack_s_is_refused(headers: dict[str, str], secret: str, now: float, said: str) -> None:
    assert said in verify_slack(headers, BODY, secret, now)


def test_teams_holds_for_its_bytes_and_key() -> None:
    body = b'{"type": "message", "text": "approve"}'
    assert not verify_teams(teams(body), body, TOKEN)
    assert "not Teams'" in verify_teams(teams(body, b"other"), body, TOKEN)
    assert "no signature" in verify_teams({}, body, TOKEN)
    assert "no signature" in verify_teams({"Authorization": "Bearer x"}, body, TOKEN)
    assert "no signature" in verify_teams({"Authorization": "HMAC \u00e4"}, body, TOKEN)
    for secret in ("", "no base64!", "="):
        assert "no security token" in verify_teams(teams(body, b""), body, secret)


def test_a_body_without_end_is_not_looked_at() -> None:
    body = b"x" * (MAX_BODY + 1)
    assert "longer" in verify_slack(HEADERS, body, SECRET, STAMP)
    assert "longer" in verify_teams(teams(body), body, TOKEN)


@given(st.binary(min_size=1, max_size=200), st.integers(0), st.integers(0, 7))
def test_any_flipped_bit_is_seen(body: bytes, at: int, bit: int) -> None:
    at %= len(body)
    other = body[:at] + bytes([body[at] ^ (1 << bit)]) + body[at + 1 :]
    headers = teams(body)
    assert not verify_teams(headers, body, TOKEN)
    assert verify_teams(headers, other, TOKEN)
    digest = hmac.new(b"s", b"v0:1000:" + body, hashlib.sha256).hexdigest()
    signed = {"X-Slack-Request-Timestamp": "1000", "X-Slack-Signature": f"v0={digest}"}
    assert not verify_slack(signed, body, "s", 1000)
    assert verify_slack(signed, other, "s", 1000)
