"""git, run so that neither the caller's environment nor the repository's configuration can make it do more."""

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from iacfix.domain.errors import GitHostError, InputError

_TIMEOUT_SECONDS = 60.0
_WORDS_KEPT = 500

# All that a child needs of the caller's environment. GIT_DIR, GIT_INDEX_FILE and their like, and every credential that
# happens to be around, stay behind.
_INHERITED = (
    "HOME",
    "XDG_CONFIG_HOME",
    "TMPDIR",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_CEILING_DIRECTORIES",
)
_FIXED = {
    "LC_ALL": "C",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_PAGER": "cat",
    "GIT_TERMINAL_PROMPT": "0",
}
# Overrides what a repository says of itself: nothing of its own runs, and no file of its own is rewritten. An external
# diff cannot be switched off here: whoever comes to use `git diff` has to pass --no-ext-diff and --no-textconv.
_CONFIG = (
    ("core.fsmonitor", "false"),
    ("core.hooksPath", os.devnull),
    ("core.splitIndex", "false"),
    ("core.untrackedCache", "false"),
    ("core.filesRefLockTimeout", "5000"),
    ("reftable.lockTimeout", "5000"),
    ("i18n.commitEncoding", "UTF-8"),
)
# Programs that a configuration can name under any word it likes, so they have to be looked up to be switched off.
_NAMED_PROGRAMS = r"^(filter|hook)\."
_SWITCHED_OFF = {
    "filter": (("clean", ""), ("smudge", ""), ("process", ""), ("required", "false")),
    "hook": (("enabled", "false"),),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What git answered. `words` is its standard error, without credentials, fit to be shown."""

    code: int
    stdout: bytes
    words: str


@dataclass(frozen=True, slots=True)
class Git:
    """git in one folder. `environment` is the whole environment of the child: see `open_git`."""

    folder: Path
    environment: Mapping[str, str]
    timeout: float = _TIMEOUT_SECONDS

    def ask(self, *arguments: str, stdin: bytes = b"") -> Answer:
        """Raises GitHostError only when git could not be run at all."""
        command = ["git", "--no-pager", "-C", str(self.folder), *arguments]
        try:
            done = subprocess.run(
                command, input=stdin, capture_output=True, env=self.environment, timeout=self.timeout, check=False
            )
        except FileNotFoundError as error:
            raise GitHostError("git was not found", remedy="install git and put it on PATH") from error
        except subprocess.TimeoutExpired as error:
            raise GitHostError(f"git {arguments[0]} took longer than {self.timeout:g} seconds") from error
        except (OSError, ValueError) as error:
            raise GitHostError(f"git {arguments[0]} could not be run ({type(error).__name__})") from error
        return Answer(done.returncode, done.stdout, _shown(done.stderr))

    def run(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """Standard output. Raises GitHostError with git's words when git fails."""
        answer = self.ask(*arguments, stdin=stdin)
        if answer.code != 0:
            raise GitHostError(f"git {arguments[0]} failed: {answer.words or f'exit code {answer.code}'}")
        return answer.stdout

    def line(self, *arguments: str, stdin: bytes = b"") -> str:
        """Standard output less its last line feed; bytes that are not UTF-8 as Python's file names hold them."""
        return os.fsdecode(self.run(*arguments, stdin=stdin).removesuffix(b"\n"))

    def having(self, **variables: str) -> "Git":
        return replace(self, environment={**self.environment, **variables})

    def configured(self, *settings: tuple[str, str]) -> "Git":
        """With settings that go before all others. Through the environment nobody sees them in a list of processes."""
        start = int(self.environment.get("GIT_CONFIG_COUNT", "0"))
        return self.having(**_as_environment(settings, start))


def open_git(folder: Path, environment: Mapping[str, str] | None = None) -> Git:
    """`environment` is the caller's: PATH, HOME and git's own choice of configuration files are taken from it. Without
    one git is looked for where the system keeps its programs, and no user's configuration is read.
    """
    given = environment if environment is not None else {}
    child = {name: given[name] for name in _INHERITED if name in given} | _FIXED
    child["PATH"] = _absolute(given.get("PATH", "")) or _absolute(os.defpath)
    git = Git(folder, child | _as_environment(_CONFIG))
    answer = git.ask("config", "--null", "--name-only", "--get-regexp", _NAMED_PROGRAMS)
    if answer.code not in {0, 1}:
        raise InputError(f"git cannot read its configuration in {folder}: {answer.words}")
    return replace(git, environment=child | _as_environment((*_CONFIG, *_switched_off(answer.stdout))))


@dataclass(frozen=True, slots=True)
class WorkTree:
    """Where a folder stands in its repository. `prefix` leads from `top` to the folder: empty, or with a slash behind.
    `common_dir` is the git folder that linked work trees share.
    """

    top: Path
    prefix: str
    git_dir: Path
    common_dir: Path


def find_work_tree(git: Git) -> WorkTree | None:
    """None when the folder is in no repository. Raises InputError for a bare one and for git's own folder."""
    answer = git.ask("rev-parse", "--is-bare-repository", "--is-inside-work-tree")
    if answer.code != 0:
        if "not a git repository" in answer.words:
            return None
        raise InputError(f"git refuses {git.folder}: {answer.words}")
    match answer.stdout.split():
        case [b"true", _]:
            raise InputError(f"the repository {git.folder} is bare", remedy="clone it, and give the clone")
        case [b"false", b"true"]:
            pass
        case _:
            raise InputError(f"{git.folder} is not in the repository's work tree", remedy="give the work tree")
    asked = ("--show-toplevel", "--show-prefix", "--absolute-git-dir", "--path-format=absolute", "--git-common-dir")
    together = git.line("rev-parse", *asked).split("\n")
    if len(together) == 4:  # noqa: PLR2004 - one line for each, unless a folder's name holds a line feed
        top, prefix, git_dir, common_dir = together
    else:
        top, prefix, git_dir = (git.line("rev-parse", each) for each in asked[:3])
        common_dir = git.line("rev-parse", *asked[3:])
    return WorkTree(Path(top), prefix, Path(git_dir), Path(common_dir))


def without_credentials(text: str) -> str:
    """User info and queries of URLs are where credentials stand."""
    text = re.sub(r"://\S*@", "://***@", text)
    return re.sub(r"(://[^\s?]*)\?\S*", r"\1?***", text)


def _shown(stderr: bytes) -> str:
    text = " ".join(stderr.decode("utf-8", "replace").split())
    printable = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
    return without_credentials(printable)[:_WORDS_KEPT]


def _absolute(search_path: str) -> str:
    """A relative entry would be looked up in the repository, which may hold a program called git."""
    return os.pathsep.join(entry for entry in search_path.split(os.pathsep) if Path(entry).is_absolute())


def _switched_off(names: bytes) -> list[tuple[str, str]]:
    drivers: dict[tuple[str, str], None] = {}
    for name in os.fsdecode(names).split("\0"):
        section, _, rest = name.partition(".")
        driver, dot, _ = rest.rpartition(".")
        if dot:
            drivers[section, driver] = None
    return [
        (f"{section}.{driver}.{key}", value)
        for section, driver in drivers
        for key, value in _SWITCHED_OFF.get(section, ())
    ]


def _as_environment(settings: tuple[tuple[str, str], ...], start: int = 0) -> dict[str, str]:
    """Through the environment a name may hold any character; `-c` would split it at its first equals sign."""
    variables = {"GIT_CONFIG_COUNT": str(start + len(settings))}
    for position, (key, value) in enumerate(settings, start):
        variables[f"GIT_CONFIG_KEY_{position}"] = key
        variables[f"GIT_CONFIG_VALUE_{position}"] = value
    return variables
