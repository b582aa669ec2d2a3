import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from iacfix.adapters.policy.opa import OpaPolicy
from iacfix.domain.errors import ConfigurationError
from iacfix.domain.triage import PolicyDecision, Reason

GO = {"rule": "go", "reason": "go"}
ALLOW = {"allow": True, "allowed": [GO], "denied": []}
POLICIES = {"result": [{"id": "a.rego", "raw": "package a"}]}
Answers = dict[str, tuple[int, object]]
Ask = Callable[[Answers], PolicyDecision]


@pytest.fixture
def asked() -> list[tuple[str, str, object]]:
    return []


@pytest.fixture
def ask(asked: list[tuple[str, str, object]]) -> Iterator[Ask]:
    """What a server that answers so leads to."""
    answers: Answers = {}

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked.append((self.path, self.headers.get("Authorization", ""), json.loads(body) if body else None))
            status, answer = answers.get(self.path.partition("?")[0], (404, {}))
            data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "http://127.0.0.1:1/")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = _answer  # noqa: N815 - the names that the base class calls

        def log_message(self, *_args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def of(given: Answers) -> PolicyDecision:
        answers.clear()
        answers.update(given)
        return OpaPolicy(f"http://127.0.0.1:{server.server_port}/", token="secret").decide({"a": ("b",)})

    yield of
    server.shutdown()
    server.server_close()


DATA, LIST = "/v1/data/iacfix/eligibility", "/v1/policies"


def test_it_is_asked_as_opa_wants_it(ask: Ask, asked: list[tuple[str, str, object]]) -> None:
    found = ask({DATA: (200, {"result": ALLOW}), LIST: (200, POLICIES)})
    assert found.allow
    assert found.allowed == (Reason("go", "go"),)
    assert found.version.startswith("opa:sha256:")
    assert asked[0] == (f"{DATA}?provenance=true", "Bearer secret", {"input": {"a": ["b"]}})
    assert asked[1][:2] == (LIST, "Bearer secret")


def test_bundles_tell_their_revisions(ask: Ask) -> None:
    provenance = {"version": "1.0", "bundles": {"b": {"revision": "2"}, "a": {"revision": "1"}}}
    assert ask({DATA: (200, {"result": ALLOW, "provenance": provenance})}).version == "opa:a=1,b=2"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((200, {}), "OPA has no package iacfix.eligibility"),
        ((200, {"result": True}), "OPA has no package"),
        ((200, {"result": {"allow": True}}), "not what the documentation asks for"),
        ((200, {"result": {**ALLOW, "allow": "true"}}), "no rule of it allows this"),
        ((200, {"result": {**ALLOW, "allowed": []}}), "it allows without a reason"),
        ((200, {"result": {**ALLOW, "denied": [{"rule": "x", "reason": "stop"}]}}), "stop"),
        ((200, {"result": {**ALLOW, "denied": ["stop"]}}), "a reason is not a rule and its words"),
        ((500, {}), "it answers 500"),
        ((302, {}), "it answers 302"),
        ((200, b"{"), "its answer is no JSON"),
        ((200, b"[" * 100_000), "its answer is no JSON"),
        ((200, []), "its answer is no object"),
    ],
)
def test_whatever_is_odd_denies_and_says_why(ask: Ask, answer: tuple[int, object], said: str) -> None:
    found = ask({DATA: answer, LIST: (403, {})})
    assert not found.allow
    assert said in found.denied[0].text
    assert "secret" not in str(found)


def test_nobody_there_denies() -> None:
    assert "could not be asked" in OpaPolicy("http://127.0.0.1:1", timeout=2).decide({}).denied[0].text


@pytest.mark.parametrize("url", ["opa", "file:///etc/passwd", "https://user:pw@opa", "https://opa?x=1"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError):
        OpaPolicy(url)
