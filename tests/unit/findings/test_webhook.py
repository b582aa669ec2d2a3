import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from tests.support.messages import wiz_issue

from iacfix.config.intake import HttpSettings, IntakeSettings
from iacfix.domain.errors import ConfigurationError
from iacfix.domain.finding import Finding
from iacfix.entry.accepting import acceptance_from, proof_from
from iacfix.findings.acceptance import Acceptance
from iacfix.findings.authentication import Kind, Proof, authentic, signature
from iacfix.findings.origin import Way
from iacfix.findings.webhook import MAX_BODY, Answer, open_request

OLD, NEW, OTHER = b"an old secret of sixteen", b"a new secret of sixteen", b"somebody else's secret"
NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
STAMP = int(NOW.timestamp())
SIGNED = Proof((NEW, OLD))
BEARER = Proof((NEW, OLD), Kind.HEADER)
BODY = json.dumps(wiz_issue()).encode()


def headers(secret: bytes = NEW, stamp: object = STAMP, body: bytes = BODY) -> dict[str, list[str]]:
    return {"x-iacfix-signature": [signature(secret, str(stamp), body)], "x-iacfix-timestamp": [str(stamp)]}


@pytest.mark.parametrize("secret", [NEW, OLD])
def test_any_of_the_secrets_counts(secret: bytes) -> None:
    assert authentic(headers(secret), BODY, SIGNED, NOW) == ""
    assert authentic({"authorization": [f"Bearer {secret.decode()}"]}, BODY, BEARER, NOW) == ""
    assert authentic({"authorization": [secret.decode()]}, BODY, BEARER, NOW) == ""


def test_a_sender_may_sign_with_two_secrets() -> None:
    both = f"{signature(OTHER, STAMP, BODY)}, {signature(OLD, STAMP, BODY)}"
    assert authentic(headers() | {"x-iacfix-signature": [both]}, BODY, SIGNED, NOW) == ""
    many = ",".join([both] * 5)
    assert authentic(headers() | {"x-iacfix-signature": [many]}, BODY, SIGNED, NOW) != ""


def test_a_signature_has_the_form_that_is_documented() -> None:
    """As `printf '1.{}' | openssl dgst -sha256 -hmac kkkkkkkkkkkkkkkk` gives it."""
    expected = "f1769982edf184902c2040cf16499ffca0cc180bf51acc650981e75bfb2bde6d"
    assert signature(b"k" * 16, 1, b"{}") == f"sha256={expected}"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "is missing"),
        (headers(OTHER), "is not one that a secret of ours makes"),
        (headers(body=BODY + b" "), "is not one"),
        (headers() | {"x-iacfix-timestamp": [str(STAMP + 1)]}, "is not one"),
        (headers() | {"x-iacfix-timestamp": []}, "does not hold the seconds"),
        (headers() | {"x-iacfix-timestamp": [f"{STAMP}", f"{STAMP}"]}, "does not hold the seconds"),
        (headers(stamp="1e9"), "does not hold the seconds"),
        (headers(stamp="٣"), "does not hold the seconds"),
        (headers(stamp=f"-{STAMP}"), "does not hold the seconds"),
        (headers(stamp=STAMP - 301), "older, or from further ahead"),
        (headers(stamp=STAMP + 301), "older, or from further ahead"),
        (headers() | {"x-iacfix-signature": ["", ""]}, "stands more than once"),
        (headers() | {"x-iacfix-signature": [""]}, "is not one"),
        (headers() | {"x-iacfix-signature": ["sha256=\ud800"]}, "is not one"),
    ],
)
def test_whoever_cannot_show_it_is_not_let_in(given: dict[str, list[str]], said: str) -> None:
    assert said in authentic(given, BODY, SIGNED, NOW)


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_the_window_holds_to_its_edges(seconds: int) -> None:
    assert authentic(headers(), BODY, SIGNED, NOW + timedelta(seconds=seconds)) == ""


@pytest.mark.parametrize(
    "given", [[], [""], ["Bearer "], ["Bearer " + OTHER.decode()], [NEW.decode()[:-1]], ["x", "y"]]
)
def test_a_header_that_holds_no_secret_lets_nobody_in(given: list[str]) -> None:
    assert authentic({"authorization": given}, BODY, BEARER, NOW) != ""


def test_a_header_of_ones_own() -> None:
    proof = Proof((NEW,), Kind.HEADER, "X-Wiz-Token")
    assert authentic({"x-wiz-token": [NEW.decode()]}, BODY, proof, NOW) == ""
    assert authentic({"x-wiz-token": [f"Bearer {NEW.decode()}"]}, BODY, proof, NOW) != ""


