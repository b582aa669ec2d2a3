"""What a file may not do, and what a message may not show."""

import os
from dataclasses import fields, replace
from importlib import resources
from json import loads
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacfix.config import (
    ChangeSetSettings,
    GitHostSettings,
    LocateSettings,
    ModelSettings,
    PlanSettings,
    PullRequestSettings,
    RepositorySettings,
    RescanSettings,
    Settings,
    StageSettings,
    load_settings,
)
from iacfix.config.load import MAX_BYTES, MAX_DEPTH
from iacfix.domain.errors import ConfigurationError

PAGE = Path(__file__).resolve().parents[3] / "docs" / "configuration.md"
SCHEMA = loads((resources.files("iacfix.config") / "iacfix.schema.json").read_text())
SECRET = "AKIA" + "IOSFODNN7EXAMPLE"


def load(folder: Path, text: str, **environ: str) -> Settings:
    (folder / "iacfix.yaml").write_text(text)
    return load_settings(folder / "iacfix.yaml", {"HOME": "/home/ann", **environ})


def refusal(folder: Path, text: str) -> ConfigurationError:
    with pytest.raises(ConfigurationError, match=r"iacfix\.yaml") as caught:
        load(folder, text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("model: {read_timeout: .nan}", "line 1"),
        ("model: {connect_timeout: .inf}", "line 1"),
        ("max_changed_lines: 10.5", "max_changed_lines must be a whole number"),
        ("max_changed_lines: true", "max_changed_lines must be a whole number"),
        ("max_changed_lines: 51", "max_changed_lines must be at most 50"),
        ("model: {read_timeout: 0}", "model.read_timeout must be more than 0"),
        ("generator: both", "generator must be one of auto, recipe, model"),
        ("defaults:\n  on: x", "line 2: the key is not text"),
        ("defaults: {? [a] : x}", "the key is not text"),
        ("defaults: {Kms: x}", "like log_bucket"),
        ("defaults: {day: 2026-01-01}", "defaults.day must be text"),
        ("defaults: {a: [1, null]}", "defaults.a must be text"),
        ('git_host: {folder: "a\\0b"}', "control characters"),
        ('controls: [""]', "controls.0 must not be empty"),
        ("model:\n  <<: {id: x}", "line 2"),
        ("defaults: {a: !!python/object/apply:os.getcwd []}", "constructor"),
        ("generator: auto\n---\ngenerator: auto", "another document"),
        ("defaults: {a: 2026-99-99}", "cannot be read"),
        ("only: x", "known are"),
    ],
)
def test_the_message_says_what_may_stand_there(tmp_path: Path, text: str, said: str) -> None:
    assert said in str(refusal(tmp_path, text))


@pytest.mark.parametrize("text", ["model: {}", "model: [{}", "generator: {}", "- {}", "max_changed_lines: {}"])
def test_a_secret_in_the_wrong_place_is_not_repeated(tmp_path: Path, text: str) -> None:
    assert SECRET not in str(refusal(tmp_path, text.replace("{}", SECRET)))


@pytest.mark.parametrize("depth", [MAX_DEPTH - 1, 200, 20_000])
def test_deep_nesting_is_refused_before_it_costs_anything(tmp_path: Path, depth: int) -> None:
    assert "nested" in str(refusal(tmp_path, f"defaults: {{a: {'[' * depth}{']' * depth}}}"))


def test_nesting_up_to_the_limit_is_read(tmp_path: Path) -> None:
    lists = MAX_DEPTH - 2  # the file and `defaults` are the other two levels
    assert load(tmp_path, f"defaults: {{a: {'[' * lists}{']' * lists}}}").defaults["a"]


def test_a_file_of_the_largest_size_is_read(tmp_path: Path) -> None:
    assert load(tmp_path, "#" * MAX_BYTES).generator == "auto"
    assert "larger" in str(refusal(tmp_path, "#" * (MAX_BYTES + 1)))


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="needs a device without an end")  # noqa: PTH110 - a device
def test_a_file_without_an_end_is_not_read_to_the_end() -> None:
    with pytest.raises(ConfigurationError, match="larger"):
        load_settings(Path("/dev/zero"), {})


