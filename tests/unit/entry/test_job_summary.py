import json

from markdown_it import MarkdownIt

from iacfix.entry.job_summary import MAX_BYTES, counted, job_summary

BAD = "a|b`c` @org/team <img src=x onerror=1> [l](https://evil.example) \u202e\x1b[2J\n\n# big AKIAIOSFODNN7EXAMPLE \ud800"
DIFF = "--- a/m.tf\n+++ b/m.tf\n@@ -1 +1 @@\n-a\n+b\n"


def html(text: str) -> str:
    return str(MarkdownIt("gfm-like", {"linkify": False}).render(text))


def proposed(diff: str = DIFF) -> dict[str, object]:
    return {"status": "proposed", "control": "kms-key-rotation", "path": "m.tf", "start_line": 3, "diff": diff}


def test_a_table_of_all_and_the_diffs_of_the_proposals() -> None:
    request = {"url": "https://github.com/acme/infra/pull/1", "action": "opened", "reason": None}
    records: list[dict[str, object]] = [
        {**proposed(), "pull_request": request},
        {"status": "not_located", "check_id": "S3.1", "reason": "nobody knows"},
        {"status": "already_fixed", "check_id": "S3.2", "reason": "it is"},
    ]
    shown = html(job_summary(records, "iacfix: proposals"))
    assert counted(records) == (1, 1)
    assert shown.count("<tr>") == 4
    assert '<a href="https://github.com/acme/infra/pull/1">' in shown
    assert "nobody knows" in shown
    assert 'class="language-diff"' in shown


def test_nothing_from_outside_acts() -> None:
    record: dict[str, object] = {
        "status": BAD,
        "check_id": BAD,
        "resource": BAD,
        "path": BAD,
        "address": BAD,
        "reason": BAD,
    }
    record |= {"diff": f"{DIFF}```\n</details>\n# big\n{BAD}", "start_line": 1}
    text = job_summary([{**record, "pull_request": {"url": f"javascript:{BAD}", "action": BAD}}], BAD)
    shown = html(text)
    assert text.encode()  # no half of a character
    assert shown.count("<tr>") == 2
    assert shown.count("<td>") == 4
    assert shown.count("<h1>") == 0
    assert shown.count("</details>") == 1
    assert "<img" not in shown
    assert "<a " not in shown
    assert "AKIA" not in shown
    assert not {"\x1b", "\u202e"} & set(text)


def test_what_is_long_is_cut_and_says_so() -> None:
    text = job_summary([proposed(DIFF + "+x\n" * 30_000)] * 30, "t")
    assert len(text.encode()) <= MAX_BYTES + 1_000
    assert "more diffs are in the proposals file" in text
    assert "100 more are in the proposals file" in job_summary([{"status": "proposed"}] * 600, "t")
    assert "No findings." in job_summary([], "t")


def test_records_of_other_shapes_do_not_stop_it() -> None:
    odd: list[dict[str, object]] = [
        {},
        {"status": 1, "pull_request": [], "diff": {}, "start_line": "x"},
        {"pull_request": {"url": 7}},
    ]
    assert json.dumps(job_summary(odd, "t"))
