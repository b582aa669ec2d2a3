"""Small Terraform repositories and findings for tests."""

import json
from collections.abc import Mapping
from pathlib import Path

from iacfix.adapters.source_tree import FileSystemTree
from iacfix.domain.finding import CloudResource, Finding, FindingRead
from iacfix.findings import read_findings
from iacfix.locators.repository import Repository


def repository(folder: Path, files: Mapping[str, str]) -> Repository:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(text.encode())
    return Repository(FileSystemTree(folder))


def checkov(
    check_id: str, resource: str, path: str = "main.tf", lines: tuple[int, int] = (1, 3), title: str = ""
) -> bytes:
    failed = {
        "check_id": check_id,
        "check_name": title or "Ensure that it is right",
        "file_path": f"/{path}",
        "file_line_range": list(lines),
        "resource": resource,
    }
    return json.dumps({"check_type": "terraform", "results": {"failed_checks": [failed]}}).encode()


def finding(
    check_id: str, resource: str, path: str = "main.tf", lines: tuple[int, int] = (1, 3), title: str = ""
) -> FindingRead:
    (read,) = read_findings(checkov(check_id, resource, path, lines, title))
    return read


def cloud(kind: str, identifier: str, *, name: str = "", tags: tuple[tuple[str, str], ...] = ()) -> Finding:
    """A finding as Security Hub makes them: no hint, only the resource."""
    resource = CloudResource(kind, identifier, name=name, tags=tags)
    return Finding(source="security_hub", id="f-1", check_id="S3.8", title="t", resource=resource)
