"""The Terraform of one repository, read through its source tree: modules by folder, each file parsed once."""

from functools import cached_property
from posixpath import dirname

from iacfix.domain.errors import DocumentError, IacfixError
from iacfix.domain.location import CallSite, Evidence, Framework, Location, ModuleUse
from iacfix.iac.terraform.document import Block, TerraformDocument
from iacfix.iac.terraform.module import Module
from iacfix.iac.terraform.scan import Entry
from iacfix.iac.terraform.values import Reference, Value
from iacfix.locators.index import TERRAFORM, VARIABLES, Index, build
from iacfix.locators.instances import Instances, loaded_by_itself, module_source, variable_order
from iacfix.locators.named import NamedBlocks
from iacfix.ports import IndexCache, ListedFile, SourceTree


class TerraformRepository:
    """What stands in the source tree, with the changes that were accepted so far laid over it."""

    def __init__(self, tree: SourceTree, cache: IndexCache | None = None) -> None:
        self._tree = tree
        self._cache = cache
        self._overlay: dict[str, bytes] = {}
        self._documents: dict[str, TerraformDocument | DocumentError] = {}
        self._folders: dict[str, Module] = {}

    @cached_property
    def _listing(self) -> tuple[ListedFile, ...]:
        return tuple(self._tree.listing((TERRAFORM, VARIABLES)))

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Terraform files and variable files, sorted."""
        return tuple(file.path for file in self._listing)

    @cached_property
    def _by_folder(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for path in self.paths:
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

    def document(self, path: str) -> TerraformDocument:
        """Raises DocumentError when the file does not parse, UnsafePathError and InputError like `read`."""
        if path not in self._documents:
            try:
                self._documents[path] = TerraformDocument.read(path, self.read(path))
            except DocumentError as error:
                self._documents[path] = error
        found = self._documents[path]
        if isinstance(found, DocumentError):
            raise found
        return found

    def module(self, folder: str) -> Module:
        """The files of one folder. Those that do not parse are named in `unread`, and cost the others nothing."""
        if folder not in self._folders:
            self._folders[folder] = self._read_module(folder)
        return self._folders[folder]

    def module_of(self, path: str) -> Module:
        return self.module(dirname(path))

    def replace(self, path: str, data: bytes) -> None:
        """From now on the file reads so."""
        self._overlay[path] = data
        self._documents.pop(path, None)
        self._folders.pop(dirname(path), None)
        if "index" in self.__dict__ and self.index.replaced(path, data):
            for derived in ("instances", "named"):
                self.__dict__.pop(derived, None)

    def location(
        self,
        path: str,
        entry: Entry,
        evidence: tuple[Evidence, ...],
        confidence: float,
        chains: tuple[tuple[CallSite, ...], ...] = (),
    ) -> Location:
        """Of a block as the index knows it. `chains`: the ways of calls by which it may have come to be.

        Raises DocumentError when its file does not parse.
        """
        current = next(
            each for each in self.index.file(path) if (each.keyword, each.labels) == (entry.keyword, entry.labels)
        )
        block = next(block for block in self.document(path).blocks if block.start == current.start)
        use = self._use(path, entry, block, chains)
        if use is not None:
            evidence += tuple(Evidence("module", text) for text in _told(use, chains))
        return location_of(self.document(path), block, evidence, confidence, use)

    def _use(self, path: str, entry: Entry, block: Block, chains: tuple[tuple[CallSite, ...], ...]) -> ModuleUse | None:
        calls = chains[0] if chains else ()
        if entry.keyword == "module":
            own = CallSite(path, entry.address, entry.start_line)
            return ModuleUse((*calls, own), source=module_source(entry))
        sites = self.instances.sites(dirname(path))
        if not sites:
            return None
        inputs = tuple(
            (attribute.name, value.parts[1])
            for attribute in block.attributes
            if isinstance(value := attribute.value, Reference) and value.parts[0] == "var" and len(value.parts) == 2  # noqa: PLR2004 - var.name
        )
        return ModuleUse(calls, sites, inputs)

    def _read_module(self, folder: str) -> Module:
        documents: dict[str, TerraformDocument] = {}
        tfvars: dict[str, Value] = {}
        unread: list[str] = []
        for path in sorted(self._by_folder.get(folder, ()), key=variable_order):
            if path.endswith(VARIABLES) and not loaded_by_itself(path):
                continue
            try:
                document = self.document(path)
            except IacfixError as error:
                unread.append(error.what)
                continue
            if path.endswith(TERRAFORM):
                documents[path] = document
            else:
                tfvars.update(_assignments(document))
        return Module(documents, tfvars, tuple(unread))


def location_of(
    document: TerraformDocument,
    block: Block,
    evidence: tuple[Evidence, ...],
    confidence: float,
    module: ModuleUse | None = None,
) -> Location:
    return Location(
        document.path,
        block.address,
        Framework.TERRAFORM,
        block.start,
        block.end,
        block.start_line,
        block.end_line,
        evidence,
        confidence,
        module,
    )


def _told(use: ModuleUse, chains: tuple[tuple[CallSite, ...], ...]) -> list[str]:
    if use.source:
        return [f"it is made by {use.source}, which is not of this repository: what can be changed here is the call"]
    told = [
        "called by " + ", then ".join(f"{call.address} at {call.path}:{call.line}" for call in calls)
        for calls in chains
        if calls
    ]
    if len(use.sites) > 1:
        places = ", ".join(f"{site.path}:{site.line}" for site in use.sites[:5])
        more = f" and {len(use.sites) - 5} more" if len(use.sites) > 5 else ""  # noqa: PLR2004 - as many as are named
        told.append(f"warning: {len(use.sites)} call sites share this module ({places}{more})")
    return told


def _assignments(document: TerraformDocument) -> dict[str, Value]:
    return {item.name: item.value for item in document.assignments}
