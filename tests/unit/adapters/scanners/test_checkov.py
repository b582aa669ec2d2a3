"""The scanner as a program: what it is handed, what it may not do, and what is made of its answer."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import pytest
from tests.support.fake_checkov import SEARCH_PATH, install, runs

from iacfix.adapters.scanners import checkov
from iacfix.adapters.scanners.checkov import CheckovScanner
from iacfix.domain.location import Framework
from iacfix.ports import CheckedResource, Scan, ToolError

# As Checkov 3.2.459 wrote it of a queue with `count = 2` and a key whose check is skipped by a comment.
RECORDED = Path(__file__).parent / "checkov_3_2_459.json"
KEY = b'resource "aws_kms_key" "data" {\n  description = "data"\n}\n'
TOPIC = b"Resources:\n  Alarms:\n    Type: AWS::SNS::Topic\n"


def scan(folder: Path, files: Mapping[str, bytes], extra: str = "", framework: Framework = Framework.TERRAFORM) -> Scan:
    command, _ = install(folder, extra)
    return CheckovScanner(command, search_path=SEARCH_PATH, timeout=20).scan(framework, files)


def printing(text: str) -> str:
    return f"print({text!r}); sys.exit(0)"


def test_what_checkov_writes_is_read(tmp_path: Path) -> None:
    found = scan(tmp_path, {"main.tf": KEY}, printing(RECORDED.read_text()))
    assert found.scanner == "Checkov 3.2.459"
    assert CheckedResource("CKV_AWS_27", "aws_sqs_queue.jobs[1]", "aws_sqs_queue.jobs", "main.tf") in found.failed
    assert CheckedResource("CKV_AWS_33", "aws_kms_key.data", "aws_kms_key.data", "main.tf") in found.passed
    assert "CKV_AWS_7" not in {each.check_id for each in found.failed | found.passed}, "what is skipped is neither"
    assert "encrypted" in found.titles["CKV_AWS_27"]


def test_the_program_of_the_tests_speaks_as_checkov_does(tmp_path: Path) -> None:
    command, _ = install(tmp_path)
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "main.tf").write_bytes(KEY)
    asked = [*command, "-d", str(tmp_path / "code"), "--framework", "terraform", "--soft-fail"]
    listened = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    real, ours = (cast("dict[str, dict[str, object]]", json.loads(text)) for text in (RECORDED.read_text(), listened))
    assert ours.keys() == real.keys()
    for part in ("results", "summary"):
        assert ours[part].keys() == real[part].keys()
    (check,), of_real = (
        cast("list[dict[str, object]]", ours["results"]["passed_checks"]),
        real["results"]["passed_checks"],
    )
    assert check.keys() <= cast("list[dict[str, object]]", of_real)[0].keys()


def test_resources_of_templates_go_by_their_addresses(tmp_path: Path) -> None:
    found = scan(tmp_path, {"t.yaml": TOPIC}, framework=Framework.CLOUDFORMATION)
    assert found.failed == {CheckedResource("CKV_AWS_26", "AWS::SNS::Topic.Alarms", "Resources.Alarms", "t.yaml")}


def test_nothing_to_scan_is_an_empty_answer(tmp_path: Path) -> None:
    found = scan(tmp_path, {"main.tf": b""})
    assert (found.failed, found.passed, found.unread) == (frozenset(), frozenset(), frozenset())


def test_what_cannot_be_read_goes_by_its_path(tmp_path: Path) -> None:
    assert scan(tmp_path, {"live/main.tf": KEY, "live/bad.tf": b"BROKEN"}).unread == {"live/bad.tf"}


def test_it_gets_neither_credentials_nor_the_network_nor_a_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("BC_API_KEY", "AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "CKV_CONFIG"):
        monkeypatch.setenv(name, "from-outside")
    command, log = install(tmp_path)
    CheckovScanner(command, search_path=SEARCH_PATH, timeout=20).scan(Framework.TERRAFORM, {"main.tf": KEY})
    (run,) = runs(log)
    environment = cast("dict[str, str]", run["environment"])
    assert "from-outside" not in environment.values()
    assert environment["HTTPS_PROXY"] == "http://127.0.0.1:9"
    assert environment["HOME"] != os.environ.get("HOME")
    assert not Path(environment["HOME"]).exists(), "the copy is gone with its home"
    assert not {"--bc-api-key", "--external-checks-dir"} & set(cast("list[str]", run["argv"]))
    assert "--skip-download" in cast("list[str]", run["argv"])


@pytest.mark.parametrize(
    ("path", "copied"),
    [
        ("a/main.tf", "main.tf"),
        ("a/--config-file=x.tf", "file-0.tf"),
        ("a/$(touch x).tf", "file-0.tf"),
        ("a/é.tf.json", "file-0.tf.json"),
        ("a/main.tofu", "main.tf"),
        ("a/terraform.tfvars", "terraform.tfvars"),
        (f"a/{'x' * 200}.tf", "file-0.tf"),
    ],
)
def test_the_name_of_a_file_tells_the_program_nothing(tmp_path: Path, path: str, copied: str) -> None:
    command, log = install(tmp_path)
    CheckovScanner(command, search_path=SEARCH_PATH, timeout=20).scan(Framework.TERRAFORM, {path: KEY})
    assert runs(log)[0]["files"] == [copied]


@pytest.mark.parametrize(("data", "copied"), [(TOPIC, "template-0.yaml"), (b' {"Resources": {}}', "template-0.json")])
def test_a_template_gets_a_name_that_scanners_know(tmp_path: Path, data: bytes, copied: str) -> None:
    command, log = install(tmp_path)
    CheckovScanner(command, search_path=SEARCH_PATH, timeout=20).scan(
        Framework.CLOUDFORMATION, {"stack.template": data}
    )
    assert runs(log)[0]["files"] == [copied]


def test_the_same_files_are_scanned_once(tmp_path: Path) -> None:
    command, log = install(tmp_path)
    scanner = CheckovScanner(command, search_path=SEARCH_PATH, timeout=20)
    first = scanner.scan(Framework.TERRAFORM, {"main.tf": KEY})
    assert scanner.scan(Framework.TERRAFORM, {"main.tf": KEY}) is first
    assert scanner.scan(Framework.TERRAFORM, {"main.tf": KEY + b"\n"}) is not first
    assert len(runs(log)) == 2


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ("sys.exit(2)", "exit code 2"),
        ("sys.stderr.write('password = \"hunter2-and-more\"'); sys.exit(2)", "[redacted]"),
        (printing("no JSON"), "no JSON"),
        (printing("[" * 100_000), "no JSON"),
        (printing("[1]"), "cannot be read"),
        (printing('{"results": {}}'), "cannot be read"),
        (printing('{"results": {"failed_checks": [{}], "passed_checks": []}}'), "without an id"),
        ("import time; time.sleep(60)", "took longer than 1 seconds"),
        ("os.kill(os.getpid(), 11)", "exit code -11"),
        ("while True: sys.stderr.write('x' * 10**6)", "said more than"),
        ("os.close(1); os.close(2); time.sleep(60)", "took longer than 1 seconds"),
        ("import subprocess; subprocess.Popen(['sleep', '60']); time.sleep(60)", "took longer than 1 seconds"),
    ],
)
def test_a_scanner_that_does_not_answer_is_told_apart(tmp_path: Path, extra: str, said: str) -> None:
    command, _ = install(tmp_path, extra)
    scanner = CheckovScanner(command, search_path=SEARCH_PATH, timeout=1 if "longer" in said else 20)
    with pytest.raises(ToolError) as error:
        scanner.scan(Framework.TERRAFORM, {"main.tf": KEY})
    assert said in str(error.value)
    assert "hunter2" not in str(error.value)


def test_who_was_too_slow_once_is_not_waited_for_again(tmp_path: Path) -> None:
    command, log = install(tmp_path, "sys.exit(2)")
    scanner = CheckovScanner(command, search_path=SEARCH_PATH, timeout=20)
    for _ in range(2):
        with pytest.raises(ToolError):
            scanner.scan(Framework.TERRAFORM, {"main.tf": KEY})
    assert len(runs(log)) == 1


def test_one_that_hangs_is_given_up_for_the_run(tmp_path: Path) -> None:
    command, log = install(tmp_path, "time.sleep(60)")
    scanner = CheckovScanner(command, search_path=SEARCH_PATH, timeout=0.5)
    for number in range(4):
        with pytest.raises(ToolError, match="not started again" if number > 1 else "took longer"):
            scanner.scan(Framework.TERRAFORM, {"main.tf": KEY * (number + 1)})
    assert len(runs(log)) <= 2


def test_an_answer_without_end_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("iacfix.adapters.programs.run.__kwdefaults__", {"most": 1000})
    command, _ = install(tmp_path, "while True: print('x' * 10000)")
    with pytest.raises(ToolError, match="said more than 1000 bytes"):
        CheckovScanner(command, search_path=SEARCH_PATH, timeout=20).scan(Framework.TERRAFORM, {"main.tf": KEY})


def test_a_module_that_is_too_large_is_not_scanned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkov, "MAX_BYTES", 10)
    with pytest.raises(ToolError, match="more than"):
        scan(tmp_path, {"main.tf": KEY})


@pytest.mark.parametrize(
    ("command", "search_path", "said"),
    [
        (("no-such-scanner",), "/usr/bin", "pipx install checkov"),
        (("bin/checkov",), "/usr/bin", "relative path"),
        (("checkov",), ".:bin", "was not found"),
    ],
)
def test_a_scanner_that_is_not_there_is_told_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], search_path: str, said: str
) -> None:
    install(tmp_path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ToolError, match=said):
        CheckovScanner(command, search_path=search_path, timeout=20).scan(Framework.TERRAFORM, {"main.tf": KEY})
