import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.support.action_runner import outputs

from iacfix.domain.errors import InputError
from iacfix.entry.github_action import github_action, payload, records_of


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ({"finding": {"Id": "1"}}, {"Id": "1"}),
        ({"findings": [{"Id": "1"}], "id": "x"}, [{"Id": "1"}]),
        (
            {"detail": {"findings": []}, "source": "aws.securityhub"},
            {"detail": {"findings": []}, "source": "aws.securityhub"},
        ),
        ([{"Id": "1"}], [{"Id": "1"}]),
    ],
)
def test_findings_are_taken_from_a_payload(sent: object, found: object) -> None:
    assert json.loads(payload("repository_dispatch", json.dumps({"client_payload": sent}).encode())) == found


@pytest.mark.parametrize(
    ("event", "data", "said"),
    [
        ("push", b"{}", "carries no findings"),
        ("repository_dispatch", b'{"client_payload": null}', "no client_payload"),
        ("repository_dispatch", b"[]", "no client_payload"),
        ("repository_dispatch", b"[" * 100_000, "is no JSON"),
    ],
)
def test_an_event_without_findings_is_refused(event: str, data: bytes, said: str) -> None:
    with pytest.raises(InputError, match=said):
        payload(event, data)


def test_a_value_cannot_begin_an_output_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    records, output, summary = (tmp_path / name for name in ("records", "output", "summary"))
    url = "https://h/1\nproposed=99\nproposed<<end_\n99\nend_"
    line = json.dumps({"status": "proposed", "pull_request": {"url": url}})
    records.write_text(line + "\n")
    for name, path in (("GITHUB_OUTPUT", output), ("GITHUB_STEP_SUMMARY", summary)):
        monkeypatch.setenv(name, str(path))
    done = CliRunner().invoke(github_action, ["report", "--records", str(records), "--title", "t"])
    assert done.exit_code == 0
    found = outputs(output.read_text())
    assert found["proposed"] == "1"
    assert json.loads(found["pull-requests"]) == [url]
    assert set(found) == {"proposed", "needs-a-person", "pull-requests"}


def test_records_are_read_line_by_line() -> None:
    assert records_of(b'{"a": 1}\n\n3\n{}\n') == ({"a": 1}, {})
    with pytest.raises(InputError, match="record 2"):
        records_of(b"{}\n{\n")
