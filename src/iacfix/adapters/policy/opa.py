"""Rego at an OPA server that is there already, over its REST API (`POST /v1/data/…`)."""

import hashlib
import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import cast
from urllib.parse import urlsplit

from iacfix.adapters.no_redirects import opener
from iacfix.adapters.policy.contract import PACKAGE, decision, denied, reasons
from iacfix.domain.errors import ConfigurationError
from iacfix.domain.triage import Fact, PolicyDecision

MAX_ANSWER = 4 * 1024 * 1024
_PATH = f"/v1/data/{PACKAGE.replace('.', '/')}?provenance=true"
_POLICIES = "/v1/policies"


class _OpaError(Exception):
    pass


class OpaPolicy:
    """`version` is told by each decision: the revisions of the server's bundles, else a hash of its policies."""

    version = ""

    def __init__(self, url: str, *, token: str = "", timeout: float = 5.0) -> None:
        """Raises ConfigurationError."""
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise ConfigurationError("the address of OPA is none", remedy="give it like https://opa.example.com:8181")
        if parts.username is not None or parts.password is not None:
            raise ConfigurationError("the address of OPA holds a credential", remedy="set IACFIX_OPA_TOKEN")
        self._url = url.rstrip("/")
        self._headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        self._timeout = timeout

    def decide(self, facts: Mapping[str, Fact]) -> PolicyDecision:
        version = ""
        try:
            answer = self._asked(_PATH, json.dumps({"input": facts}).encode())
            version = self._version(answer)
            result = answer.get("result")
            if not isinstance(result, dict):
                return denied(f"OPA has no package {PACKAGE}: nothing is allowed", version)
            return decision(result.get("allow"), reasons(result.get("allowed")), reasons(result.get("denied")), version)
        except _OpaError as error:
            return denied(f"OPA could not be asked: {error}", version)
        except ValueError as error:
            return denied(f"the answer of OPA is not what the documentation asks for: {error}", version)

    def _asked(self, path: str, body: bytes | None) -> Mapping[str, object]:
        """Raises _OpaError."""
        request = urllib.request.Request(self._url + path, data=body, headers=self._headers)  # noqa: S310 - http or https, looked at above
        try:
            with opener().open(request, timeout=self._timeout) as response:
                data = response.read(MAX_ANSWER + 1)
        except urllib.error.HTTPError as error:
            with error:
                raise _OpaError(f"it answers {error.code}") from None
        except (OSError, http.client.HTTPException) as error:
            raise _OpaError(type(error).__name__) from None
        if len(data) > MAX_ANSWER:
            raise _OpaError(f"its answer is longer than {MAX_ANSWER} bytes")
        try:
            answer = json.loads(data)
        except (ValueError, RecursionError):
            raise _OpaError("its answer is no JSON") from None
        if not isinstance(answer, dict):
            raise _OpaError("its answer is no object")
        return cast("Mapping[str, object]", answer)

    def _version(self, answer: Mapping[str, object]) -> str:
        """Nothing where the server tells neither."""
        provenance = answer.get("provenance")
        bundles = provenance.get("bundles") if isinstance(provenance, dict) else None
        if isinstance(bundles, dict):
            told = {name: each.get("revision") for name, each in bundles.items() if isinstance(each, dict)}
            if told and all(isinstance(revision, str) and revision for revision in told.values()):
                return "opa:" + ",".join(f"{name}={told[name]}" for name in sorted(told))
        try:
            policies = self._asked(_POLICIES, None).get("result")
        except _OpaError:
            return ""
        if not isinstance(policies, list):
            return ""
        texts = sorted(json.dumps([each.get("id"), each.get("raw")]) for each in policies if isinstance(each, dict))
        return "opa:sha256:" + hashlib.sha256("\n".join(texts).encode()).hexdigest()
