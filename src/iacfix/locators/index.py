"""What stands where in a repository: spans and names of every top-level block, no trees.

A file is read once; between runs a cache answers for every file whose content has not changed.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import cast

from iacfix.domain.errors import IacfixError
from iacfix.iac.entry import CLOUDFORMATION, Entry
from iacfix.iac.terraform import files
from iacfix.locators.entries import Entries, read_entries
from iacfix.ports import CachedFile, IndexCache, ListedFile

Read = Callable[[str], bytes]


class Index:
    """By path, each file's entries; `unread` are the files that cannot be read, each with line and reason.

    What came out of a cache is decoded when it is asked for: a finding needs a small part of a repository.
    """

    def __init__(self, encoded: Mapping[str, str], unread: Mapping[str, str], read: Read) -> None:
        self._encoded = dict(encoded)
        self._decoded: dict[str, Entries] = {}
        self._read = read
        self.unread = dict(unread)

    @cached_property
    def folders(self) -> Mapping[str, tuple[str, ...]]:
        """The Terraform and variable files of each folder, sorted; "" is the root."""
        found: dict[str, list[str]] = {}
        for path in files.without_shadowed(sorted(path for path in self._encoded if path.endswith(files.SUFFIXES))):
            found.setdefault(path.rpartition("/")[0], []).append(path)
        return {folder: tuple(paths) for folder, paths in found.items()}

    def file(self, path: str) -> Entries:
        """Nothing for a file that is not there or could not be read."""
        if path not in self._decoded:
            self._decoded[path] = self._decode(path)
        return self._decoded[path]

    def _decode(self, path: str) -> Entries:
        """A cache that was damaged costs time, nothing else."""
        try:
            rows = cast("list[object]", json.loads(self._encoded.get(path, "[]")))
            return tuple(_entry(row) for row in rows)
        except (ValueError, TypeError, RecursionError):
            self._take(path, self._read(path))
            return self.file(path)

    def entries(self, folder: str) -> Iterator[tuple[str, Entry]]:
        for path in self.folders.get(folder, ()):
            for entry in self.file(path):
                yield path, entry

    def blocks(self, keyword: str, label: str = "") -> Iterator[tuple[str, Entry]]:
        """Every block of a kind, with its file; `label` is its first one."""
        mark = f'["{keyword}",["{label}"' if label else f'["{keyword}",['
        for path in [path for path, text in self._encoded.items() if mark in text]:
            for entry in self.file(path):
                if entry.keyword == keyword and (not label or entry.labels[:1] == (label,)):
                    yield path, entry

    def overrides(self, folder: str, keyword: str, labels: tuple[str, ...]) -> Iterator[tuple[str, Entry]]:
        """The blocks of override files that Terraform lays over one block, in its order."""
        for path in self._override_files.get(folder, ()):
            for entry in self.file(path):
                if (entry.keyword, entry.labels) == (keyword, labels):
                    yield path, entry

    @cached_property
    def _override_files(self) -> Mapping[str, tuple[str, ...]]:
        found = {folder: tuple(filter(files.is_override, paths)) for folder, paths in self.folders.items()}
        return {folder: paths for folder, paths in found.items() if paths}

    def replaced(self, path: str, data: bytes) -> bool:
        """From now on the file reads so. Answers whether more than places has changed."""
        before = self.file(path)
        self._take(path, data)
        for derived in ("folders", "_override_files"):
            self.__dict__.pop(derived, None)
        return [_meaning(entry) for entry in before] != [_meaning(entry) for entry in self.file(path)]

    def _take(self, path: str, data: bytes) -> None:
        read = read_entries(path, data)
        self.unread.pop(path, None)
        if isinstance(read, str):
            self.unread[path] = read
        self._encoded[path] = "[]" if isinstance(read, str) else _encode(read)
        self._decoded.pop(path, None)


def _meaning(entry: Entry) -> tuple[object, ...]:
    return entry.keyword, entry.labels, entry.texts


def build(listing: Sequence[ListedFile], read: Read, cache: IndexCache | None) -> Index:
    """Reads what the cache does not hold as it stands, and leaves the cache as it should be."""
    known = cache.load() if cache is not None else {}
    held_texts: dict[str, str] = {}
    changed: dict[str, CachedFile] = {}
    unread: dict[str, str] = {}
    for path, blob, size in listing:
        held = known.get(path)
        if held is not None and blob and held.blob == blob and held.size == size:
            held_texts[path] = held.entries
            continue
        try:
            data = read(path)
        except IacfixError as error:
            unread[path] = error.what
            continue
        content = CachedFile(blob or blob_id(data), len(data), "")
        if held is not None and held[:2] == content[:2]:
            held_texts[path] = held.entries
        else:
            held_texts[path] = _encode(read_entries(path, data))
            changed[path] = content._replace(entries=held_texts[path])
    if cache is not None:
        cache.store(changed, known.keys() - held_texts.keys() - unread.keys())
    unread |= {path: _reason(text) for path, text in held_texts.items() if text.startswith('"')}
    return Index({path: text for path, text in held_texts.items() if path not in unread}, unread, read)


def _encode(entries: Entries | str) -> str:
    return json.dumps(entries, separators=(",", ":"), ensure_ascii=False)


def _entry(row: object) -> Entry:
    """Raises TypeError, ValueError for what this never wrote."""
    keyword, labels, start, end, start_line, end_line, texts = cast("tuple[object, ...]", row)
    if not (
        isinstance(keyword, str)
        and isinstance(labels, list)
        and isinstance(texts, dict)
        and all(isinstance(each, str) for each in (*labels, *texts.values()))
        and all(type(each) is int for each in (start, end, start_line, end_line))
    ):
        raise TypeError
    if keyword == CLOUDFORMATION and len(labels) != len(("type", "logical id")):
        raise ValueError
    places = cast("tuple[int, int, int, int]", (start, end, start_line, end_line))
    return Entry(keyword, tuple(labels), *places, texts)


def _reason(text: str) -> str:
    try:
        return str(json.loads(text))
    except ValueError:
        return "the file could not be read when it was indexed"


def blob_id(data: bytes) -> str:
    """As git names the content, in repositories of the usual kind; others are read at every run."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
