import json
from importlib import resources
from pathlib import Path
from typing import cast

import pytest

from iacfix.config import (
    ChangeSetSettings,
    GitHostSettings,
    ModelSettings,
    PlanSettings,
    PullRequestSettings,
    RedactSettings,
    RescanSettings,
    Settings,
    StateSetting,
    load_settings,
)
from iacfix.config.intake import HttpSettings, IntakeSettings
from iacfix.domain.errors import ConfigurationError
from iacfix.validators import MAX_CHANGED_LINES

SCHEMA = json.loads((resources.files("iacfix.config") / "iacfix.schema.json").read_text())
DOCS = Path(__file__).resolve().parents[3] / "docs"


def load(folder: Path, text: str, **environ: str) -> Settings:
    (folder / "iacfix.yaml").write_text(text)
    return load_settings(folder / "iacfix.yaml", environ)


def test_nothing_given_is_the_standard() -> None:
    settings = load_settings(None, {"HOME": "/home/ann"})
    assert settings == Settings(git_host=GitHostSettings(folder=Path("/home/ann/.local/state/iacfix/pull-requests")))


def test_everything_given(tmp_path: Path) -> None:
    text = """
generator: model
model: {id: m, region: r, max_tokens: 512, connect_timeout: 1, read_timeout: 2.5, max_attempts: 1}
max_changed_lines: 20
defaults: {kms_key: alias/a, days: 7, flag: true, names: [a, b]}
git_host: {kind: local, folder: ../prs}
controls: [mine]
"""
    settings = load(tmp_path, text, IACFIX_MODEL="other", AWS_REGION="elsewhere")
    assert settings == Settings(
        "model",
        ModelSettings("m", "r", 512, 1, 2.5, 1),
        20,
        {"kms_key": "alias/a", "days": 7, "flag": True, "names": ("a", "b")},
        GitHostSettings("local", tmp_path / "../prs"),
        (tmp_path / "mine",),
    )


def test_the_environment_fills_in(tmp_path: Path) -> None:
    settings = load(tmp_path, "", IACFIX_MODEL="m", AWS_DEFAULT_REGION="r", XDG_STATE_HOME="/state")
    assert (settings.model.id, settings.model.region) == ("m", "r")
    assert settings.git_host.folder == Path("/state/iacfix/pull-requests")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("generater: auto", "did you mean generator?"),
        ("model: {ids: x}", "model.ids is no key"),
        ("zebra: 1", "known are generator"),
        ("generator: both", "generator"),
        ("max_changed_lines: 51", "max_changed_lines"),
        ("max_changed_lines: 0", "max_changed_lines"),
        ("model: {max_attempts: '4'}", "model.max_attempts"),
        ("- a", "the file"),
        ("repositories: [{folder: x}]", "repositories.0 lacks path"),
        ("repositories: [{path: x, folder: ../y}]", "repositories.0.folder"),
        ("repositories: [{path: x, accounts: [111122223333]}]", "repositories.0.accounts.0 must be text"),
        ("locate: {states: [{folder: x}]}", "locate.states.0 lacks file"),
        ("locate: {fix_modules_at: both}", "must be one of call, module"),
        ("git_host: {kind: svn}", "git_host.kind must be one of local, github"),
        ("repositories: [{path: x, git_host: {token: t}}]", "git_host.token is no key"),
        ("pull_requests: {reviewers: everybody}", "must be codeowners, or a list of names"),
        ("pull_requests: {max_open: 0}", "must be at least 1"),
        ("generator: auto\ngenerator: recipe", "written twice"),
        ("defaults: &a {b: 1}\ncontrols: [*a]", "aliases"),
        ("{", "not YAML"),
        ("x: \x00", "not YAML"),
        ("# " + "x" * 300_000, "larger"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_key(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=r"iacfix\.yaml") as caught:
        load(tmp_path, text)
    assert said in str(caught.value)


def test_a_file_that_is_asked_for_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_settings(tmp_path / "gone.yaml", {})


def test_where_code_stands_is_read(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        """
locate:
  states: [{file: live.tfstate, folder: live/}]
  remote_states: true
  stacks: {"prod-*": cfn/prod.yaml}
repositories:
  - {path: ../infra, folder: ./live, accounts: ["111122223333"], tags: {Team: a}, state_buckets: [b]}
""",
    )
    assert settings.locate.states == (StateSetting(tmp_path / "live.tfstate", "live"),)
    assert settings.locate.remote_states
    assert not settings.locate.ask_cloudformation
    assert settings.locate.stacks == {"prod-*": "cfn/prod.yaml"}
    (only,) = settings.repositories
    assert (only.path, only.folder, only.accounts) == (tmp_path / "../infra", "live", ("111122223333",))
    assert (only.tags, only.stacks, only.state_buckets) == ({"Team": "a"}, (), ("b",))


def test_where_pull_requests_go_is_read_for_each_repository(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        """
git_host: {kind: gitlab, api: "https://gitlab.example.com/", branch: live}
pull_requests:
  {max_open: 3, max_an_hour: 1, labels: [security], reviewers: [ann, org/cloud], group_by: file, draft: never}
repositories:
  - {path: a, git_host: {repository: group/a}}
  - {path: b, git_host: {kind: codecommit, repository: b, region: eu-west-1, role_arn: r, external_id: e, writers: [w]}}
  - {path: c}
""",
        HOME="/home/ann",
    )
    above = GitHostSettings("gitlab", settings.git_host.folder, "", "https://gitlab.example.com", "live")
    first, second, third = (each.git_host for each in settings.repositories)
    assert (settings.git_host, third) == (above, above)
    assert first == GitHostSettings("gitlab", above.folder, "group/a", above.api, "live")
    assert (second.kind, second.repository, second.region, second.writers) == ("codecommit", "b", "eu-west-1", ("w",))
    assert settings.pull_requests == PullRequestSettings(3, 1, ("security",), ("ann", "org/cloud"), "file", "never")
    assert load(tmp_path, "pull_requests: {reviewers: codeowners}").pull_requests == PullRequestSettings()


def test_what_is_hidden_from_models_is_read(tmp_path: Path) -> None:
    assert load(tmp_path, "redact: {account_ids: true, uuids: true}").redact == RedactSettings(
        account_ids=True, uuids=True
    )


def test_schema_settings_and_page_agree() -> None:
    keys = {**SCHEMA["properties"]}
    for outer in ("model", "git_host", "locate", "stages", "rescan", "plan", "change_set", "redact", "pull_requests"):
        entry = keys.pop(outer)
        entry = SCHEMA["$defs"][outer] if "$ref" in entry else entry
        keys |= {f"{outer}.{key}": each for key, each in entry["properties"].items()}
    standard = Settings()
    for key, entry in keys.items():
        value: object = standard
        for part in key.split("."):
            value = getattr(value, part)
        if "default" in entry:
            assert value == entry["default"], key
    page = (DOCS / "configuration.md").read_text()
    assert [key for key in keys if f"`{key}`" not in page] == []
    assert cast("int", keys["max_changed_lines"]["maximum"]) == MAX_CHANGED_LINES


def test_what_stages_ask_is_read(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        """
stages: {required: [rescan, plan]}
rescan: {enabled: false, command: [/opt/checkov, --quiet], timeout: 5}
plan: {enabled: true, command: [tofu], var_files: [a.tfvars], backend: {bucket: b}, environment: [TOKEN], timeout: 9}
change_set: {stacks: {prod: cfn/a.yaml}, region: eu-west-1, timeout: 7}
""",
    )
    assert settings.stages.required == ("rescan", "plan")
    assert settings.rescan == RescanSettings(enabled=False, command=("/opt/checkov", "--quiet"), timeout=5)
    assert settings.plan == PlanSettings(
        enabled=True,
        command=("tofu",),
        var_files=("a.tfvars",),
        backend={"bucket": "b"},
        environment=("TOKEN",),
        timeout=9,
    )
    assert settings.change_set == ChangeSetSettings({"prod": "cfn/a.yaml"}, "eu-west-1", 7)


@pytest.mark.parametrize(
    "text",
    [
        "stages: {required: [parse]}",
        "rescan: {command: []}",
        "rescan: {timeout: 0}",
        "plan: {var_files: [../secret.tfvars]}",
        'plan: {backend: {"a=b": c}}',
        'plan: {environment: ["A=B"]}',
        'change_set: {stacks: {"a*": t.yaml}}',
    ],
)
def test_what_no_stage_takes_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigurationError):
        load(tmp_path, text)


