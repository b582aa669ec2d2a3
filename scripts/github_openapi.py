"""Writes src/iacfix/testing/github_openapi.json: of GitHub's description of its API, the operations that we use.

Give it the unpacked npm package `@octokit/openapi`: its `generated/api.github.com.json` is GitHub's own description.
Schemas become plain JSON Schema (`nullable` is OpenAPI's alone) and lose what is only there to be read.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

TARGET = Path(__file__).resolve().parent.parent / "src" / "iacfix" / "testing" / "github_openapi.json"
REPO = "/repos/{owner}/{repo}"
OPERATIONS = (
    ("GET", REPO),
    ("GET", f"{REPO}/installation"),
    ("GET", f"{REPO}/git/ref/{{ref}}"),
    ("GET", f"{REPO}/git/commits/{{commit_sha}}"),
    ("GET", f"{REPO}/git/trees/{{tree_sha}}"),
    ("GET", f"{REPO}/git/blobs/{{file_sha}}"),
    ("POST", f"{REPO}/git/blobs"),
    ("POST", f"{REPO}/git/trees"),
    ("POST", f"{REPO}/git/commits"),
    ("POST", f"{REPO}/git/refs"),
    ("GET", f"{REPO}/compare/{{basehead}}"),
    ("GET", f"{REPO}/pulls"),
    ("POST", f"{REPO}/pulls"),
    ("GET", f"{REPO}/pulls/{{pull_number}}"),
    ("PATCH", f"{REPO}/pulls/{{pull_number}}"),
    ("GET", f"{REPO}/pulls/{{pull_number}}/reviews"),
    ("POST", f"{REPO}/pulls/{{pull_number}}/requested_reviewers"),
    ("GET", f"{REPO}/issues/{{issue_number}}/comments"),
    ("POST", f"{REPO}/issues/{{issue_number}}/comments"),
    ("PATCH", f"{REPO}/issues/comments/{{comment_id}}"),
    ("DELETE", f"{REPO}/issues/comments/{{comment_id}}"),
    ("POST", f"{REPO}/issues/{{issue_number}}/labels"),
    ("GET", f"{REPO}/labels/{{name}}"),
    ("POST", f"{REPO}/labels"),
    ("GET", f"{REPO}/collaborators/{{username}}/permission"),
    ("POST", "/app/installations/{installation_id}/access_tokens"),
)
JSON_BODY = "application/json"
_READ_ONLY = {"description", "title", "example", "examples", "default", "externalDocs", "deprecated", "readOnly"}
_BY_NAME = {"properties", "patternProperties"}
_REFERENCE = "#/components/schemas/"

Json = Mapping[str, object]


def reduced(description: Json) -> Json:
    operations = {f"{verb} {path}": _operation(description, verb, path) for verb, path in OPERATIONS}
    schemas = _at(description, "components", "schemas")
    kept: dict[str, object] = {}
    wanted = set(_references(operations))
    while wanted:
        name = wanted.pop()
        kept[name] = _schema(schemas[name])
        wanted |= set(_references(kept[name])) - kept.keys()
    return {
        "source": f"@octokit/openapi {_at(description, 'info')['version']}, api.github.com.json (MIT)",
        "operations": operations,
        "components": {"schemas": dict(sorted(kept.items()))},
    }


def _operation(description: Json, verb: str, path: str) -> Json:
    operation = _at(description, "paths", path, verb.lower())
    shared = cast("list[Json]", _at(description, "paths", path).get("parameters", []))
    own = cast("list[Json]", operation.get("parameters", []))
    parameters = [_resolved(description, each) for each in (*shared, *own)]
    body = _json_schema(_resolved(description, cast("Json", operation.get("requestBody", {}))))
    responses = cast("Mapping[str, Json]", operation["responses"])
    return {
        "parameters": {
            place: {str(each["name"]): _schema(each["schema"]) for each in parameters if each["in"] == place}
            for place in ("path", "query")
        },
        "body": body,
        "responses": {status: _json_schema(_resolved(description, each)) for status, each in responses.items()},
    }


def _json_schema(holder: Json) -> object:
    """Of a request's or an answer's JSON body; None where it has none."""
    content = cast("Mapping[str, Json]", holder.get("content", {}))
    return _schema(content[JSON_BODY]["schema"]) if JSON_BODY in content else None


def _schema(schema: object) -> object:
    if isinstance(schema, list):
        return [_schema(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {
        key: {name: _schema(each) for name, each in value.items()} if key in _BY_NAME else _schema(value)
        for key, value in schema.items()
        if key not in _READ_ONLY and not key.startswith("x-") and key != "nullable"
    }
    if "enum" in schema:
        kept["enum"] = list(schema["enum"])
    return _nullable(kept) if schema.get("nullable") else kept


def _nullable(schema: dict[str, object]) -> object:
    if isinstance(kind := schema.get("type"), str) and not {"anyOf", "oneOf", "allOf", "$ref"} & schema.keys():
        values = {"enum": [*cast("list[object]", schema["enum"]), None]} if "enum" in schema else {}
        return {**schema, "type": [kind, "null"], **values}
    return {"anyOf": [schema, {"type": "null"}]}


def _references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(reference := value.get("$ref"), str):
            yield reference.removeprefix(_REFERENCE)
        for each in value.values():
            yield from _references(each)
    elif isinstance(value, list):
        for each in value:
            yield from _references(each)


def _resolved(description: Json, value: Json) -> Json:
    if not isinstance(reference := value.get("$ref"), str):
        return value
    return _at(description, *reference.removeprefix("#/").split("/"))


def _at(value: Json, *names: str) -> Json:
    for name in names:
        value = cast("Json", value[name])
    return value


def main() -> int:
    if len(sys.argv) != 2:  # noqa: PLR2004 - the program and the folder
        print("usage: python scripts/github_openapi.py FOLDER-OF-@octokit/openapi", file=sys.stderr)
        return 2
    source = Path(sys.argv[1]) / "generated" / "api.github.com.json"
    made = reduced(json.loads(source.read_text(encoding="utf-8")))
    TARGET.write_text(json.dumps(made, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print(f"{TARGET}: {len(OPERATIONS)} operations of {made['source']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
