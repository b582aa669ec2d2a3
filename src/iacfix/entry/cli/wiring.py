"""From options, configuration and environment to the parts that do the work."""

import os
import sys
from pathlib import Path

import click

from iacfix.adapters.aws.bedrock import BedrockModel
from iacfix.adapters.git_hosts.local import LocalGitHost
from iacfix.adapters.index_cache import index_cache
from iacfix.adapters.source_tree import FileSystemTree
from iacfix.config import Settings, load_settings
from iacfix.controls import Catalogue, load_catalogue
from iacfix.domain.errors import ConfigurationError, InputError
from iacfix.domain.finding import Finding, FindingRead
from iacfix.findings import read_findings
from iacfix.generation.model.generator import ModelGenerator
from iacfix.locators.entries import version
from iacfix.locators.repository import TerraformRepository
from iacfix.ports import GitHost
from iacfix.workflows.fix import Fixer, Generator, identify

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


def repository_at(folder: str) -> TerraformRepository:
    """Its index is kept beside its git folder, where there is one."""
    tree = FileSystemTree(Path(folder), environment=os.environ)
    return TerraformRepository(tree, index_cache(tree.work_tree, version()))


def fixer(settings: Settings, folder: str, generator: str | None, model: str | None, *, compose: bool) -> Fixer:
    """Raises ConfigurationError when the model is asked for and none is named."""
    chosen = Generator(generator or settings.generator)
    model_id = model or settings.model.id
    if chosen is Generator.MODEL and not model_id:
        raise ConfigurationError("--generator model needs a model", remedy="name one with --model or IACFIX_MODEL")
    return Fixer(
        catalogue_from(settings),
        repository_at(folder),
        chosen,
        _author(settings, model_id) if model_id and chosen is not Generator.RECIPE else None,
        settings.defaults,
        settings.max_changed_lines,
        compose,
    )


def _author(settings: Settings, model_id: str) -> ModelGenerator:
    options = settings.model
    model = BedrockModel(
        model_id,
        region=options.region or None,
        connect_timeout=options.connect_timeout,
        read_timeout=options.read_timeout,
        max_attempts=options.max_attempts,
    )
    return ModelGenerator(model, max_tokens=options.max_tokens)


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
