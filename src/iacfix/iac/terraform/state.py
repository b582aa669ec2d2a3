"""A Terraform state, version 4: which block of which module made a thing that has this ARN, id or name.

States hold secrets. Only what names a thing is kept, and no message shows a value.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from iacfix.domain.errors import DocumentError
from iacfix.iac.terraform.values import unescape

MAX_BYTES: Final = 128 * 1024 * 1024
"""Some 40,000 resources: an instance takes about 3 KB."""

MAX_TEXT: Final = 2048
"""As long as an ARN may be."""

MAX_MODULES: Final = 50
"""More levels than anybody nests modules."""

VERSION: Final = 4

# What names a thing whatever its type. The first found wins: an ARN is unique, a name only within its type.
_UNIQUE: Final = ("arn", "self_link", "url")
_ID: Final = "id"

# Endings of the attributes that may be names. Which of them is one depends on the type: `vpc_id` names a VPC in
# another block, `cluster_id` an ElastiCache cluster itself.
_NAME_LIKE: Final = ("name", "bucket", "identifier", "family", "domain", "repository", "alias", "_id")
_USUAL_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "aws_db_instance": ("identifier",),
    "aws_dynamodb_table": ("name",),
    "aws_lambda_function": ("function_name",),
    "aws_rds_cluster": ("cluster_identifier",),
    "aws_redshift_cluster": ("cluster_identifier",),
    "aws_s3_bucket": ("bucket",),
}

_IDENTIFIER = re.compile(r"[^\W\d][\w-]{0,255}")
_STEP = re.compile(
    r'module\.([^\W\d][\w-]{0,255})(?:\[(?:(\d{1,18})|"((?:[^"\\]|\\.){0,1024})")\])?(?:\.(?=module\.)|$)'
)
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})

_REMEDY = "fetch the state again with `terraform state pull`"

Key = int | str | None
Node = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class StateInstance:
    """One thing that Terraform made. `module` and `module_keys` go together, outermost first; no key is None.

    `address` is Terraform's (`module.logs["a"].aws_s3_bucket.this[0]`), `block_address` what is written in the module
    (`aws_s3_bucket.this`). `matched_by` is the attribute that was looked for, "" where nothing was.
    """

    module: tuple[str, ...]
    module_keys: tuple[Key, ...]
    type: str
    name: str
    index_key: Key
    address: str
    matched_by: str = ""

    @property
    def block_address(self) -> str:
        return f"{self.type}.{self.name}"


@dataclass(frozen=True, slots=True)
class _Entry:
    instance: StateInstance
    names: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class State:
    """Build it with `read`."""

    terraform_version: str
    serial: int
    _entries: tuple[_Entry, ...] = field(repr=False)

    @classmethod
    def read(cls, data: bytes) -> "State":
        """Raises DocumentError when it is no state of version 4. Data sources and deposed objects are left out."""
        top = _top(data)
        version = top.get("terraform_version")
        serial = top.get("serial")
        return cls(
            version if isinstance(version, str) and len(version) < MAX_TEXT else "",
            serial if isinstance(serial, int) else 0,
            tuple(_entries(top)),
        )

    @property
    def instances(self) -> tuple[StateInstance, ...]:
        return tuple(entry.instance for entry in self._entries)

    def find(
        self,
        identifiers: Iterable[str],
        types: tuple[str, ...] = (),
        name_attributes: Callable[[str], Iterable[str]] | None = None,
    ) -> tuple[StateInstance, ...]:
        """The instances that one of the identifiers names exactly; of these only the ones that are named best.

        An ARN (or `url`, `self_link`) goes before an id, an id before a name. Without types a companion that borrows
        its owner's id (`aws_s3_bucket_policy`) is found beside the owner, and names are not looked at: other blocks
        refer to them. `name_attributes` says which attributes of a type are its own name.
        """
        wanted = {_bare(identifier) for identifier in identifiers if identifier}
        found: list[tuple[int, StateInstance]] = []
        for entry in self._entries:
            instance = entry.instance
            if types and instance.type not in types:
                continue
            own = tuple((name_attributes or _usual_names)(instance.type)) if types else ()
            if (match := _match(entry.names, wanted, own)) is not None:
                rank, attribute = match
                found.append((rank, replace(instance, matched_by=attribute)))
        best = min((rank for rank, _ in found), default=0)
        return tuple(instance for rank, instance in found if rank == best)


def _match(names: Mapping[str, str], wanted: set[str], own: tuple[str, ...]) -> tuple[int, str] | None:
    for rank, attributes in enumerate((_UNIQUE, (_ID,), own)):
        for attribute in attributes:
            if _bare(names.get(attribute, "")) in wanted:
                return rank, attribute
    return None


def _usual_names(resource_type: str) -> tuple[str, ...]:
    return _USUAL_NAMES.get(resource_type, ("name",))


def _bare(identifier: str) -> str:
    """Log groups are told with and without the `:*` that stands for their streams."""
    return identifier.removesuffix(":*") if identifier.startswith("arn:") else identifier


def _top(data: bytes) -> Node:
    if len(data) > MAX_BYTES:
        raise DocumentError(f"the state has {len(data):,} bytes, the limit is {MAX_BYTES:,}", remedy="split the state")
    top = _json(data)
    if not isinstance(top, dict):
        raise DocumentError("the state is no JSON object", remedy=_REMEDY)
    if "encrypted_data" in top:
        raise DocumentError("the state is encrypted", remedy="hand over what `tofu state pull` prints")
    version = top.get("version")
    if not isinstance(version, int) or isinstance(version, bool):
        raise DocumentError("the file is no Terraform state: it has no version", remedy=_REMEDY)
    if version < VERSION:
        raise DocumentError(
            f"the state has format {version}, which Terraform wrote before 0.12",
            remedy="run `terraform apply` with Terraform 0.12 or later, which writes the state anew",
        )
    if version > VERSION:
        raise DocumentError(f"the state has format {version}, iacfix reads {VERSION}", remedy="update iacfix")
    return top


def _json(data: bytes) -> object:
    """What is wrong is told without the text around it."""
    if not data.strip():
        raise DocumentError("the state is empty", remedy=_REMEDY)
    line = 0
    try:
        value: object = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_once)
    except UnicodeDecodeError:
        wrong = "the state is not UTF-8"
    except json.JSONDecodeError as error:
        line, wrong = error.lineno, f"the state is not JSON at line {error.lineno} ({error.msg})"
    except RecursionError:
        wrong = "the state is nested too deeply"
    except ValueError:  # Python's limit on the digits of an integer
        wrong = "the state holds a number with too many digits"
    else:
        return value
    # Raised out here because the parser's errors hold the whole text, and would stay attached as the context.
    raise DocumentError(wrong, line=line, remedy=_REMEDY)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Terraform writes no member twice; whoever does could show one reader another state than the next."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise DocumentError("the state has an object with the same member twice", remedy=_REMEDY)
    return found


def _entries(top: Node) -> Iterator[_Entry]:
    for number, resource in enumerate(_objects(top, "resources", "resources")):
        where = f"resources[{number}]"
        if resource.get("mode") != "managed":
            continue
        kind, name = _identifier(resource, "type", where), _identifier(resource, "name", where)
        path = resource.get("module", "")
        module, keys = _module(path, where)
        for position, instance in enumerate(_objects(resource, "instances", f"{where}.instances")):
            if instance.get("deposed"):  # what is left of a replaced object: its block describes the new one
                continue
            key = _index_key(instance.get("index_key"), f"{where}.instances[{position}]")
            address = f"{path}." * bool(path) + f"{kind}.{name}{_written(key)}"
            yield _Entry(StateInstance(module, keys, kind, name, key, address), _names(instance))


def _objects(parent: Node, name: str, where: str) -> list[Node]:
    values = parent.get(name)
    if values is None:
        return []
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise DocumentError(f"the state's {where} is no list of objects", remedy=_REMEDY)
    return values


def _identifier(resource: Node, name: str, where: str) -> str:
    value = resource.get(name)
    if not isinstance(value, str) or _IDENTIFIER.fullmatch(value) is None:
        raise DocumentError(f"the state's {where} has no {name} that Terraform allows", remedy=_REMEDY)
    return value


def _module(path: object, where: str) -> tuple[tuple[str, ...], tuple[Key, ...]]:
    """`module.a["x.y"].module.b[0]` as `("a", "b")` and `("x.y", 0)`."""
    names: list[str] = []
    keys: list[Key] = []
    at = 0
    while isinstance(path, str) and at < len(path) and len(names) < MAX_MODULES:
        step = _STEP.match(path, at)
        if step is None:
            break
        name, number, text = step.groups()
        names.append(name)
        keys.append(int(number) if number is not None else unescape(text) if text is not None else None)
        at = step.end()
    if not isinstance(path, str) or at < len(path):
        raise DocumentError(f"the state's {where} has a module path that cannot be read", remedy=_REMEDY)
    return tuple(names), tuple(keys)


def _index_key(key: object, where: str) -> Key:
    if key is None or (isinstance(key, int) and not isinstance(key, bool)):
        return key
    if isinstance(key, str) and len(key) <= MAX_TEXT:
        return key
    raise DocumentError(f"the state's {where} has a key that is neither a whole number nor a text", remedy=_REMEDY)


def _written(key: Key) -> str:
    if key is None:
        return ""
    if isinstance(key, int):
        return f"[{key}]"
    text = key.translate(_ESCAPES).replace("${", "$${").replace("%{", "%%{")
    return f'["{"".join(map(_printable, text))}"]'


def _printable(character: str) -> str:
    return character if character.isprintable() else f"\\U{ord(character):08x}"


def _names(instance: Node) -> dict[str, str]:
    attributes = instance.get("attributes")
    if not isinstance(attributes, dict):
        return {}
    hidden = _sensitive(instance)
    return {
        name: value
        for name, value in attributes.items()
        if isinstance(value, str) and 0 < len(value) <= MAX_TEXT and _may_name(name) and name not in hidden
    }


def _may_name(attribute: str) -> bool:
    return attribute in _UNIQUE or attribute == _ID or attribute.endswith(_NAME_LIKE)


def _sensitive(instance: Node) -> set[str]:
    """The attributes that Terraform itself calls sensitive: `[[{"type": "get_attr", "value": "password"}]]`."""
    paths = instance.get("sensitive_attributes")
    if not isinstance(paths, list):
        return set()
    firsts = (path[0] for path in paths if isinstance(path, list) and path)
    return {value for first in firsts if isinstance(first, dict) and isinstance(value := first.get("value"), str)}
