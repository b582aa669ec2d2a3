"""From options, configuration and environment to the parts that do the work."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import click

from iacfix.adapters.git import open_git
from iacfix.adapters.source_tree import FileSystemTree
from iacfix.config import GitHostSettings, PullRequestSettings, RepositorySettings, Settings, load_settings
from iacfix.controls import Catalogue, load_catalogue
from iacfix.domain.errors import ConfigurationError, InputError
from iacfix.domain.finding import Finding, FindingRead
from iacfix.domain.identifiers import IdKind
from iacfix.domain.location import Framework
from iacfix.domain.outcome import Outcome
from iacfix.domain.verdict import StageName
from iacfix.entry.checkouts import checkout_of
from iacfix.entry.cli.places import folder_of
from iacfix.entry.cli.text import safe
from iacfix.entry.cli.tools import tools
from iacfix.entry.hosts import git_host
from iacfix.entry.models import model_from
from iacfix.entry.reviewers import reviewers_of
from iacfix.entry.triaging import shared_risks_from
from iacfix.findings import read_findings
from iacfix.generation.model.generator import ModelGenerator
from iacfix.pull_requests.drafts import Draft
from iacfix.pull_requests.group_body import GroupBy
from iacfix.pull_requests.lifecycle import MAX_AN_HOUR, MAX_OPEN, Limits
from iacfix.triage.exceptions import MOST_DAYS
from iacfix.triage.exceptions_file import PATH as EXCEPTIONS
from iacfix.workflows.desk import Desk, WaitingModel
from iacfix.workflows.exceptions import AcceptedRisks, accepted_risks, together
from iacfix.workflows.fix import Fixer, Generator, identify
from iacfix.workflows.grouping import Grouping
from iacfix.workflows.proposed import checked_key
from iacfix.workflows.publish import Place, Publisher
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


def fixers(  # noqa: PLR0913 - what a run is made of
    settings: Settings,
    places: Workplaces,
    generator: str | None,
    model: str | None,
    *,
    compose: bool,
    catalogue: Catalogue | None = None,
) -> Fixers:
    """`catalogue` where it is loaded already. Raises ConfigurationError where the model is asked for and none named."""
    chosen = Generator(generator or settings.generator)
    model_id = model or settings.model.id
    if chosen is Generator.MODEL and not model_id:
        raise ConfigurationError("--generator model needs a model", remedy="name one with --model or IACFIX_MODEL")
    known = catalogue or catalogue_from(settings)
    desk = Desk()
    accepted = accepted_by(settings)
    author = _author(settings, model_id, desk) if model_id and chosen is not Generator.RECIPE else None

    def make(place: Workplace) -> Fixer:
        return Fixer(
            known,
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
            accepted(place),
        )

    return Fixers(known, places, make, desk, accepted(None))


def accepted_by(settings: Settings) -> Callable[[Workplace | None], AcceptedRisks]:
    """The risks that are accepted in a repository and in the whole organization; None is no repository.

    The organization's table is read once. What is wrong goes to stderr, once: its findings come back, and somebody
    should know why.
    """
    triage = settings.triage
    most_days = triage.exception_days if triage is not None else MOST_DAYS
    shared = shared_risks_from(triage)
    _tell_faults(str(triage.exceptions) if triage is not None else "", shared)

    def of(place: Workplace | None) -> AcceptedRisks:
        if place is None:
            return shared
        own = accepted_risks(place.repository, most_days=most_days)
        _tell_faults(f"{place.name}: {EXCEPTIONS}", own)
        return together(own, shared)

    return of


def _tell_faults(where: str, found: AcceptedRisks) -> None:
    for entry in found.exceptions.faulty:
        click.echo(f"iacfix: {safe(where)}: {safe(entry.fault)}: it holds for nothing", err=True)


def _author(settings: Settings, model_id: str, desk: Desk) -> ModelGenerator:
    hidden = frozenset(kind for kind in IdKind if getattr(settings.redact, kind))
    model = WaitingModel(model_from(settings.model, model_id), desk)
    return ModelGenerator(model, max_tokens=settings.model.max_tokens, hidden=hidden)


class Hosts:
    """Where the pull requests of each repository go; its host is asked for the base once. `kind` goes before what the
    configuration says. A repository with a url is cloned, and brought to where its base is. `environ` is where
    credentials come from.
    """

    def __init__(self, settings: Settings, kind: str | None = None, environ: Mapping[str, str] | None = None) -> None:
        self._kind = kind
        self._settings = settings
        self._environ = os.environ if environ is None else environ
        self._known: dict[str, Place] = {}

    def of(self, repository: str) -> Place:
        """By the repository's name. Raises as `hosts.git_host` does, and what the host raises."""
        if repository not in self._known:
            self._known[repository] = self._place(repository)
        return self._known[repository]

    def cloned(self, repository: str) -> str:
        """The commit of a repository with a url that counts; "" for one whose files are on this machine."""
        own = self._configured(repository)
        return self.of(repository).base.commit if own is not None and own.url else ""

    def _place(self, repository: str) -> Place:
        wanted, given = self._wanted(repository), self._settings.pull_requests
        clone = checkout_of(self._configured(repository), wanted, self._environ)
        if clone is not None and wanted.kind == "local":
            clone.update(wanted.branch)
        host = git_host(wanted, Path(repository), self._environ)
        base = host.base(wanted.branch)
        if clone is not None:
            clone.ensure(base.commit, base.branch)
            Path(repository).mkdir(parents=True, exist_ok=True)
        return Place(
            host,
            base,
            limits=_limits(given, is_local=wanted.kind == "local"),
            labels=given.labels,
            reviewers=reviewers_of(given, host, base),
            draft=Draft(given.draft),
            assured=_assured(self._settings),
            commands=given.commands,
            prefix="" if wanted.kind == "local" else self._prefix(repository),
        )

    def _configured(self, repository: str) -> RepositorySettings | None:
        return next((each for each in self._settings.repositories if str(folder_of(each)) == repository), None)

    def _wanted(self, repository: str) -> GitHostSettings:
        own = self._configured(repository)
        found = self._settings.git_host if own is None else own.git_host
        return found if self._kind is None else replace(found, kind=self._kind)

    def _prefix(self, repository: str) -> str:
        """From the top of the repository to the folder that paths are relative to."""
        tree = FileSystemTree(Path(repository), environment=os.environ).work_tree
        if tree is not None:
            return tree.prefix
        own = self._configured(repository)
        folder = "" if own is None else own.folder
        return f"{folder}/" if folder else ""


