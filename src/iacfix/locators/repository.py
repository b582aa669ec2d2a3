"""The code of one repository, read through its source tree: modules by folder, each file parsed once."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from posixpath import dirname
from typing import TypeVar

from iacfix.domain.errors import DocumentError, IacfixError
from iacfix.iac.cloudformation.document import CloudFormationDocument
from iacfix.iac.entry import Entry
from iacfix.iac.terraform import files, syntax
from iacfix.iac.terraform.document import TerraformDocument
from iacfix.iac.terraform.json_document import JsonTerraformDocument
from iacfix.iac.terraform.module import Module
from iacfix.iac.terraform.values import Value
from iacfix.locators.entries import SUFFIXES, read_entries
from iacfix.locators.index import Index, build
from iacfix.locators.instances import Instances
from iacfix.locators.named import NamedBlocks
from iacfix.ports import IndexCache, ListedFile, SourceTree

# What is kept parsed: a run over thousands of findings must not hold every tree of a large repository.
MAX_DOCUMENTS, MAX_MODULES = 1000, 100

Key = TypeVar("Key")
Kept = TypeVar("Kept")


class Repository:
    """What stands in the source tree, with the changes that were accepted so far laid over it."""

    def __init__(self, tree: SourceTree, cache: IndexCache | None = None) -> None:
        self._tree = tree
        self._cache = cache
        self._overlay: dict[str, bytes] = {}
        self._before: dict[str, tuple[Entry, ...]] = {}
        self._documents: dict[str, TerraformDocument | DocumentError] = {}
        self._folders: dict[str, Module] = {}

    @cached_property
    def _listing(self) -> tuple[ListedFile, ...]:
        return tuple(self._tree.listing(SUFFIXES))

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Terraform files, variable files and whatever may be a template, sorted."""
        return tuple(file.path for file in self._listing)

    @cached_property
    def terragrunt(self) -> tuple[str, ...]:
        """Files that call modules and set their variables in a language of their own, which is not read."""
        return tuple(sorted(file.path for file in self._tree.listing(("terragrunt.hcl",))))

    @cached_property
    def _by_folder(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for path in files.without_shadowed(self.paths):
            if path.endswith(files.SUFFIXES):
                found.setdefault(dirname(path), []).append(path)
        return {folder: tuple(paths) for folder, paths in found.items()}

    @cached_property
    def index(self) -> Index:
        """Every top-level block of the repository: see locators/index.py."""
        return build(self._listing, self.read, self._cache)

    @cached_property
    def instances(self) -> Instances:
        return Instances(self.index)

    @cached_property
    def named(self) -> NamedBlocks:
        return NamedBlocks(self.index, self.instances)

    def exists(self, path: str) -> bool:
        """Raises UnsafePathError when the path leads outside."""
        return self._tree.exists(path)

    def read(self, path: str) -> bytes:
        """The text as it stands now. Raises UnsafePathError, InputError."""
        return self._overlay[path] if path in self._overlay else self._tree.read(path)

    def names_in(self, folder: str) -> Sequence[str]:
        """What stands directly in a folder, ignored by git or not; folders end with `/`. Raises UnsafePathError."""
        return self._tree.names(folder)

    def read_large(self, path: str, most: int) -> bytes:
        """A file that is no code, as it stands on disk. Raises UnsafePathError, InputError."""
        return self._tree.read(path, most)

    def document(self, path: str) -> TerraformDocument:
        """Raises DocumentError when the file does not parse, UnsafePathError and InputError like `read`."""
        if path not in self._documents:
            try:
                self._documents[path] = TerraformDocument.read(path, self.read(path))
            except DocumentError as error:
                self._documents[path] = error
            _forget(self._documents, MAX_DOCUMENTS)
        found = self._documents[path]
        if isinstance(found, DocumentError):
            raise found
        return found

    def check(self, path: str, entry: Entry) -> None:
        """Raises DocumentError when a block does not parse: the index knows where it stands, not what is in it."""
        try:
            syntax.parse(self.read(path)[entry.start : entry.end])
        except DocumentError as error:
            line = entry.start_line + (error.line or 1) - 1
            raise DocumentError(f"{path}:{line}: {error.what}", line=line, remedy=error.remedy) from None

    def json_document(self, path: str) -> JsonTerraformDocument:
        """Raises as `document` does. Such files are read, not edited."""
        return JsonTerraformDocument.read(path, self.read(path))

    def template(self, path: str) -> CloudFormationDocument:
        """Raises as `document` does."""
        return CloudFormationDocument.read(path, self.read(path))

    def entries(self, path: str) -> tuple[Entry, ...]:
        """Of one file, whether or not the index was made. Raises DocumentError when it does not parse, as `read`."""
        if "index" in self.__dict__ and path not in self.index.unread:
            return self.index.file(path)
        found = read_entries(path, self.read(path))
        if isinstance(found, str):
            raise DocumentError(found)
        return found

    def scanned(self, path: str) -> tuple[Entry, ...]:
        """As `entries`, of the file before any change: lines that a scanner names are those of what it saw."""
        if path not in self._overlay:
            return self.entries(path)
        if path not in self._before:
            found = read_entries(path, self._tree.read(path))
            self._before[path] = () if isinstance(found, str) else found
        return self._before[path]

    def module(self, folder: str) -> Module:
        """The files of one folder. Those that do not parse are named in `unread`, and cost the others nothing."""
        if folder not in self._folders:
            self._folders[folder] = self._read_module(folder)
            _forget(self._folders, MAX_MODULES)
        return self._folders[folder]

    def module_of(self, path: str) -> Module:
        return self.module(dirname(path))

    def files_of(self, folder: str) -> tuple[str, ...]:
        """The paths of one module: Terraform's files and variable files that stand directly in a folder."""
        return self._by_folder.get(folder, ())

    @property
    def replaced(self) -> Mapping[str, bytes]:
        """What reads otherwise than the tree has it."""
        return dict(self._overlay)

    def replace(self, path: str, data: bytes) -> None:
        """From now on the file reads so."""
        self._overlay[path] = data
        self._documents.pop(path, None)
        self._folders.pop(dirname(path), None)
        if "index" in self.__dict__ and self.index.replaced(path, data):
            for derived in ("instances", "named"):
                self.__dict__.pop(derived, None)

    def _read_module(self, folder: str) -> Module:
        documents: dict[str, TerraformDocument] = {}
        json: dict[str, JsonTerraformDocument] = {}
        tfvars: dict[str, Value] = {}
        unread: list[str] = []
        for path in sorted(self._by_folder.get(folder, ()), key=files.variable_order):
            if files.is_variables(path) and not files.loaded_by_itself(path):
                continue
            try:
                if files.is_variables(path):
                    tfvars.update(self._assignments(path))
                elif files.is_json(path):
                    json[path] = self.json_document(path)
                    unread.append(f"{path} is in JSON syntax, where nested blocks cannot be told from attributes")
                else:
                    documents[path] = self.document(path)
            except IacfixError as error:
                unread.append(error.what)
        return Module(documents, tfvars, tuple(unread), json)

    def _assignments(self, path: str) -> dict[str, Value]:
        if files.is_json(path):
            return {item.name: item.value for item in self.json_document(path).assignments}
        return {item.name: item.value for item in self.document(path).assignments}


def _forget(kept: dict[Key, Kept], most: int) -> None:
    """The oldest first."""
    while len(kept) > most:
        del kept[next(iter(kept))]