def test_bytes_that_are_no_text_and_folders_are_refused(tmp_path: Path) -> None:
    (tmp_path / "iacfix.yaml").write_bytes(b"\xff\xfe")
    for path, said in ((tmp_path / "iacfix.yaml", "UTF-8"), (tmp_path, "cannot be read")):
        with pytest.raises(ConfigurationError, match=said):
            load_settings(path, {})


@given(
    text=st.text()
    | st.sampled_from(["model", "defaults", "controls"]).flatmap(lambda key: st.text().map(f"{key}: {{}}".format))
)
def test_any_text_is_settings_or_a_configuration_error(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(text.encode("utf-8", "replace"))
    try:
        settings = load_settings(path, {"HOME": "/home/ann"})
    except ConfigurationError as error:
        assert "any.yaml" in error.what  # noqa: PT017 - either way is right
    else:
        assert isinstance(settings, Settings)


def test_a_whole_number_is_an_int_however_it_is_written(tmp_path: Path) -> None:
    settings = load(
        tmp_path, "max_changed_lines: 10.0\nmodel: {max_tokens: 512.0}\ndefaults: {days: 7.0, on_call: yes}"
    )
    found = (settings.max_changed_lines, settings.model.max_tokens, settings.defaults["days"])
    assert found == (10, 512, 7)
    assert [type(each) for each in found] == [int, int, int]
    assert settings.defaults["on_call"] is True


def test_paths_are_relative_to_the_file_or_the_home_folder(tmp_path: Path) -> None:
    settings = load(tmp_path, "git_host: {folder: ~/requests}\ncontrols: [mine, ~/theirs, /opt/ours, '~']")
    assert settings.git_host.folder == Path("/home/ann/requests")
    assert settings.controls == (tmp_path / "mine", Path("/home/ann/theirs"), Path("/opt/ours"), Path("/home/ann"))


def test_a_relative_state_folder_is_ignored_as_the_specification_has_it() -> None:
    for state in ("", "state", "./state"):
        settings = load_settings(None, {"HOME": "/home/ann", "XDG_STATE_HOME": state})
        assert settings.git_host.folder == Path("/home/ann/.local/state/iacfix/pull-requests")


def test_an_empty_model_in_the_file_switches_the_environments_off(tmp_path: Path) -> None:
    assert load(tmp_path, "model: {id: ''}", IACFIX_MODEL="m").model.id == ""


@pytest.mark.parametrize("lines", [0, 51, -1])
def test_the_limit_of_changed_lines_cannot_be_raised_in_code_either(lines: int) -> None:
    with pytest.raises(ConfigurationError, match="1 to 50"):
        replace(Settings(), max_changed_lines=lines)


def test_the_schema_has_every_setting_and_no_other() -> None:
    properties = SCHEMA["properties"]
    assert set(properties) == {each.name for each in fields(Settings)}
    assert set(properties["model"]["properties"]) == {each.name for each in fields(ModelSettings)}
    assert set(SCHEMA["$defs"]["git_host"]["properties"]) == {each.name for each in fields(GitHostSettings)}
    assert set(properties["locate"]["properties"]) == {each.name for each in fields(LocateSettings)}
    for name, kind in (
        ("stages", StageSettings),
        ("rescan", RescanSettings),
        ("plan", PlanSettings),
        ("change_set", ChangeSetSettings),
        ("pull_requests", PullRequestSettings),
    ):
        assert set(properties[name]["properties"]) == {each.name for each in fields(kind)}
    items = properties["repositories"]["items"]
    assert set(items["properties"]) == {each.name for each in fields(RepositorySettings)}


def test_the_page_has_a_row_with_the_default_of_every_key() -> None:
    rows = [line.split(" | ") for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    page = {row[0].strip("| `"): row[1].strip("`") for row in rows if len(row) == 3}
    properties = dict(SCHEMA["properties"])
    for outer in ("model", "git_host", "locate", "stages", "rescan", "plan", "change_set", "redact", "pull_requests"):
        entry = properties.pop(outer)
        entry = SCHEMA["$defs"][outer] if "$ref" in entry else entry
        properties |= {f"{outer}.{key}": each for key, each in entry["properties"].items()}
    assert set(page) == set(properties)
    wrong = {
        key for key, entry in properties.items() if entry.get("default") and _written(entry["default"]) != page[key]
    }
    assert wrong == set()


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