def _assured(settings: Settings) -> Mapping[Framework, frozenset[StageName]]:
    """Plans are only made where the configuration asks for them. A scan is made wherever Checkov happens to be."""
    asked = {Framework.TERRAFORM: settings.plan.enabled, Framework.CLOUDFORMATION: bool(settings.change_set.stacks)}
    return {framework: frozenset({StageName.PLAN}) for framework, is_asked in asked.items() if is_asked}


def _limits(settings: PullRequestSettings, *, is_local: bool) -> Limits | None:
    """Nobody is disturbed by files, so that those are limited only where somebody says so."""
    if is_local and settings.max_open is None and settings.max_an_hour is None:
        return None
    return Limits(
        MAX_OPEN if settings.max_open is None else settings.max_open,
        MAX_AN_HOUR if settings.max_an_hour is None else settings.max_an_hour,
    )


def publish(outcomes: Iterator[Outcome], publisher: Publisher, fixers: Fixers, settings: Settings) -> Iterator[Outcome]:
    """Each with its pull request: at once where each has its own, else when all are there."""
    grouping = Grouping(publisher, GroupBy(settings.pull_requests.group_by), fixers.at)
    if grouping.by is GroupBy.NONE:
        yield from map(grouping.publish_alone, outcomes)
    else:
        yield from grouping.publish(tuple(outcomes))


def proposals_key() -> bytes:
    """Raises ConfigurationError for one that is too short; b"" where there is none."""
    return checked_key(os.environ.get("IACFIX_PROPOSALS_KEY", ""))


def head_of(folder: str) -> str:
    """The commit that the work tree is at, "" where there is none."""
    git = open_git(Path(folder), os.environ)
    answer = git.ask("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    return answer.stdout.decode("ascii", "replace").strip() if answer.code == 0 else ""


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
