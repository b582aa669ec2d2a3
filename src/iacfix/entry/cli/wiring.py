"""From options, configuration and environment to the parts that do the work."""

import os
import sys
from pathlib import Path

import click

from iacfix.adapters.git_hosts.local import LocalGitHost
from iacfix.config import Settings, load_settings
from iacfix.controls import Catalogue, load_catalogue
from iacfix.domain.errors import ConfigurationError, InputError
from iacfix.domain.finding import Finding, FindingRead
from iacfix.domain.identifiers import IdKind
from iacfix.domain.verdict import StageName
from iacfix.entry.cli.tools import tools
from iacfix.entry.models import model_from
from iacfix.findings import read_findings
from iacfix.generation.model.generator import ModelGenerator
from iacfix.ports.git_host import GitHost
from iacfix.workflows.desk import Desk, WaitingModel
from iacfix.workflows.fix import Fixer, Generator, identify
from iacfix.workflows.publish import Place
from iacfix.workflows.repositories import Fixers, Workplace, Workplaces

CONFIGURATION = Path("iacfix.yaml")


def settings_from(path: Path | None) -> Settings:
    """Without --config, `iacfix.yaml` in the working directory counts when it is there."""
    if path is None and CONFIGURATION.is_file():
        path = CONFIGURATION
    return load_settings(path, os.environ)


def findings_from(source: str, kind: str) -> tuple[FindingRead, ...]:
    """Reads a file, or standard input for `-`. Raises InputError."""
    if source == "-":
        return read_findings(sys.stdin.buffer.read(), format=kind)
    return read_findings(read_file(source), format=kind)


def read_file(source: str) -> bytes:
    try:
        return Path(source).read_bytes()
    except OSError as error:
        raise InputError(f"{source} cannot be read: {error.strerror}", remedy="give the path of a file, or -") from None


def catalogue_from(settings: Settings) -> Catalogue:
    return load_catalogue(settings.controls)


def fixers(
    settings: Settings, places: Workplaces, generator: str | None, model: str | None, *, compose: bool
) -> Fixers:
    """Raises ConfigurationError when the model is asked for and none is named."""
    chosen = Generator(generator or settings.generator)
    model_id = model or settings.model.id
    if chosen is Generator.MODEL and not model_id:
        raise ConfigurationError("--generator model needs a model", remedy="name one with --model or IACFIX_MODEL")
    catalogue = catalogue_from(settings)
    desk = Desk()
    author = _author(settings, model_id, desk) if model_id and chosen is not Generator.RECIPE else None

    def make(place: Workplace) -> Fixer:
        return Fixer(
            catalogue,
            place.repository,
            chosen,
            author,
            settings.defaults,
            settings.max_changed_lines,
            compose,
            place.sources,
            place.modules,
            tools(settings, place.name, desk),
            frozenset(map(StageName, settings.stages.required)),
        )

    return Fixers(catalogue, places, make, desk)


def _author(settings: Settings, model_id: str, desk: Desk) -> ModelGenerator:
    hidden = frozenset(kind for kind in IdKind if getattr(settings.redact, kind))
    model = WaitingModel(model_from(settings.model, model_id), desk)
    return ModelGenerator(model, max_tokens=settings.model.max_tokens, hidden=hidden)


class Hosts:
    """Where the pull requests of each repository go; its host is asked for the base once."""

    def __init__(self, kind: str, settings: Settings) -> None:
        self._kind = kind
        self._settings = settings
        self._known: dict[str, Place] = {}

    def of(self, repository: str) -> Place:
        """Raises as `git_host` does."""
        if repository not in self._known:
            host = git_host(self._kind, self._settings, repository)
            self._known[repository] = Place(host, host.base())
        return self._known[repository]


def git_host(kind: str, settings: Settings, folder: str) -> GitHost:
    """Raises InputError, ConfigurationError, GitHostError when the host cannot be used with this repository."""
    if kind != "local":
        raise ConfigurationError(f"the git host {kind!r} is not known", remedy="local is the one there is")
    return LocalGitHost(Path(folder), settings.git_host.folder, environment=os.environ)


def selected(findings: tuple[FindingRead, ...], only: tuple[str, ...], catalogue: Catalogue) -> tuple[FindingRead, ...]:
    """The findings of these controls; a control is named by its id or by what a tool calls it."""
    if not only:
        return findings
    for word in only:
        if not catalogue.matching([word]):
            raise click.UsageError(f"--only {word}: no control has this id or name; see `iacfix controls`")
    wanted = {control.id for control in catalogue.matching(only)}
    return tuple(
        finding
        for finding in findings
        if isinstance(finding, Finding)
        and (known := identify(finding, catalogue)[1]) is not None
        and known.id in wanted
    )
