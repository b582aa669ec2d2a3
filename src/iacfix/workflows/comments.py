"""Commands in comments on our pull requests: who may give them, what is done, and the one answer to each.

What is done comes first, the answer after it. A cut between the two does it again, which changes nothing but that a
model is asked once more; a command with its answer is never looked at again, also when it was edited.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import assert_never

from iacfix.domain.change_request import Access, Action, Comment, HostedPullRequest
from iacfix.domain.errors import DocumentError, IacfixError
from iacfix.domain.finding import Finding
from iacfix.domain.marks import facts_in
from iacfix.domain.proposal import Edit
from iacfix.domain.secrets import holds_secret, redact
from iacfix.generation.context import RejectedAttempt
from iacfix.patches import render_diff
from iacfix.pull_requests import answers, finding_key
from iacfix.pull_requests.commands import AcceptRisk, Command, Explain, Ignore, NotUnderstood, Retry, read_command
from iacfix.pull_requests.exception_request import FACT, exception_request
from iacfix.pull_requests.facts import finding_in
from iacfix.pull_requests.lifecycle import HandsOff, Wanted, decide
from iacfix.triage.exceptions import MOST_DAYS, RiskException, Scope
from iacfix.triage.exceptions_file import PATH, entry_text, with_exception
from iacfix.workflows.fix import Fixer, Generator
from iacfix.workflows.publish import Place, Publisher
from iacfix.workflows.refresh import is_of
from iacfix.workflows.standing import standing

MAX_COMMANDS = 20  # of one pull request in one run
PERSON = "a person"  # stands where the name of a stage would, for the model
_SINGLE = "This pull request does not hold one fix that its marker names, so that nothing was done."


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of a command, or would; `answer` is "" where it failed and is tried again in the next run."""

    title: str
    url: str
    author: str
    command: str
    answer: str
    error: str = ""


