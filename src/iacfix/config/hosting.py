"""What a user can say about where pull requests go and what they look like there."""

from dataclasses import dataclass
from pathlib import Path

# Stands for the owners that the repository's own file of owners names.
CODEOWNERS = "codeowners"


@dataclass(frozen=True, slots=True)
class GitHostSettings:
    """`repository` is the host's name of it (owner/name, a project's path, a CodeCommit name); "" leaves it to the
    environment of a pipeline. `api` is the address of a host of one's own, "" the public one. `branch` is what pull
    requests go into, "" the default branch.

    `folder` is where the local host writes its pull requests, outside the repository. `region`, `role_arn`,
    `external_id` and `writers` are for CodeCommit: who may give orders in comments, by their ARNs.
    """

    kind: str = "local"
    folder: Path = Path("pull-requests")
    repository: str = ""
    api: str = ""
    branch: str = ""
    region: str = ""
    role_arn: str = ""
    external_id: str = ""
    writers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PullRequestSettings:
    """`max_open` and `max_an_hour` None: as the host needs it, which is 10 and 2, and no limit for files of the local
    host. `reviewers` are names as the host has them, a team as org/team, or CODEOWNERS alone. `group_by` is none, file,
    control or owner; `draft` is auto, always or never. `commands`: comments are answered, so that
    pull requests say which commands there are.
    """

    max_open: int | None = None
    max_an_hour: int | None = None
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = (CODEOWNERS,)
    group_by: str = "none"
    draft: str = "auto"
    commands: bool = False
