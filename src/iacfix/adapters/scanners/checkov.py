"""Checkov, run from its own environment on a copy of a few files: its HCL parser would overwrite ours."""

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import cast

from iacfix.adapters.programs import TooSlowError, find_program, run
from iacfix.domain.location import Framework
from iacfix.ports import CheckedResource, Scan, ToolError

SOURCE = "checkov"
INSTALL = "install it in an environment of its own (`pipx install checkov`), or name it in `rescan.command`"
MAX_FILES, MAX_BYTES = 2000, 20 * 1024 * 1024
MAX_KEPT = 200
# A scanner that hangs is not waited for at each finding.
MAX_TIMEOUTS = 2
_QUOTED = 300

# A dead end for whatever would ask the network, an update check for one.
_NOWHERE = "http://127.0.0.1:9"
# All that it needs: neither credentials nor the user's own configuration of Checkov come along.
_FIXED = {"LC_ALL": "C.UTF-8", "LOG_LEVEL": "ERROR", "NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1"} | dict.fromkeys(
    ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY"), _NOWHERE
)
_OPTIONS = ("-o", "json", "--compact", "--soft-fail", "--skip-download")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,120}")
_INDEX = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|[^\["\]]*)\]')
_FAULTY = "it is not as Checkov writes it; version 3 is known"

Answers = dict[str, Scan | ToolError]


class CheckovScanner:
    """`command` is the program with its first arguments; `search_path` is where it is looked for, `timeout` in seconds.

    An answer is kept: the same files are not scanned twice in a run. After MAX_TIMEOUTS it is not started again.
    """

    def __init__(self, command: Sequence[str] = (SOURCE,), *, search_path: str, timeout: float) -> None:
        self._command = tuple(command)
        self._search_path = search_path
        self._timeout = timeout
        self._known: Answers = {}
        self._timeouts = 0

    @property
    def source(self) -> str:
        return SOURCE

    def scan(self, framework: Framework, files: Mapping[str, bytes]) -> Scan:
        key = _key(framework, files)
        if key not in self._known:
            try:
                self._known[key] = self._scan(framework, files)
            except ToolError as error:
                self._timeouts += isinstance(error, TooSlowError)
                self._known[key] = error  # who was too slow once is not waited for again
            while len(self._known) > MAX_KEPT:
                del self._known[next(iter(self._known))]
        found = self._known[key]
        if isinstance(found, ToolError):
            raise found
        return found

    def _scan(self, framework: Framework, files: Mapping[str, bytes]) -> Scan:
        if self._timeouts >= MAX_TIMEOUTS:
            raise ToolError(
                f"Checkov took longer than {self._timeout:g} seconds {self._timeouts} times, and is not started again "
                "in this run",
                remedy="raise `rescan.timeout`",
            )
        if len(files) > MAX_FILES or sum(map(len, files.values())) > MAX_BYTES:
            raise ToolError(f"the module is more than {MAX_FILES} files or {MAX_BYTES} bytes")
        try:
            program = find_program(self._command[0], self._search_path)
        except ToolError as error:
            raise ToolError(error.what, remedy=error.remedy or INSTALL) from None
        with tempfile.TemporaryDirectory(prefix="iacfix-scan-") as name:
            top = Path(os.path.realpath(name))
            folders = {each: top / each for each in ("home", "work", "code")}
            for folder in folders.values():
                folder.mkdir()
            paths = _write(folders["code"], framework, files)
            finished = run(
                [program, *self._command[1:], "-d", str(folders["code"]), "--framework", framework.value, *_OPTIONS],
                cwd=folders["work"],
                environment={
                    **_FIXED,
                    "PATH": self._search_path,
                    "HOME": str(folders["home"]),
                    "TMPDIR": str(folders["work"]),
                },
                timeout=self._timeout,
            )
        if finished.code != 0:
            raise ToolError(
                f"Checkov ended with exit code {finished.code}: {finished.words[-_QUOTED:] or 'without a word'}"
            )
        return _read(finished.stdout, paths)


def _key(framework: Framework, files: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256(framework.value.encode())
    for path in sorted(files):
        digest.update(f"\n{len(path)} {path} {len(files[path])}\n".encode() + files[path])
    return digest.hexdigest()


def _write(folder: Path, framework: Framework, files: Mapping[str, bytes]) -> Mapping[str, str]:
    """Under names that no program takes for anything else. From the copies' names to the paths."""
    names: dict[str, str] = {}
    for number, path in enumerate(sorted(files)):
        name = PurePosixPath(path).name
        if framework is Framework.CLOUDFORMATION:
            name = f"template-{number}{'.json' if files[path].lstrip()[:1] == b'{' else '.yaml'}"
        elif not _PLAIN_NAME.fullmatch(name) or name in names:
            name = f"file-{number}.tf{'.json' if name.endswith('.json') else ''}"
        elif name.endswith((".tofu", ".tofu.json")):  # which Checkov passes over
            name = name.replace(".tofu", ".tf")
        names[name] = path
        (folder / name).write_bytes(files[path])
    return names


def _read(output: bytes, paths: Mapping[str, str]) -> Scan:
    try:
        told: object = json.loads(output)
    except (ValueError, RecursionError):
        raise ToolError(f"what Checkov wrote is no JSON: {_FAULTY}") from None
    failed: set[CheckedResource] = set()
    passed: set[CheckedResource] = set()
    unread: set[str] = set()
    titles: dict[str, str] = {}
    version = ""
    for report in cast("list[object]", told) if isinstance(told, list) else [told]:
        summary = _mapping(_mapping(report).get("summary", report))
        version = _text(summary.get("checkov_version")) or version
        if "results" not in _mapping(report) and "checkov_version" in summary:
            continue  # all that it writes when there was nothing to scan
        results = _mapping(_mapping(report).get("results"))
        for check in _entries(results, "failed_checks"):
            failed.add(_checked(check, paths))
            titles[_text(check.get("check_id"))] = _text(check.get("check_name"))
        passed.update(_checked(check, paths) for check in _entries(results, "passed_checks"))
        for each in _list(results.get("parsing_errors", [])):
            name = PurePosixPath(_text(each)).name
            unread.add(paths.get(name, name))
    return Scan(f"Checkov {version}".strip(), frozenset(failed), frozenset(passed), frozenset(unread), titles)


def _entries(results: Mapping[str, object], name: str) -> Iterator[Mapping[str, object]]:
    yield from map(_mapping, _list(results.get(name)))


def _checked(check: Mapping[str, object], paths: Mapping[str, str]) -> CheckedResource:
    check_id, resource = _text(check.get("check_id")), _text(check.get("resource"))
    if not check_id:
        raise ToolError(f"Checkov's answer holds a check without an id: {_FAULTY}")
    name = PurePosixPath(_text(check.get("file_path"))).name
    return CheckedResource(check_id, resource, _address(resource), paths.get(name, name))


def _address(resource: str) -> str:
    """`AWS::S3::Bucket.Logs` is `Resources.Logs` in the template; an instance's index is none of a block's address."""
    if "::" in resource:
        return f"Resources.{resource.rpartition('.')[2]}"
    return _INDEX.sub("", resource)


def _mapping(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise ToolError(f"Checkov's answer cannot be read: {_FAULTY}")
    return cast("Mapping[str, object]", value)


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise ToolError(f"Checkov's answer cannot be read: {_FAULTY}")
    return cast("list[object]", value)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
