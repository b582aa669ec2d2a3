"""The exceptions of a repository as people and iacfix write them: `.iacfix/exceptions.yaml`, see docs/exceptions.md."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

import yaml

from iacfix.domain.errors import DocumentError
from iacfix.triage.exceptions import MOST_DAYS, Exceptions, RiskException, Scope, fault_of

PATH = ".iacfix/exceptions.yaml"
MAX_BYTES = 256 * 1024
MAX_ENTRIES = 2_000
MAX_TEXT = 1_000  # characters of one value

_HEADER = b"# Risks that are accepted for a time. Each ends by itself: `until` is the last day that it holds.\n"
_MAX_DEPTH = 8
_SCOPE = ("finding", "control", "resource", "path")
_REQUIRED = ("approver", "reason", "created", "until")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class _Loader(yaml.SafeLoader):
    """Refuses aliases, which can blow a small file up, and nesting that no such file has."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        line = self.line + 1
        if self.check_event(yaml.AliasEvent):
            raise DocumentError("aliases are not read", line=line, remedy="write the value out")
        if self.depth == _MAX_DEPTH:
            raise DocumentError("it is nested too deeply", line=line, remedy="write entries as the documentation shows")
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def read_exceptions(data: bytes, *, most_days: int = MOST_DAYS) -> Exceptions:
    """Entries that are not well made are among them, with their `fault`. Raises DocumentError where the text is no such
    file at all.
    """
    return Exceptions(tuple(_entry(node, most_days) for node in _items(data)))


def with_exception(data: bytes | None, new: RiskException, *, most_days: int = MOST_DAYS) -> bytes:
    """The file with one entry more at its end, everything else byte for byte as it was; the file as it is where it has
    the entry. None is a file that is not there. Raises DocumentError where that cannot be done, ValueError for an entry
    with a fault.
    """
    if fault := new.fault or written_fault(new, most_days):
        raise ValueError(fault)
    before = data if data is not None else _HEADER
    earlier = read_exceptions(before, most_days=most_days).entries
    if new in earlier:
        return before
    after = _appended(before, new, _value(before))
    if read_exceptions(after, most_days=most_days).entries != (*earlier, new):
        raise DocumentError("an entry cannot be added to it", remedy=f"add the exception to {PATH} by hand")
    return after


def with_ended(data: bytes, wanted: str, last: date, *, most_days: int = MOST_DAYS) -> bytes:
    """The file with `last` as the last day of the exception with this id, everything else byte for byte as it was. One
    that began later is taken out. Raises DocumentError where that cannot be done.
    """
    text, expected = data.decode(), list[RiskException]()
    cuts: list[tuple[int, int, str]] = []
    for node in _items(data):
        entry = _entry(node, most_days)
        if entry.fault or entry.id != wanted or entry.until <= last:
            expected.append(entry)
        elif entry.created <= last:
            expected.append(replace(entry, until=last))
            until = dict(_pairs(node))["until"]
            cuts.append((until.start_mark.index, until.end_mark.index, last.isoformat()))
        else:
            cuts.append((*_lines_of(node, text), ""))
    for start, end, new in reversed(cuts):
        text = text[:start] + new + text[end:]
    after = text.encode()
    found = read_exceptions(after, most_days=most_days).entries
    # a fault says its line, which may have moved
    if [replace(each, fault="") for each in found] != [replace(each, fault="") for each in expected]:
        raise DocumentError("the entry cannot be changed", remedy=f"change it in {PATH} by hand")
    return after


def _lines_of(node: yaml.Node, text: str) -> tuple[int, int]:
    """From the beginning of its first line to the end of its last one."""
    start = text.rfind("\n", 0, node.start_mark.index) + 1
    if text[start : node.start_mark.index].strip() != "-":
        raise DocumentError("the entry has no lines of its own", remedy=f"take it out of {PATH} by hand")
    last = max(value.end_mark.index for _, value in _pairs(node))
    line_end = last if text[:last].endswith("\n") else text.find("\n", last) + 1
    return start, line_end or len(text)


def _items(data: bytes) -> list[yaml.Node]:
    value = _value(data)
    if value is None or _is_empty(value):
        return []
    if not isinstance(value, yaml.SequenceNode):
        raise DocumentError("`exceptions` is not a list", line=_line(value), remedy="begin each entry with a hyphen")
    if len(value.value) > MAX_ENTRIES:
        raise DocumentError(f"it has more than {MAX_ENTRIES} exceptions", remedy="take those out that have ended")
    return list(value.value)


def _value(data: bytes) -> yaml.Node | None:
    """What stands under `exceptions`; None where the file is empty."""
    if len(data) > MAX_BYTES:
        raise DocumentError(f"it is larger than {MAX_BYTES} bytes", remedy="take exceptions out that have ended")
    try:
        root = yaml.compose(data.decode(), _Loader)
    except UnicodeDecodeError:
        raise DocumentError("it is not UTF-8", remedy="save it as UTF-8") from None
    except yaml.YAMLError as error:
        raise DocumentError(f"it is not YAML: {_problem(error)}", line=_error_line(error)) from None
    if root is None:
        return None
    entries = dict(_pairs(root))
    if unknown := entries.keys() - {"exceptions"}:
        raise DocumentError(f"it has {min(unknown)!r} beside `exceptions`", remedy="take that out")
    return entries.get("exceptions")


