"""Azure DevOps on this machine: the operations of its REST API 7.1 that work items need, with what they refuse."""

import base64
import json
import re
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from iacfix.testing.rest_server import Answer, RestServer

TOKEN: Final = "f" * 52
PROJECT: Final = "Cloud Security"
MAX_TITLE: Final = 255
MAX_TAG: Final = 400
STATES: Final = {"To Do": "Proposed", "Doing": "InProgress", "Done": "Completed"}
_TITLE, _STATE, _TAGS = "System.Title", "System.State", "System.Tags"
_FIELDS = {_TITLE, _STATE, _TAGS, "System.Description", "System.History", "System.AssignedTo", "System.AreaPath"} | {
    "Microsoft.VSTS.Common.Priority"
}
_WIQL = re.compile(
    r"SELECT \[System\.Id\] FROM WorkItems WHERE \[System\.TeamProject\] = @project "
    r"AND \[System\.Tags\] CONTAINS '(?P<tag>[^']+)' ORDER BY \[System\.Id\] ASC"
)
_PRIORITIES = {1, 2, 3, 4}

Record = Mapping[str, object]


class _RefusedError(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass
class WorkItem:
    id: int
    fields: dict[str, object]
    rev: int = 1
    history: list[str] = field(default_factory=list)


class AzureDevOpsServer(RestServer):
    """`people` are those who may be assigned; `barred` are states that the process leads nowhere into."""

    def __init__(self, *, people: Collection[str] = (), barred: Collection[str] = ()) -> None:
        super().__init__(threading.RLock())
        self.items: list[WorkItem] = []
        self.url = ""
        self._people = people
        self._barred = barred

    def started(self, address: str) -> None:
        self.url = f"{address}/example"

    def answer(self, verb: str, address: str, headers: Mapping[str, str], body: bytes) -> Answer:
        try:
            return self._answered(verb, address, headers, body)
        except _RefusedError as error:
            return _json(error.status, {"$id": "1", "innerException": None, "message": error.message})

    def _answered(self, verb: str, address: str, headers: Mapping[str, str], body: bytes) -> Answer:
        wanted = base64.b64encode(f":{TOKEN}".encode()).decode()
        if headers.get("Authorization") != f"Basic {wanted}":
            raise _RefusedError(
                HTTPStatus.UNAUTHORIZED, "TF400813: The user is not authorized to access this resource."
            )
        parts = urlsplit(address)
        if parse_qs(parts.query).get("api-version") != ["7.1"]:
            raise _RefusedError(HTTPStatus.BAD_REQUEST, "No api-version was supplied for the request.")
        path, here = unquote(parts.path).removeprefix("/example"), f"/{PROJECT}/_apis/wit"
        if (verb, path) == ("POST", f"{here}/wiql"):
            return self._query(_loaded(headers, body, "application/json"))
        if (verb, path) == ("GET", f"{here}/workitemtypes/Task/states"):
            told = [{"name": name, "color": "b2b2b2", "category": category} for name, category in STATES.items()]
            return _json(HTTPStatus.OK, {"count": len(told), "value": told})
        if (verb, path) == ("POST", f"{here}/workitems/$Task"):
            return self._create(_loaded(headers, body, "application/json-patch+json"))
        if found := re.fullmatch(r"/_apis/wit/workitems/([0-9]+)", path):
            item = self._item(int(found[1]))
            if verb == "PATCH":
                return self._update(item, _loaded(headers, body, "application/json-patch+json"))
            if verb == "GET":
                return _json(HTTPStatus.OK, _shown(item))
        raise _RefusedError(HTTPStatus.NOT_FOUND, "TF200016: The following project does not exist, or the page.")

    def _query(self, asked: object) -> Answer:
        found = _WIQL.fullmatch(str(asked.get("query"))) if isinstance(asked, dict) else None
        if found is None:
            raise _RefusedError(HTTPStatus.BAD_REQUEST, "TF51005: The query references a field that does not exist.")
        told = [{"id": each.id} for each in self.items if found["tag"] in _tags(each)]
        return _json(HTTPStatus.OK, {"queryType": "flat", "workItems": told})

    def _create(self, operations: object) -> Answer:
        item = WorkItem(len(self.items) + 1, {_STATE: "To Do"})
        self._apply(item, operations)
        if not item.fields.get(_TITLE):
            raise _RefusedError(HTTPStatus.BAD_REQUEST, "TF401320: Rule Error for field Title. Error code: Required.")
        self.items.append(item)
        return _json(HTTPStatus.OK, _shown(item))

    def _update(self, item: WorkItem, operations: object) -> Answer:
        changed = WorkItem(item.id, dict(item.fields), item.rev, list(item.history))
        self._apply(changed, operations)
        changed.rev += 1
        self.items[item.id - 1] = changed
        return _json(HTTPStatus.OK, _shown(changed))

    def _apply(self, item: WorkItem, operations: object) -> None:
        """All of them or none."""
        if not isinstance(operations, list) or not operations:
            raise _RefusedError(HTTPStatus.BAD_REQUEST, "You must pass a valid patch document in the body.")
        for each in operations:
            path, value = str(each.get("path")), each.get("value")
            if each.get("op") == "test" and path == "/rev":
                if value != item.rev:
                    said = "VS403351: Test Operation for path /rev failed."
                    raise _RefusedError(HTTPStatus.PRECONDITION_FAILED, said)
                continue
            name = path.removeprefix("/fields/")
            if each.get("op") != "add" or name not in _FIELDS:
                raise _RefusedError(HTTPStatus.BAD_REQUEST, f"TF51535: Cannot find field {name}.")
            self._check(item, name, value)
            if name == "System.History":
                item.history.append(str(value))
            else:
                item.fields[name] = value

    def _check(self, item: WorkItem, name: str, value: object) -> None:
        match name:
            case "System.Title" if not isinstance(value, str) or len(value) > MAX_TITLE or "\n" in value:
                raise _RefusedError(HTTPStatus.BAD_REQUEST, "TF401324: Field 'Title' exceeds its length.")
            case "System.Tags" if any(len(each) > MAX_TAG or "," in each for each in str(value).split(";")):
                raise _RefusedError(HTTPStatus.BAD_REQUEST, "TF401407: The tag is not valid.")
            case "Microsoft.VSTS.Common.Priority" if value not in _PRIORITIES:
                said = "TF401320: Rule Error for field Priority. Error code: HasValues, LimitedToValues."
                raise _RefusedError(HTTPStatus.BAD_REQUEST, said)
            case "System.AssignedTo" if value not in self._people:
                said = f"The identity value '{value}' for field 'Assigned To' is an unknown identity."
                raise _RefusedError(HTTPStatus.BAD_REQUEST, said)
            case "System.State" if value not in STATES or (value in self._barred and item.fields[_STATE] != value):
                said = f"The field 'State' contains the value '{value}' that is not in the list of supported values"
                raise _RefusedError(HTTPStatus.BAD_REQUEST, said)
            case _:
                return

    def _item(self, number: int) -> WorkItem:
        if not 1 <= number <= len(self.items):
            said = f"TF401232: Work item {number} does not exist, or you do not have permissions to read it."
            raise _RefusedError(HTTPStatus.NOT_FOUND, said)
        return self.items[number - 1]


def _tags(item: WorkItem) -> set[str]:
    return {each.strip() for each in str(item.fields.get(_TAGS, "")).split(";")}


def _shown(item: WorkItem) -> Record:
    return {"id": item.id, "rev": item.rev, "fields": item.fields}


def _loaded(headers: Mapping[str, str], body: bytes, kind: str) -> object:
    if headers.get("Content-Type") != kind:
        said = f"The request indicated a Content-Type that is not supported. Valid is {kind}."
        raise _RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, said)
    try:
        found: object = json.loads(body)
    except (ValueError, RecursionError):
        raise _RefusedError(HTTPStatus.BAD_REQUEST, "The body is no JSON.") from None
    return found


def _json(status: int, value: object) -> Answer:
    return Answer(status, json.dumps(value).encode())
