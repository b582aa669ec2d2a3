"""The Terraform of one repository, read through its source tree: modules by folder, each file parsed once."""

from functools import cache
from posixpath import dirname

from iacfix.domain.errors import DocumentError, IacfixError
from iacfix.iac.terraform.document import TerraformDocument
from iacfix.iac.terraform.module import Module
from iacfix.iac.terraform.values import Value
from iacfix.ports import SourceTree

TERRAFORM = ".tf"
VARIABLES = ".tfvars"


class TerraformRepository:
    """What stands in the source tree, with the changes that were accepted so far laid over it."""

    def __init__(self, tree: SourceTree) -> None:
        self._tree = tree
        self._overlay: dict[str, bytes] = {}
        self._documents: dict[str, TerraformDocument | DocumentError] = {}
        self._folders: dict[str, Module] = {}
        self._paths = cache(lambda: tuple(tree.files((TERRAFORM, VARIABLES))))

    @property
    def paths(self) -> tuple[str, ...]:
        """Terraform files and variable files, sorted."""
        return self._paths()

    @property
    def folders(self) -> tuple[str, ...]:
        """Folders that hold Terraform files; "" is the root."""
        return tuple(sorted({dirname(path) for path in self.paths if path.endswith(TERRAFORM)}))

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

    def _read_module(self, folder: str) -> Module:
        documents: dict[str, TerraformDocument] = {}
        tfvars: dict[str, Value] = {}
        unread: list[str] = []
        for path in sorted((path for path in self.paths if dirname(path) == folder), key=_variable_order):
            if path.endswith(VARIABLES) and not _loaded_by_itself(path):
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


def _loaded_by_itself(path: str) -> bool:
    """Terraform reads these without being told; which other variable files apply cannot be known."""
    return path.rpartition("/")[2] == "terraform.tfvars" or path.endswith(".auto.tfvars")


def _variable_order(path: str) -> tuple[bool, str]:
    """terraform.tfvars first, then *.auto.tfvars by name: the later wins, as in Terraform."""
    return path.endswith(".auto.tfvars"), path


def _assignments(document: TerraformDocument) -> dict[str, Value]:
    return {item.name: item.value for item in document.assignments}