def test_no_secret_and_no_good_secret_let_nobody_in() -> None:
    assert "nobody is let in" in authentic(headers(b""), BODY, Proof(()), NOW)
    assert NEW.decode() not in repr(SIGNED)
    for bad in (b"", b"short"):
        with pytest.raises(ConfigurationError, match="fewer than 16 bytes"):
            Proof((NEW, bad))


def request(body: bytes = BODY, *, version: int = 2, packed: bool = False, **changes: object) -> dict[str, object]:
    """Of a function's URL or an HTTP API (2), or of a REST API (1)."""
    sent = {name.title(): values[0] for name, values in headers(body=body).items()}
    event: dict[str, object] = {
        "body": base64.b64encode(body).decode() if packed else body.decode(),
        "isBase64Encoded": packed,
    }
    if version == 2:
        context = {"requestId": "r-1", "http": {"method": "POST", "path": "/"}}
        return (
            event
            | {"version": "2.0", "headers": {k.lower(): v for k, v in sent.items()}, "requestContext": context}
            | changes
        )
    several = {name: [value] for name, value in sent.items()}
    context = {"requestId": "r-1"}
    return (
        event
        | {"httpMethod": "POST", "headers": sent, "multiValueHeaders": several, "requestContext": context}
        | changes
    )


def answer(event: object, proof: Proof | None = SIGNED, acceptance: Acceptance | None = None) -> Answer:
    return open_request(event, proof, NOW, acceptance)


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("packed", [False, True])
def test_a_request_is_opened(version: int, packed: bool) -> None:  # noqa: FBT001 - pytest gives it
    found = answer(request(version=version, packed=packed))
    assert (found.status, found.reason, found.body) == (202, "", BODY)
    (arrival,) = found.arrivals
    assert (arrival.origin.way, arrival.origin.message_id, arrival.shape) == (Way.HTTP, "r-1", "wiz")
    assert isinstance(arrival.reads[0], Finding)


@pytest.mark.parametrize(
    ("event", "status"),
    [
        (request(isBase64Encoded=True), 400),
        (request(body=b"x" * (MAX_BODY + 1)), 413),
        (request() | {"body": None}, 401),
        (request(headers=None), 401),
        (request(headers={}), 401),
        (request(requestContext={"http": {"method": "GET"}}), 405),
        (request(requestContext=None), 405),
        (request() | {"body": 5}, 400),
        (request(b"{"), 422),
        (request(b"[5]"), 422),
        (request(version=1) | {"requestContext": 5}, 400),
        ("x", 400),
        (None, 400),
    ],
)
def test_what_is_wrong_gets_its_status_and_nothing_more(event: object, status: int) -> None:
    found = answer(event)
    assert found.status == status
    assert found.reason
    assert (found.body == b"") is (status != 422)


def test_two_values_of_a_header_are_one_too_many() -> None:
    event = request()
    sent = event["headers"]
    assert isinstance(sent, dict)
    assert answer(event | {"headers": sent | {"X-Iacfix-Signature": "sha256=0"}}).status == 401


def test_it_is_closed_unless_it_is_opened() -> None:
    assert answer(request(), None).status == 403
    assert answer(request(), Proof(())).status == 401


def test_who_is_let_in_may_still_say_what_is_not_accepted() -> None:
    found = answer(request(), SIGNED, Acceptance(accounts=frozenset({"999999999999"}), queues=frozenset({"q"})))
    assert found.status == 422
    assert "which is not accepted" in getattr(found.arrivals[0].reads[0], "reason", "")


def test_the_configuration_says_who_is_let_in() -> None:
    settings = HttpSettings(proof="header", header="X-Wiz-Token", window=60, secrets=(NEW.decode(),))
    assert proof_from(settings) == Proof((NEW,), Kind.HEADER, "X-Wiz-Token", window=60)
    assert proof_from(None) is None
    with pytest.raises(ConfigurationError, match="IACFIX_WEBHOOK_SECRET is not set"):
        proof_from(HttpSettings(unset=("IACFIX_WEBHOOK_SECRET",)))
    assert acceptance_from(IntakeSettings(shapes=("wiz",), accounts=("1",))) == Acceptance(
        shapes=frozenset({"wiz"}), accounts=frozenset({"1"})
    )
    with pytest.raises(ConfigurationError, match="wizz is no shape"):
        acceptance_from(IntakeSettings(shapes=("wizz",)))
