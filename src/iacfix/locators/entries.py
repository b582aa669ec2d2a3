"""From a file of any kind to the entries that an index keeps of it."""

import hashlib
from collections.abc import Mapping
from functools import cache

from iacfix.domain.errors import DocumentError
from iacfix.iac.cloudformation.detect import is_template
from iacfix.iac.cloudformation.document import CloudFormationDocument
from iacfix.iac.entry import Entry
from iacfix.iac.terraform import files
from iacfix.iac.terraform.document import Block, TerraformDocument
from iacfix.iac.terraform.json_document import JsonBlock, JsonTerraformDocument
from iacfix.iac.terraform.scan import MAX_TEXT, scan
from iacfix.locators.names import all_name_attributes
from iacfix.locators.template_entries import entries_of, is_template_path

SUFFIXES = (*files.SUFFIXES, ".yaml", ".yml", ".json", ".template")
PREFIXES = frozenset({"name_prefix", "bucket_prefix", "identifier_prefix", "cluster_identifier_prefix"})
# AWS takes templates up to 1 MB (docs: "CloudFormation quotas").
MAX_TEMPLATE = 1024 * 1024

Entries = tuple[Entry, ...]


@cache
def kept() -> frozenset[str]:
    """Of Terraform resources: what names them, and what says how often and where they exist."""
    return all_name_attributes() | {"tags", "count", "for_each", *PREFIXES}


def version() -> str:
    """Changes with the form of an entry, and with what is kept."""
    return "3-" + hashlib.sha256(" ".join(sorted(kept())).encode()).hexdigest()[:12]


def read_entries(path: str, data: bytes) -> Entries | str:
    """The entries, or in words why there are none. A file that is no code at all has none, without a word."""
    try:
        if files.is_json(path):
            return _of_json(JsonTerraformDocument.read(path, data))
        if files.is_terraform(path) or files.is_variables(path):
            found = scan(data, kept())
            return found if found is not None else _of_hcl(TerraformDocument.read(path, data))
        if is_template_path(path) and len(data) <= MAX_TEMPLATE and is_template(data):
            return entries_of(CloudFormationDocument.read(path, data))
    except DocumentError as error:
        return error.what
    return ()


def _of_hcl(document: TerraformDocument) -> Entries:
    assigned = _texts(document, {item.name: (item.value_start, item.value_end) for item in document.assignments})
    return (*(_of_block(document, block) for block in document.blocks), *_assignments(document.data, assigned))


def _of_json(document: JsonTerraformDocument) -> Entries:
    """JSON's values are read like the expressions that they look like: strings are templates in both."""
    assigned: dict[str, str] = {}
    if files.is_variables(document.path):
        spans = {each.name: (each.value_start, each.value_end) for each in document.assignments}
        assigned = _texts(document, spans)
    return (*(_of_block(document, block) for block in document.blocks), *_assignments(document.data, assigned))


def _assignments(data: bytes, assigned: dict[str, str]) -> Entries:
    return (Entry("", (), 0, len(data), 1, 1 + data.count(b"\n"), assigned),) if assigned else ()


def _of_block(document: TerraformDocument | JsonTerraformDocument, block: Block | JsonBlock) -> Entry:
    wanted = {"variable": {"default"}, "provider": {"alias"}, "resource": kept()}.get(block.keyword, frozenset[str]())
    every = block.keyword in {"module", "locals"}
    spans = {item.name: (item.value_start, item.value_end) for item in block.attributes if every or item.name in wanted}
    texts = _texts(document, spans)
    return Entry(block.keyword, block.labels, block.start, block.end, block.start_line, block.end_line, texts)


def _texts(document: TerraformDocument | JsonTerraformDocument, spans: Mapping[str, tuple[int, int]]) -> dict[str, str]:
    return {name: document.text(start, end) if end - start <= MAX_TEXT else "" for name, (start, end) in spans.items()}
