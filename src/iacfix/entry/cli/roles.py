"""`iacfix roles`: what iacfix may do in AWS, no more than the enabled controls need."""

import json
from collections.abc import Sequence
from pathlib import Path

import click

from iacfix.controls import Catalogue
from iacfix.domain.errors import ConfigurationError
from iacfix.entry.cli import options, wiring
from iacfix.entry.role_calls import calls_of, read_before, runbooks_of
from iacfix.permissions import cloudformation, terraform
from iacfix.permissions.actions import actions
from iacfix.permissions.documents import Role
from iacfix.permissions.documents import roles as roles_of
from iacfix.permissions.roles import Kind, needs

_HEAD = "# Written by `iacfix roles generate {}`: run it again where controls change.\n\n"


@click.group()
def roles() -> None:
    """Say which permissions iacfix needs in an account."""


@roles.command("generate")
@click.option(
    "--controls", multiple=True, metavar="ID[,ID…]", help="The enabled controls, also by a tool's name.  [default: all]"
)
@click.option(
    "--kind",
    "kinds",
    type=click.Choice([each.value for each in Kind]),
    multiple=True,
    default=[Kind.VERIFY.value],
    show_default=True,
    help="Whose role (repeatable): who looks, who starts runbooks and what these do, or the platform's function.",
)
@click.option(
    "--format", "form", type=click.Choice(["cloudformation", "terraform", "json"]), default="cloudformation",
    show_default=True, help="A template, a module, or the policies alone.",
)  # fmt: skip
@click.option(
    "--runbooks",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("deploy/runbooks"),
    show_default=True,
    help="The folder of the runbooks.",
)
@options.config
def generate_roles(
    *, controls: Sequence[str], kinds: Sequence[str], form: str, runbooks: Path, config: Path | None
) -> None:
    """Write the roles for these controls to stdout: every call that they make, and nothing else."""
    catalogue = wiring.catalogue_from(wiring.settings_from(config))
    chosen = _chosen(catalogue, [word for each in controls for word in each.split(",") if word])
    made = [
        role
        for kind in dict.fromkeys(Kind(each) for each in kinds)
        for role in _made(kind, catalogue, chosen, runbooks)
    ]
    said = " ".join(f"--kind {each}" for each in dict.fromkeys(kinds))
    head = _HEAD.format(said if not controls else f"{said} --controls {','.join(chosen)}")
    match form:
        case "terraform":
            text = terraform.module(made, head)
        case "json":
            text = json.dumps({each.name: {"trust": each.trust, "policies": each.policies} for each in made}, indent=2)
        case _:
            text = cloudformation.template(made, head)
    click.echo(text.rstrip("\n"))


def _made(kind: Kind, catalogue: Catalogue, chosen: Sequence[str], folder: Path) -> tuple[Role, ...]:
    calls = calls_of(kind, catalogue, folder)
    needed = needs(kind, calls, calls if kind is Kind.PLATFORM else chosen)
    if kind is not Kind.REMEDIATE:
        return roles_of(kind, needed)
    known, asked = runbooks_of(catalogue), read_before(catalogue)
    names = sorted({name for each in needed.controls for name in known[each]})
    return roles_of(kind, needed, names, actions(call for each in needed.controls for call in asked[each]))


def _chosen(catalogue: Catalogue, words: Sequence[str]) -> tuple[str, ...]:
    """Ids of controls. Raises ConfigurationError for a word that none is called by."""
    if not words:
        return tuple(control.id for control in catalogue)
    found: list[str] = []
    for word in words:
        matching = catalogue.matching([word])
        if not matching:
            raise ConfigurationError(f"there is no control {word}", remedy="see `iacfix controls list`")
        found += [control.id for control in matching]
    return tuple(dict.fromkeys(found))
