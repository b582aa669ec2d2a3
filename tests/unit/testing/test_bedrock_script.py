import json
from pathlib import Path

import pytest

from iacfix.domain.errors import InputError
from iacfix.domain.proposal import Usage
from iacfix.testing.bedrock_script import (
    Cut,
    Failure,
    Malformed,
    Output,
    Text,
    Timeout,
    ToolUse,
    Truncated,
    read_script,
)


def script(tmp_path: Path, document: object) -> Path:
    path = tmp_path / "script.json"
    path.write_text(json.dumps(document))
    return path


def test_every_kind_of_reply_can_be_written(tmp_path: Path) -> None:
    replies = [
        {"text": "a"},
        {"text": "b", "stop": "max_tokens", "usage": {"input_tokens": 1, "output_tokens": 2, "latency_ms": 3}},
        {"text": "c", "usage": {"cache_read_tokens": 9, "cache_write_tokens": 8}},
        {"tool": {"diff": "x"}},
        {"tool": [1], "name": "other", "text": "hm", "stop": "max_tokens", "usage": {"input_tokens": 4}},
        {"error": "ThrottlingException"},
        {"error": "NewException", "status": 418, "message": "no"},
        {"output": {"stopReason": "end_turn"}},
        {"malformed": "<html>"},
        "malformed",
        "timeout",
        "truncated",
        "cut",
    ]

    assert read_script(script(tmp_path, {"replies": replies})) == (
        Text("a"),
        Text("b", "max_tokens", Usage(1, 2, 3)),
        Text("c", usage=Usage(1_200, 150, 900, 9, 8)),
        ToolUse({"diff": "x"}),
        ToolUse([1], "other", "hm", "max_tokens", Usage(4, 150, 900)),
        Failure("ThrottlingException"),
        Failure("NewException", "no", 418),
        Output({"stopReason": "end_turn"}),
        Malformed("<html>"),
        Malformed(),
        Timeout(),
        Truncated(),
        Cut(),
    )


@pytest.mark.parametrize(
    "reply",
    [
        "nonsense",
        7,
        None,
        {},
        {"text": 7},
        {"text": "a", "stopp": "end_turn"},
        {"text": "a", "stop": 1},
        {"text": "a", "usage": {"tokens": 1}},
        {"text": "a", "usage": {"input_tokens": "1"}},
        {"text": "a", "usage": []},
        {"error": "NewException"},
        {"error": "ThrottlingException", "status": "429"},
        {"output": []},
        {"tool": {}, "name": 3},
        {"tool": {}, "error": "ThrottlingException"},
        {"malformed": 1},
    ],
)
def test_a_reply_that_cannot_be_used_is_named(tmp_path: Path, reply: object) -> None:
    with pytest.raises(InputError, match="reply 2 of the script"):
        read_script(script(tmp_path, {"replies": [{"text": "a"}, reply]}))


@pytest.mark.parametrize("document", [[], {}, {"replies": {}}, None])
def test_a_script_without_replies_is_refused(tmp_path: Path, document: object) -> None:
    with pytest.raises(InputError, match="no list `replies`"):
        read_script(script(tmp_path, document))


def test_a_script_that_is_not_json_or_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "script.json").write_bytes(b"{\xff")

    for name in ("script.json", "none.json"):
        with pytest.raises(InputError, match="cannot be read"):
            read_script(tmp_path / name)