@dataclass(frozen=True)
class Answerer:
    """Of one repository. `fixer` sees its base; where it has a model, that is asked for a retry."""

    publisher: Publisher
    place: Place
    repository: str
    fixer: Fixer
    most_days: int = MOST_DAYS
    _may: dict[str, bool] = field(default_factory=dict, repr=False)

    def answer(self) -> Iterator[Answered]:
        """Oldest first. A pull request or a command that fails costs no other its turn."""
        if not self.place.host.limits.comments:
            return
        for found in self.place.host.open_pull_requests():
            try:
                comments = self.place.host.comments(found)
            except IacfixError as error:
                yield Answered(found.title, found.url, "", "", "", str(error))
                continue
            yield from self._of(found, comments)

    def _of(self, found: HostedPullRequest, comments: tuple[Comment, ...]) -> Iterator[Answered]:
        there = {comment.key for comment in comments}
        done = 0
        for comment in comments:
            command = None if comment.key or is_bot(comment.author) else self._command(comment)
            if command is None or answers.answer_key(comment.id) in there or done == MAX_COMMANDS:
                continue
            done += 1
            try:
                answered, goes_on = self._answered(found, comment, command, there)
            except IacfixError as error:
                yield _told(found, comment, command, "", str(error))
                continue
            if answered:
                yield _told(found, comment, command, answered)
            if not goes_on:
                return

    def _command(self, comment: Comment) -> Command | None:
        return read_command(comment.body, self._today, most_days=self.most_days)

    def _answered(
        self, found: HostedPullRequest, comment: Comment, command: Command, there: set[str]
    ) -> tuple[str, bool]:
        """The answer, and whether there is more to do here: not where it was closed."""
        if not self._allowed(comment.author):
            key = answers.refusal_key(comment.author)
            if key in there:
                return "", True
            there.add(key)
            return self._say(found, key, answers.not_allowed()), True
        text = self._done(found, comment, command)
        key = answers.answer_key(comment.id)
        there.add(key)
        return self._say(found, key, text), not isinstance(command, Ignore)

    def _allowed(self, author: str) -> bool:
        """Asked anew in each run: access may have been taken away."""
        if author not in self._may:
            self._may[author] = bool(author) and self.place.host.access(author) is Access.WRITE
        return self._may[author]

    def _say(self, found: HostedPullRequest, key: str, text: str) -> str:
        most = self.place.host.limits.max_comment_length - _ROOM
        shown = text if len(text) <= most else _TOO_LONG
        if not self._is_dry:
            self.place.host.ensure_comment(found, key, shown)
        return shown

    def _done(self, found: HostedPullRequest, comment: Comment, command: Command) -> str:
        match command:
            case Ignore():  # without the comment that says that we closed it, it is somebody's decision
                if not self._is_dry:
                    self.place.host.close(found)
                return answers.ignored()
            case NotUnderstood(why):
                return answers.not_understood(why)
            case Retry(words):
                return self._of_one(found, lambda finding, facts: self._retried(found, comment, finding, facts, words))
            case AcceptRisk():
                return self._of_one(found, lambda finding, _: self._accepted(found, comment, finding, command))
            case Explain():
                return self._of_one(found, self._explained)
            case _:
                assert_never(command)

    def _of_one(self, found: HostedPullRequest, work: Callable[[Finding, Mapping[str, str]], str]) -> str:
        """Its finding, as its marker has it: nobody can point us at another one's branch."""
        facts = facts_in(found.body)
        finding = finding_in(facts)
        if "group" in facts or FACT in facts or finding is None or not is_of(found, finding, facts):
            return _SINGLE
        return work(finding, facts)

    def _explained(self, finding: Finding, facts: Mapping[str, str]) -> str:
        control = self.publisher.catalogue.get(finding.control)
        by_recipe = facts.get("by", "").startswith("recipe:")
        return answers.explained(finding, control, redact(facts.get("why", "")), by_model=not by_recipe)

    def _retried(
        self, found: HostedPullRequest, comment: Comment, finding: Finding, facts: Mapping[str, str], words: str
    ) -> str:
        if self.fixer.author is None or self.fixer.generator is Generator.RECIPE:
            return "There is nothing to retry: no model is configured here, and a recipe writes the same every time."
        foreign = decide(
            Wanted(found.key, "", "", self.place.base.commit),
            standing(self.place.host, found.branch, self.place.base.commit),
            now=self.publisher.now(),
        )
        if isinstance(foreign, HandsOff):
            return answers.said("Nothing was done:", foreign.reason)
        if self._is_dry:
            return "dry run; would ask the model once more"
        reason = f"somebody who reviewed it asks for another change: {words}" if words else "somebody asks for another"
        refused = RejectedAttempt(self._diff(found, facts), PERSON, reason)
        again = replace(self.fixer, generator=Generator.MODEL, refused=(refused,), compose=False)
        outcome = again.fix(finding)
        if outcome.location is None or finding_key(finding, outcome.location) != found.key:
            return answers.said("Nothing was done: the block is not where it was.", redact(outcome.reason))
        if outcome.proposal is None:
            return answers.said("The pull request stays as it is:", redact(outcome.reason))
        publisher = replace(self.publisher, asked=answers.answer_key(comment.id))
        published = publisher.publish(replace(outcome, repository=self.repository))
        result = published.pull_request
        if result is None:
            return answers.said("The pull request stays as it is:", redact(published.reason))
        if result.action is Action.UPDATED:
            return "The model has written another fix, and every stage has accepted it: it is in this pull request now."
        return answers.said("The pull request stays as it is:", result.reason)

    def _diff(self, found: HostedPullRequest, facts: Mapping[str, str]) -> str:
        """What the pull request changes now, for the model; "" where that is not at hand."""
        path, base, host = facts.get("file", ""), facts.get("base", ""), self.place.host
        if not (path and base):
            return ""
        before, after = host.read(path, base), host.read(path, found.head)
        if before is None or after is None or before == after:
            return ""
        edit = Edit(path.removeprefix(self.place.prefix), before, after)
        return render_diff((edit,), is_sensitive=holds_secret)

    def _accepted(self, found: HostedPullRequest, comment: Comment, finding: Finding, command: AcceptRisk) -> str:
        hint = finding.hint
        scope = Scope(control=finding.control or finding.check_id, resource=hint.address, path=hint.path)
        if "*" in scope.resource or not scope.covers(finding, hint.address, hint.path):
            return "Nothing was done: an exception cannot name this block. Add it to the file by hand."
        entry = RiskException(scope, _name(comment.author), redact(command.reason), self._today, command.until)
        path, base = f"{self.place.prefix}{PATH}", self.place.base
        before = self.place.host.read(path, base.commit)
        if before is None:
            return answers.no_exceptions_file(path, f"exceptions:\n{entry_text(entry)}")
        try:
            after = with_exception(before, entry, most_days=self.most_days)
        except (DocumentError, ValueError) as error:
            return answers.said("Nothing was done: the exceptions file cannot be added to:", str(error))
        if after == before:
            return "That exception is there already: `iacfix prs refresh` closes this pull request."
        edit = Edit(path, before, after)
        request = exception_request(
            found.key,
            f"{scope.control} at {scope.resource} in {scope.path}",
            edit,
            entry_text(entry),
            base=base,
            until=entry.until.isoformat(),
            approver=comment.author,
            reason=entry.reason,
            labels=self.place.labels,
            reviewers=self.place.asked((edit,)),
        )
        wanted = Wanted(request.key, request.content, request.content, base.commit)
        now = standing(self.place.host, request.branch, base.commit)
        # Somebody asks for it: neither the limits count nor that one was refused before.
        decision = decide(wanted, now, now=self.publisher.now(), limits=None, expired={request.key})
        result = self.publisher.carry_out(decision, request, self.place)
        if result.action in {Action.OPENED, Action.UPDATED, Action.KEPT}:
            return answers.accepted(entry.until.isoformat(), result.url, is_new=result.action is not Action.KEPT)
        return answers.said("The exception could not be asked for:", result.reason)

    @property
    def _today(self) -> date:
        return self.publisher.now().date()

    @property
    def _is_dry(self) -> bool:
        return self.publisher.dry_run


# The longest marker of a comment, and its end of line.
_ROOM = 120
_TOO_LONG = "It is done; the answer is too long for this host."


def is_bot(author: str) -> bool:
    """By the names that hosts give: `renovate[bot]`, GitLab's `project_1_bot_2f`. What bots say is no command."""
    name = author.lower()
    return name.endswith("[bot]") or (name.startswith(("project_", "group_")) and "_bot" in name)


def _name(author: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in author).split())[:200]


def _told(found: HostedPullRequest, comment: Comment, command: Command, answer: str, error: str = "") -> Answered:
    kind = type(command).__name__
    return Answered(found.title, comment.url or found.url, comment.author, kind, answer, error)
