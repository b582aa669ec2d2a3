"""Where Terraform keeps the state of a folder, as its `terraform` blocks say.

Credentials that stand there are not read, and an endpoint of its own is refused: whoever may write a repository must
not choose the host that signed requests go to.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from posixpath import join, normpath
from typing import Final

from iacfix.domain.errors import InputError
from iacfix.iac.terraform import files
from iacfix.iac.terraform.document import Block, TerraformDocument
from iacfix.iac.terraform.json_document import AnyDocument, JsonBlock
from iacfix.iac.terraform.values import Known, ObjectValue, Value

DEFAULT: Final = "default"
"""The workspace that is always there."""

MAX_TEXT: Final = 1024
"""As long as a key in S3 may be, in bytes."""

# What Terraform takes as a workspace's name: a part of a URL's path that needs no escape.
_WORKSPACE = re.compile(r"[A-Za-z0-9._~$&+=:@-]{1,90}")

_BY_HAND = "run `terraform state pull > state.json` in that folder and hand over the file"
_HAND_OVER = "hand over what `terraform init` gets by -backend-config"

_NEEDED: Final = ("bucket", "key")
_TOLD: Final = (*_NEEDED, "region", "workspace_key_prefix", "profile")
_ROLE: Final = ("role_arn", "external_id", "session_name")
_ENDPOINTS: Final = ("endpoint", "endpoints", "iam_endpoint", "sts_endpoint")

AnyBlock = Block | JsonBlock


@dataclass(frozen=True, slots=True)
class S3Backend:
    """`region`, `profile` and what belongs to a role are "" where the code leaves them to the environment."""

    bucket: str
    key: str
    region: str = ""
    workspace_key_prefix: str = "env:"
    role_arn: str = ""
    external_id: str = ""
    session_name: str = ""
    profile: str = ""

    def key_of(self, workspace: str = DEFAULT) -> str:
        """Raises InputError for a name that no workspace has."""
        if _checked(workspace) == DEFAULT:
            return self.key
        return normpath(join(self.workspace_key_prefix, workspace, self.key))


@dataclass(frozen=True, slots=True)
class LocalBackend:
    """Paths are relative to the folder, or lead anywhere: whoever opens them has to look."""

    path: str = "terraform.tfstate"
    workspace_dir: str = "terraform.tfstate.d"

    def path_of(self, workspace: str = DEFAULT) -> str:
        """Raises InputError for a name that no workspace has."""
        return self.path if _checked(workspace) == DEFAULT else join(self.workspace_dir, workspace, "terraform.tfstate")


@dataclass(frozen=True, slots=True)
class UnknownBackend:
    """The code does not tell where the state is, or it is where iacfix cannot go: the reason, and what to do."""

    reason: str
    remedy: str = _BY_HAND


Backend = S3Backend | LocalBackend


def find_backend(
    documents: Iterable[AnyDocument], settings: Mapping[str, str] | None = None
) -> Backend | UnknownBackend | None:
    """Of one folder's documents; None where none is named, which is a local state or a module that others call.

    `settings` is what `terraform init` gets by `-backend-config`; it goes before what is written.
    """
    found = list(_named(documents))
    if len(found) > 1:
        kinds = " and ".join(sorted({_shown(kind) for kind, _ in found}))
        return UnknownBackend(f"the folder names {len(found)} places for its state: {kinds}", "leave one of them")
    if not found:
        return None
    kind, block = found[0]
    given = dict(settings or {})
    match kind:
        case "s3":
            return _s3(block, given)
        case "local":
            return _local(block, given)
        case "cloud" | "remote":
            return UnknownBackend("the state is in HCP Terraform, which iacfix does not read")
        case _:
            return UnknownBackend(f'the state is in a backend "{_shown(kind)}", which iacfix does not read')


def read_settings(path: str, data: bytes) -> Mapping[str, str]:
    """A file for `-backend-config`. Raises DocumentError when it is no HCL; what is no plain text is left out."""
    document = TerraformDocument.read(path, data)
    return {each.name: text for each in document.assignments if (text := _text(each.value)) is not None}


def _named(documents: Iterable[AnyDocument]) -> list[tuple[str, AnyBlock]]:
    """What an override file names stands for all that the other files do."""
    ordered = sorted(documents, key=lambda document: (files.is_override(document.path), document.path))
    named = {document.path: list(_places(document)) for document in ordered}
    overrides = [places for path, places in named.items() if files.is_override(path) and places]
    return overrides[-1] if overrides else [place for places in named.values() for place in places]


def _places(document: AnyDocument) -> Iterator[tuple[str, AnyBlock]]:
    for block in document.blocks:
        if block.keyword != "terraform":
            continue
        yield from (("cloud", each) for each in block.nested("cloud"))
        for each in block.nested("backend"):
            if isinstance(each, JsonBlock):  # in JSON a label is one more object around
                yield from ((name.name, inner) for name in each.attributes for inner in each.nested(name.name))
            elif len(each.labels) == 1:
                yield each.labels[0], each


def _s3(block: AnyBlock, given: Mapping[str, str]) -> S3Backend | UnknownBackend:
    role = _value(block, "assume_role")
    written = {name: _value(block, name) for name in (*_TOLD, *_ROLE)}
    if isinstance(role, ObjectValue):
        written |= {name: value for name in _ROLE if (value := role.get(name)) is not None}
    elif role is not None:
        return _open("s3", ["assume_role"])
    if any(block.attribute(name) is not None or block.nested(name) for name in _ENDPOINTS) or given.keys() & _ENDPOINTS:
        return UnknownBackend("the backend names an endpoint of its own, to which iacfix sends nothing")
    if block.attribute("sse_customer_key") is not None:
        return UnknownBackend("the state is encrypted with a key of the backend's own, which iacfix does not read")
    texts = {name: given.get(name) or _text(value) for name, value in written.items()}
    left = [name for name, text in texts.items() if text is None and (name in _NEEDED or written[name] is not None)]
    if left or any(not texts[name] for name in _NEEDED):
        return _open("s3", left or [name for name in _NEEDED if not texts[name]])
    return S3Backend(**{name: text for name, text in texts.items() if text is not None})


def _local(block: AnyBlock, given: Mapping[str, str]) -> LocalBackend | UnknownBackend:
    written = {name: _value(block, name) for name in ("path", "workspace_dir")}
    texts = {name: given.get(name) or _text(value) for name, value in written.items()}
    if left := [name for name, text in texts.items() if text is None and written[name] is not None]:
        return _open("local", left)
    return LocalBackend(**{name: text for name, text in texts.items() if text})


def _open(kind: str, names: list[str]) -> UnknownBackend:
    return UnknownBackend(f'backend "{kind}" leaves {" and ".join(names)} open', _HAND_OVER)


def _value(block: AnyBlock, name: str) -> Value | None:
    """None where nothing is written, or `null`, which is the same."""
    attribute = block.attribute(name)
    value = None if attribute is None else attribute.value
    return None if value == Known(None) else value


def _text(value: Value | None) -> str | None:
    if not isinstance(value, Known) or not isinstance(value.value, str):
        return None
    return value.value if len(value.value.encode(errors="replace")) <= MAX_TEXT else None


def _checked(workspace: str) -> str:
    if _WORKSPACE.fullmatch(workspace) is None or workspace in {".", ".."}:
        raise InputError(f"no workspace is called {_shown(workspace)}", remedy="`terraform workspace list` shows them")
    return workspace


def _shown(text: str) -> str:
    return text if text.isprintable() and len(text) <= 60 else ascii(text[:60])  # noqa: PLR2004 - keeps a reason short
