"""A CloudTrail that has events to look up. Requests and answers are held against botocore's description of it."""

import json
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseServer
from types import TracebackType
from typing import TYPE_CHECKING, Self

from iacfix.testing.service_contract import misfit_of_input, misfit_of_output

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping

_SERVICE, _OPERATION = "cloudtrail", "LookupEvents"
_TARGET = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101."
MOST = 50


@dataclass(frozen=True, slots=True)
class Event:
    id: str
    name: str
    at: datetime
    resource: str
    who: str = "ann"
    source: str = "s3.amazonaws.com"
    reads: bool = False


@dataclass
class CloudTrailServer:
    """Serves inside `with`. `error` is what it answers instead, as the service calls it."""

    events: list[Event] = field(default_factory=list)
    error: str = ""
    asked: list["Mapping[str, object]"] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, self))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, target: str, body: bytes) -> tuple[int, "Mapping[str, object]"]:
        if target != _TARGET + _OPERATION:
            return int(HTTPStatus.BAD_REQUEST), {"__type": "UnsupportedOperationException"}
        asked: dict[str, object] = json.loads(body)
        self.asked.append(asked)
        attributes = asked.get("LookupAttributes")
        if misfit_of_input(_SERVICE, _OPERATION, asked) or not isinstance(attributes, list) or len(attributes) != 1:
            return int(HTTPStatus.BAD_REQUEST), {"__type": "InvalidLookupAttributesException"}
        if self.error:
            return int(HTTPStatus.BAD_REQUEST), {"__type": self.error, "message": "not now"}
        start, most = asked.get("StartTime", 0), asked.get("MaxResults", MOST)
        known = [
            each
            for each in sorted(self.events, key=lambda each: each.at, reverse=True)
            if each.resource == attributes[0]["AttributeValue"] and each.at.timestamp() >= float(str(start))
        ]
        answered = {"Events": [_told(each) for each in known[: int(str(most))]]}
        if misfit := misfit_of_output(_SERVICE, _OPERATION, answered):
            raise AssertionError(misfit)
        return int(HTTPStatus.OK), answered


def _told(event: Event) -> "Mapping[str, object]":
    return {
        "EventId": event.id,
        "EventName": event.name,
        "ReadOnly": "true" if event.reads else "false",
        "EventTime": event.at.astimezone(UTC).timestamp(),
        "EventSource": event.source,
        "Username": event.who,
        "Resources": [{"ResourceName": event.resource}],
        "CloudTrailEvent": json.dumps({"eventName": event.name}),
    }


class _Handler(BaseHTTPRequestHandler):
    def __init__(
        self, trail: CloudTrailServer, request: "socket.socket", client_address: tuple[str, int], server: BaseServer
    ) -> None:
        self._trail = trail
        super().__init__(request, client_address, server)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, answer = self._trail.answer(self.headers.get("X-Amz-Target") or "", body)
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Says nothing."""
