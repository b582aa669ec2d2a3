from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from iacfix.domain.finding import CloudResource, Finding
from iacfix.domain.location import Framework, Location
from iacfix.domain.marks import facts_in, key_in, trailers_in
from iacfix.domain.outcome import Proposal
from iacfix.domain.proposal import Candidate, Edit
from iacfix.domain.verdict import ALWAYS_ON, Accepted, StageOutcome, StageResult
from iacfix.pull_requests.body import Notes
from iacfix.pull_requests.facts import ROOM, finding_in, found_again
from iacfix.pull_requests.group_body import (
    GroupBy,
    Member,
    compose_group,
    group_branch,
    group_commit_message,
    group_facts,
    group_hash,
    group_in,
    group_key,
    group_title,
)

MARKDOWN = MarkdownIt("commonmark").enable("table")
EDIT = Edit("a/main.tf", b"a\n", b"b\n")
STAGES = tuple(StageResult(name, StageOutcome.PASSED) for name in ALWAYS_ON)
VERDICT = Accepted((EDIT,), "--- a/a/main.tf\n+++ b/a/main.tf\n@@ -1 +1 @@\n-a\n+b\n", 2, STAGES)
PROPOSAL = Proposal(Candidate(VERDICT.diff, "model:m", "Because.", assumptions=("It rains.",)), VERDICT)
FINDING = Finding("checkov", "f-1", "CKV_AWS_7", "Rotate it", CloudResource("aws_kms_key", "aws_kms_key.a"))
LOCATION = Location("a/main.tf", "aws_kms_key.a", Framework.TERRAFORM, 0, 1, 1, 3, (), 1.0)
MEMBER = Member(FINDING, None, LOCATION, PROPOSAL)
MENDED = Member(replace(FINDING, id="f-2"), None, replace(LOCATION, address="aws_kms_key.b"), None, "done above")
HOSTILE = st.text(max_size=300) | st.sampled_from(
    ["@everybody <!-- iacfix:key=", "-->\n<details>\n# x", "| a | b |", "</details> [x](https://evil.example)", "`" * 9]
)


def body(*members: Member, room: int = 60_000, notes: Notes | None = None, name: str = "a/main.tf") -> str:
    facts = {**group_facts(GroupBy.FILE, name, members), "base": "c" * 40, "content": "d" * 64}
    return compose_group(GroupBy.FILE, name, members, max_length=room, facts=facts, notes=notes or Notes())


def test_a_body_names_every_finding_with_its_evidence() -> None:
    text = body(MEMBER, MENDED, notes=Notes(draft="the risk of the change is high"))
    for part in (
        "Mends 2 findings of the file `a/main.tf`",
        "f-1",
        "f-2",
        "aws_kms_key.b",
        "Because.",
        "It rains.",
        "+b",
    ):
        assert part in text
    assert "nobody has checked" in text
    assert "**This is a draft:** the risk of the change is high." in text
    assert text.count("<details>") == text.count("</details>") == 2
    assert "<details>" not in body(MEMBER, notes=Notes(fold=False))


def test_identity_is_that_of_the_group_and_not_of_what_is_in_it() -> None:
    assert key_in(body(MEMBER)) == key_in(body(MEMBER, MENDED)) == group_key(GroupBy.FILE, "a/main.tf")
    assert group_key(GroupBy.FILE, "x") != group_key(GroupBy.OWNER, "x")
    assert group_hash([MEMBER, MENDED]) == group_hash([MENDED, MEMBER]) != group_hash([MEMBER])
    assert group_in(facts_in(body(MEMBER))) == (GroupBy.FILE, "a/main.tf")
    assert group_in({"group": "weather:rain"}) is None


def test_the_title_counts_and_the_message_ends_in_the_trailers() -> None:
    again = replace(MENDED, finding=FINDING)
    assert group_title(GroupBy.FILE, "a/main.tf", [MEMBER]) == "Rotate it in a/main.tf"
    assert group_title(GroupBy.CONTROL, "kms-key-rotation", [MEMBER, again]) == "Rotate it (2 times)"
    other = replace(MENDED, finding=replace(FINDING, title="Encrypt it"))
    assert group_title(GroupBy.OWNER, "ann", [MEMBER, other]) == "2 findings for ann"
    message = group_commit_message(GroupBy.OWNER, "ann", [MEMBER, other], "e" * 64)
    assert trailers_in(message) == {"Iacfix-Key": group_key(GroupBy.OWNER, "ann"), "Iacfix-Content": "e" * 64}


@settings(max_examples=40)
@given(
    texts=st.lists(HOSTILE, min_size=6, max_size=6),
    name=HOSTILE,
    count=st.integers(1, 4),
    room=st.integers(4_600, 12_000),
)
def test_nothing_that_a_finding_holds_breaks_out(texts: list[str], name: str, count: int, room: int) -> None:
    identity, title, identifier, explanation, path, address = texts
    finding = replace(FINDING, id=identity, title=title, resource=CloudResource("t", identifier))
    location = replace(LOCATION, path=path, address=address)
    proposal = replace(PROPOSAL, candidate=replace(PROPOSAL.candidate, explanation=explanation))
    members = [Member(replace(finding, id=f"{identity}{n}"), None, location, proposal) for n in range(count)]
    text = body(*members, room=room, name=name)
    assert len(text) <= room
    assert key_in(text) == group_key(GroupBy.FILE, name)
    assert facts_in(text)["content"] == "d" * 64
    tokens = [each for token in MARKDOWN.parse(text) for each in (token, *(token.children or ()))]
    raw = [each.content for each in tokens if each.type in {"html_block", "html_inline"}]
    assert sum(each.count("<!--") for each in raw) == 2
    assert sum(each.count("<details>") for each in raw) in {0, count}
    assert not [each for each in tokens if each.type in {"link_open", "image"}]
    assert "\n" not in group_title(GroupBy.FILE, name, members)
    message = group_commit_message(GroupBy.FILE, name, members[:3], "e" * 64)
    assert trailers_in(message)["Iacfix-Key"] == group_key(GroupBy.FILE, name)
    assert group_branch(GroupBy.FILE, name).startswith("iacfix/file")


@settings(max_examples=40)
@given(texts=st.lists(HOSTILE | st.text("<>-&\u00e4", min_size=500, max_size=900), min_size=5, max_size=5))
def test_what_a_marker_keeps_of_a_finding_has_its_room(texts: list[str]) -> None:
    identity, title, identifier, source, explanation = texts
    finding = replace(FINDING, id=identity, title=title, source=source or "x", resource=CloudResource("t", identifier))
    proposal = replace(PROPOSAL, candidate=replace(PROPOSAL.candidate, explanation=explanation))
    kept = found_again(finding, LOCATION, proposal, (EDIT,))
    assert sum(len(name) + len(text) for name, text in kept.items()) <= ROOM
    again = finding_in({**kept, "control": "c", "address": LOCATION.address})
    if kept.keys() >= {"source", "path"}:
        assert again is not None
        assert (again.hint.path, again.hint.address, again.severity) == (
            LOCATION.path,
            LOCATION.address,
            finding.severity,
        )
    else:
        assert again is None


@pytest.mark.parametrize("lost", ["path", "address", "source"])
def test_a_marker_that_does_not_say_where_is_no_finding(lost: str) -> None:
    facts = {**found_again(FINDING, LOCATION, PROPOSAL, (EDIT,)), "control": "c", "address": LOCATION.address}
    assert finding_in(facts) is not None
    assert finding_in({name: text for name, text in facts.items() if name != lost}) is None