def _pairs(node: yaml.Node) -> Iterator[tuple[str, yaml.Node]]:
    if not isinstance(node, yaml.MappingNode):
        raise DocumentError("it is not a mapping", line=_line(node), remedy="write `name: value`")
    seen: set[str] = set()
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise DocumentError("a name is not text", line=_line(key), remedy="write `name: value`")
        if key.value in seen:
            raise DocumentError("a name is written twice", line=_line(key), remedy="keep one of them")
        seen.add(key.value)
        yield key.value, value


def _entry(node: yaml.Node, most_days: int) -> RiskException:
    """Whatever is wrong with it costs this entry alone."""
    try:
        texts = {name: _text(name, value) for name, value in _pairs(node)}
    except DocumentError as error:
        return _faulty({}, f"line {error.line or _line(node)}: {error}")
    return entry_of(texts, f"line {_line(node)}: ", most_days)


def entry_of(texts: Mapping[str, str], where: str, most_days: int = MOST_DAYS) -> RiskException:
    """From its fields. `where` goes before the fault, if there is one."""
    if unknown := texts.keys() - {*_SCOPE, *_REQUIRED}:
        return _faulty(texts, f"{where}{_shown(min(unknown))} is none of {', '.join((*_SCOPE, *_REQUIRED))}")
    if missing := [name for name in _REQUIRED if not texts.get(name)]:
        return _faulty(texts, f"{where}`{missing[0]}` is missing")
    days = {name: _day(texts[name]) for name in ("created", "until")}
    created, until = days["created"], days["until"]
    if created is None or until is None:
        wrong = next(name for name, day in days.items() if day is None)
        return _faulty(texts, f"{where}`{wrong}` is not a day, as in 2026-11-02")
    entry = RiskException(_scope(texts), texts["approver"], texts["reason"], created, until)
    fault = fault_of(entry, most_days)
    return replace(entry, fault=f"{where}{fault}") if fault else entry


def _faulty(texts: Mapping[str, str], fault: str) -> RiskException:
    approver, reason = texts.get("approver", ""), texts.get("reason", "")
    return RiskException(_scope(texts), approver, reason, date.min, date.min, fault)


def _scope(texts: Mapping[str, str]) -> Scope:
    return Scope(*(texts.get(name, "") for name in _SCOPE))


def _text(name: str, node: yaml.Node) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise DocumentError(f"{_shown(name)} is not text", line=_line(node), remedy="write one value")
    text = " ".join(str(node.value).split())
    if len(text) > MAX_TEXT or not text.isprintable():
        raise DocumentError(f"{_shown(name)} is too long, or no text that can be shown", line=_line(node))
    return text


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


def written_fault(new: RiskException, most_days: int = MOST_DAYS) -> str:
    """What is wrong with an entry that is to be written; "" where nothing is."""
    scope = new.scope
    for text in (scope.finding, scope.control, scope.resource, scope.path, new.approver, new.reason):
        if text != " ".join(text.split()) or len(text) > MAX_TEXT or not text.isprintable():
            return "a text of it is too long, or not one line of what can be shown"
    return fault_of(new, most_days)


def _appended(before: bytes, new: RiskException, value: yaml.Node | None) -> bytes:
    text = before.decode()
    ending = "\r\n" if "\r\n" in text else "\n"
    indent = ""
    if value is None:
        text = _closed(text, ending) + f"exceptions:{ending}"
    elif isinstance(value, yaml.SequenceNode) and value.value and not value.flow_style:
        indent = " " * value.start_mark.column
    elif _is_empty(value):
        # `exceptions: []`, or nothing behind the colon
        text = text[: value.start_mark.index].rstrip(" ") + text[value.end_mark.index :]
    else:
        raise DocumentError("its list is in brackets", line=_line(value), remedy="begin each entry with a hyphen")
    return (_closed(text, ending) + ending.join(_lines(new, indent)) + ending).encode()


def entry_text(entry: RiskException) -> str:
    """Its lines, as `with_exception` writes them."""
    return "\n".join(_lines(entry, "")) + "\n"


def _closed(text: str, ending: str) -> str:
    return text if not text or text.endswith("\n") else text + ending


def _lines(new: RiskException, indent: str) -> Iterator[str]:
    values = {name: getattr(new.scope, name) for name in _SCOPE} | {"approver": new.approver, "reason": new.reason}
    # What is a string in JSON and can be shown is the same string in YAML.
    texts = {name: json.dumps(text, ensure_ascii=False) for name, text in values.items() if text}
    texts |= {"created": new.created.isoformat(), "until": new.until.isoformat()}
    for number, (name, text) in enumerate(texts.items()):
        yield f"{indent}{'  ' if number else '- '}{name}: {text}"


def _is_empty(node: yaml.Node) -> bool:
    if isinstance(node, yaml.SequenceNode):
        return not node.value
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _shown(name: str) -> str:
    return repr(name[:40])


def _problem(error: yaml.YAMLError) -> str:
    """Without the excerpt that PyYAML shows."""
    return str(error.problem) if isinstance(error, yaml.MarkedYAMLError) else "a character cannot be read"


def _error_line(error: yaml.YAMLError) -> int:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return int(error.problem_mark.line) + 1
    return 0
