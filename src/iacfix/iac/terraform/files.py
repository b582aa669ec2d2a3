"""What a file is to Terraform and OpenTofu, by its name alone. Paths have `/` between their parts."""

from collections.abc import Iterable

CODE = (".tf", ".tofu", ".tf.json", ".tofu.json")
VARIABLES = (".tfvars", ".tfvars.json")
SUFFIXES = (*CODE, *VARIABLES)

_DEFAULT_VARIABLES = ("terraform.tfvars", "terraform.tfvars.json")
_AUTO_VARIABLES = (".auto.tfvars", ".auto.tfvars.json")
_HIDDEN = "."  # Terraform skips `.main.tf`; `#main.tf#` and `main.tf~` do not end as its files do


def is_terraform(path: str) -> bool:
    """Whether it holds blocks, in either syntax."""
    return path.endswith(CODE) and not _name(path).startswith(_HIDDEN)


def is_variables(path: str) -> bool:
    return path.endswith(VARIABLES)


def is_json(path: str) -> bool:
    return path.endswith(".json") and (is_terraform(path) or is_variables(path))


def is_override(path: str) -> bool:
    """Terraform lays these over the other files of their folder, whatever the order of names."""
    if "override" not in path or not is_terraform(path):
        return False
    stem = _stem(path)
    return stem == "override" or stem.endswith("_override")


def loaded_by_itself(path: str) -> bool:
    """Terraform reads these without being told; which other variable files apply cannot be known."""
    return _name(path) in _DEFAULT_VARIABLES or path.endswith(_AUTO_VARIABLES)


def variable_order(path: str) -> tuple[int, str]:
    """Terraform's order, in which the later file wins; what it does not load by itself comes last."""
    name = _name(path)
    if name in _DEFAULT_VARIABLES:
        return _DEFAULT_VARIABLES.index(name), path
    return (len(_DEFAULT_VARIABLES) if name.endswith(_AUTO_VARIABLES) else len(_DEFAULT_VARIABLES) + 1), name


def without_shadowed(paths: Iterable[str]) -> tuple[str, ...]:
    """OpenTofu leaves `main.tf` out where `main.tofu` stands beside it, and `main.tf.json` beside `main.tofu.json`."""
    known = tuple(paths)
    tofu = {path for path in known if path.endswith((".tofu", ".tofu.json"))}
    if not tofu:
        return known
    return tuple(path for path in known if not path.endswith((".tf", ".tf.json")) or _as_tofu(path) not in tofu)


def _as_tofu(path: str) -> str:
    stem, _, json = path.rpartition(".tf")
    return f"{stem}.tofu{json}"


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _stem(path: str) -> str:
    name = _name(path)
    return next(name.removesuffix(suffix) for suffix in sorted(CODE, key=len, reverse=True) if name.endswith(suffix))
