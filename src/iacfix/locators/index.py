"""What stands where in a repository: spans and names of every top-level block, no trees.

A file is read once; between runs a cache answers for every file whose content has not changed.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from posixpath import dirname
from typing import cast

from iacfix.domain.errors import DocumentError, IacfixError
from iacfix.iac.terraform.document import Block, TerraformDocument
from iacfix.iac.terraform.scan import MAX_TEXT, Entry, scan
from iacfix.locators.names import all_name_attributes
from iacfix.ports import CachedFile, IndexCache, ListedFile

TERRAFORM = ".tf"
VARIABLES = ".tfvars"

PREFIXES = frozenset({"name_prefix", "bucket_prefix", "identifier_prefix", "cluster_identifier_prefix"})


@cache
def kept() -> frozenset[str]:
    """Of resources: what names them, and what says how often and where they exist."""
    return all_name_attributes() | {"tags", "count", "for_each", *PREFIXES}


def version() -> str:
    """Changes with the form of an entry, and with what is kept."""
    return "1-" + hashlib.sha256(" ".join(sorted(kept())).encode()).hexdigest()[:12]


Entries = tuple[Entry, ...]


class Index:
    """By path, each file's entries; `unread` are the files that cannot be read, each with line and reason.

    What came out of a cache is decoded when it is asked for: a finding needs a small part of a repository.
    """

    def __init__(self, encoded: Mapping[str, str], unread: Mapping[str, str]) -> None:
        self._encoded = dict(encoded)
        self._decoded: dict[str, Entries] = {}
        self.unread = dict(unread)

    @cached_property
    def folders(self) -> Mapping[str, tuple[str, ...]]:
        """The Terraform and variable files of each folder, sorted; "" is the root."""
        found: dict[str, list[str]] = {}
        for path in sorted(self._encoded):
            found.setdefault(dirname(path), []).append(path)
        return {folder: tuple(paths) for folder, paths in found.items()}

    def file(self, path: str) -> Entries:
        """Nothing for a file that is not there or could not be read."""
        if path not in self._decoded:
            rows = cast("list[Row]", json.loads(self._encoded.get(path, "[]")))
            self._decoded[path] = tuple(_entry(row) for row in rows)
        return self._decoded[path]

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

    def replaced(self, path: str, data: bytes) -> bool:
        """From now on the file reads so. Answers whether more than places has changed."""
        before = self.file(path)
        read = read_entries(path, data)
        self.unread.pop(path, None)
        if isinstance(read, str):
            self.unread[path] = read
        self._encoded[path] = "[]" if isinstance(read, str) else _encode(read)
        self._decoded.pop(path, None)
        self.__dict__.pop("folders", None)
        return [_meaning(entry) for entry in before] != [_meaning(entry) for entry in self.file(path)]


def _meaning(entry: Entry) -> tuple[object, ...]:
    return entry.keyword, entry.labels, entry.texts


def build(listing: Sequence[ListedFile], read: Callable[[str], bytes], cache: IndexCache | None) -> Index:
    """Reads what the cache does not hold as it stands, and leaves the cache as it should be."""
    known = cache.load() if cache is not None else {}
    held_texts: dict[str, str] = {}
    changed: dict[str, CachedFile] = {}
    unread: dict[str, str] = {}
    listed: set[str] = set()
    for file in listing:
        listed.add(file.path)
        held = known.get(file.path)
        if held is not None and file.blob and (held.blob, held.size) == (file.blob, file.size):
            held_texts[file.path] = held.entries
            continue
        try:
            data = read(file.path)
        except IacfixError as error:
            unread[file.path] = error.what
            continue
        blob = file.blob or blob_id(data)
        if held is not None and (held.blob, held.size) == (blob, len(data)):
            held_texts[file.path] = held.entries
        else:
            found = read_entries(file.path, data)
            held_texts[file.path] = _encode(found)
            changed[file.path] = CachedFile(blob, len(data), held_texts[file.path])
    if cache is not None:
        cache.store(changed, [path for path in known if path not in listed])
    unread |= {path: str(json.loads(text)) for path, text in held_texts.items() if text.startswith('"')}
    return Index({path: text for path, text in held_texts.items() if path not in unread}, unread)


Row = tuple[str, list[str], int, int, int, int, dict[str, str]]


def _encode(entries: Entries | str) -> str:
    return json.dumps(entries, separators=(",", ":"), ensure_ascii=False)


def _entry(row: Row) -> Entry:
    keyword, labels, start, end, start_line, end_line, texts = row
    return Entry(keyword, tuple(labels), start, end, start_line, end_line, texts)


def blob_id(data: bytes) -> str:
    """As git names the content, in repositories of the usual kind; others are read at every run."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def read_entries(path: str, data: bytes) -> Entries | str:
    """The entries, or in words why there are none."""
    found = scan(data, kept())
    if found is not None:
        return found
    try:
        document = TerraformDocument.read(path, data)
    except DocumentError as error:
        return error.what
    assigned = _texts(document, {item.name: (item.value_start, item.value_end) for item in document.assignments})
    rest = [Entry("", (), 0, len(data), 1, 1 + data.count(b"\n"), assigned)] if assigned else []
    return (*(_of_block(document, block) for block in document.blocks), *rest)


def _of_block(document: TerraformDocument, block: Block) -> Entry:
    wanted = {"variable": {"default"}, "provider": {"alias"}, "resource": kept()}.get(block.keyword, frozenset[str]())
    every = block.keyword in {"module", "locals"}
    spans = {item.name: (item.value_start, item.value_end) for item in block.attributes if every or item.name in wanted}
    texts = _texts(document, spans)
    return Entry(block.keyword, block.labels, block.start, block.end, block.start_line, block.end_line, texts)


def _texts(document: TerraformDocument, spans: Mapping[str, tuple[int, int]]) -> dict[str, str]:
    return {name: document.text(start, end) if end - start <= MAX_TEXT else "" for name, (start, end) in spans.items()}