def test_what_is_let_in_is_read_with_its_secrets_from_the_environment(tmp_path: Path) -> None:
    path = tmp_path / "iacfix.yaml"
    path.write_text(
        "intake:\n  shapes: [wiz]\n  accounts: ['111122223333']\n  http: {secrets: [NEW, OLD], proof: header, window: 60.0}\n"
    )
    intake = load_settings(path, {"NEW": " a secret of sixteen\n"}).intake
    assert (intake.shapes, intake.accounts, intake.queues) == (("wiz",), ("111122223333",), ())
    assert intake.http == HttpSettings("header", "", 60, ("a secret of sixteen",), ("OLD",))
    assert "sixteen" not in repr(intake)
    assert load_settings(None, {}).intake == IntakeSettings()


@pytest.mark.parametrize(
    "text",
    ["accounts: [111122223333]", "accounts: ['1']", "shapes: []", "http: {}", "http: {secrets: ['a b']}", "wrong: 1"],
)
def test_what_is_wrong_about_what_is_let_in_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "iacfix.yaml"
    path.write_text(f"intake: {{{text}}}\n")
    with pytest.raises(ConfigurationError, match="intake"):
        load_settings(path, {})


def test_a_repository_with_a_url_has_a_folder_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "iacfix.yaml"
    path.write_text(
        "repositories:\n"
        "  - {url: 'https://github.com/acme/infra.git'}\n"
        "  - {url: 'https://github.com/acme/Infra.git', path: here}\n"
    )
    for environ, folder in (
        ({"IACFIX_CACHE": "/tmp/x"}, "/tmp/x/repositories"),  # noqa: S108 - where it is said to be
        ({"XDG_CACHE_HOME": "/c"}, "/c/iacfix/repositories"),
        ({"HOME": "/home/ann"}, "/home/ann/.cache/iacfix/repositories"),
    ):
        first, second = load_settings(path, environ).repositories
        assert str(first.path).startswith(f"{folder}/github-com-acme-infra-git-")
        assert (first.url, second.path) == ("https://github.com/acme/infra.git", tmp_path / "here")
