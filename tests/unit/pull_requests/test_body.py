import re
from dataclasses import replace
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from iacfix.domain.control import Control, Risk, TerraformFix
from iacfix.domain.decision import DecidedBy, Decision
from iacfix.domain.finding import CloudResource, Finding, Severity
from iacfix.domain.location import Framework, Location
from iacfix.domain.marks import key_in, marker
from iacfix.domain.outcome import Proposal
from iacfix.domain.proposal import Candidate, Edit
from iacfix.domain.verdict import ALWAYS_ON, Accepted, StageName, StageOutcome, StageResult
from iacfix.pull_requests.body import SHOWN, TITLE_LENGTH, Notes, commit_message, compose, title

Drawn = TypeVar("Drawn")
KEY = "0123456789abcdef" * 4
LIMIT = 65_535
FINDING = Finding(
    source="security_hub",
    id="arn:aws:securityhub:eu-west-1:111122223333:subscription/finding/0b1f2c3d",
    check_id="S3.8",
    title="S3 general purpose buckets should block public access",
    resource=CloudResource("AwsS3Bucket", "arn:aws:s3:::logs", "logs", "111122223333", "eu-west-1"),
    control="s3-block-public-access",
    severity=Severity.HIGH,
    url="https://console.aws.amazon.com/securityhub/home#/findings?search=Id%3Dx",
)
CONTROL = Control(
    id="s3-block-public-access",
    title="S3 bucket blocks all public access",
    why="A public bucket can be read by anyone who learns its name. Most leaks of data from S3 began this way.",
    service="s3",
    risk=Risk.LOW,
    names={},
    resource_types=(),
    terraform=TerraformFix((), (), ()),
    effect="Requests that rely on public ACLs or a public bucket policy are refused from then on.",
)
LOCATION = Location("stacks/main.tf", "aws_s3_bucket.logs", Framework.TERRAFORM, 0, 30, 3, 9, (), 1.0)
DIFF = "--- a/stacks/main.tf\n+++ b/stacks/main.tf\n@@ -1 +1,2 @@\n a\n+b\n"


def proposal(diff: str = DIFF, generator: str = "recipe:s3-block-public-access", explanation: str = "") -> Proposal:
    stages = (
        *(StageResult(name, StageOutcome.PASSED) for name in ALWAYS_ON),
        StageResult(StageName.SYNTAX, StageOutcome.PASSED, "terraform fmt reads all of it"),
        StageResult(StageName.CONTROL, StageOutcome.SKIPPED, "Checkov is not installed"),
    )
    verdict = Accepted((Edit("stacks/main.tf", b"a\n", b"a\nb\n"),), diff, 1, stages)
    text = explanation or "Adds a public access block for the bucket, with all four settings on."
    return Proposal(Candidate(diff, generator, text), verdict)


def body(finding: Finding = FINDING, fix: Proposal | None = None, max_length: int = LIMIT) -> str:
    return compose(finding, CONTROL, LOCATION, fix or proposal(), KEY, max_length=max_length)


def test_a_body_says_what_kind_of_code_it_changes() -> None:
    template = Location("stacks/shop.yaml", "Resources.Logs", Framework.CLOUDFORMATION, 0, 30, 3, 9, (), 1.0)
    text = compose(FINDING, CONTROL, template, proposal(), KEY, max_length=LIMIT)
    assert "`Resources.Logs` in the CloudFormation template `stacks/shop.yaml`, lines 3 to 9" in text
    assert "CloudFormation" not in body()


def test_a_body_answers_in_the_order_that_its_reader_asks() -> None:
    assert (
        body()
        == f"""\
<!-- iacfix:key={KEY} -->

**Problem.** “S3 bucket blocks all public access” does not hold for `aws_s3_bucket.logs` in `stacks/main.tf`, \
lines 3 to 9.

**Why it matters.** A public bucket can be read by anyone who learns its name. Most leaks of data from S3 began this way.

**Change.** Adds a public access block for the bucket, with all four settings on.

**When applied.** Requests that rely on public ACLs or a public bucket policy are refused from then on.

| Result | Checks |
|---|---|
| ✅ passed | parse, apply, size, file scope, resource scope, syntax |
| ⚪ skipped | control |

- Finding: `arn:aws:securityhub:eu-west-1:111122223333:subscription/finding/0b1f2c3d` from `security_hub` \
(check `S3.8`), severity high, [open it](https://console.aws.amazon.com/securityhub/home#/findings?search=Id%3Dx)
- Resource: `arn:aws:s3:::logs`, account `111122223333`, region `eu-west-1`
- Written by: deterministic recipe `s3-block-public-access`

**To reject it**, close this pull request: it stays closed until the finding changes. To accept the risk for a time, \
list it in `.iacfix/exceptions.yaml`.

<details><summary>Diff: 1 changed line</summary>

```diff
--- a/stacks/main.tf
+++ b/stacks/main.tf
@@ -1 +1,2 @@
 a
+b
```

</details>

<details><summary>What each check said</summary>

| Check | Result | Reason |
|---|---|---|
| parse | passed |  |
| apply | passed |  |
| size | passed |  |
| file scope | passed |  |
| resource scope | passed |  |
| syntax | passed | terraform fmt reads all of it |
| control | skipped | Checkov is not installed |

</details>"""
    )


ODD = {
    "nothing": "",
    "plain": "x",
    "words": "word " * 60,
    "seven times as long in Markdown": "&" * 400,
    "ticks": "`" * 400,
    "more ticks": "`a" * 900,
    "all marks": "@[_*|#" * 300,
    "one long word": "x" * 9_000,
    "lines": "\n- " * 99,
}


@settings(max_examples=40)
@given(st.data())
def test_what_everybody_reads_is_short_however_long_and_odd_the_texts_are(data: st.DataObject) -> None:
    def draw(strategy: st.SearchStrategy[Drawn]) -> Drawn:
        return data.draw(strategy)

    def text() -> str:
        return ODD[data.draw(st.sampled_from(sorted(ODD)))]

    resource = CloudResource(text(), text(), text(), text(), text())
    url = "https://console.aws.amazon.com/" + "a" * draw(st.sampled_from([0, 300, 960, 5_000]))
    finding = Finding(text(), text(), text(), text(), resource, "", draw(st.sampled_from(Severity)), url=url)
    control = replace(CONTROL, title=text(), why=text(), effect=text()) if draw(st.booleans()) else None
    location = replace(LOCATION, address=text(), path=text(), framework=draw(st.sampled_from(Framework)))
    fix = proposal(generator=draw(st.sampled_from(["recipe:", "model:", ""])) + text(), explanation=text())
    fix = replace(fix, risk=draw(st.sampled_from(Risk)), candidate=replace(fix.candidate, assumptions=(text(),) * 9))
    if draw(st.booleans()):
        why = (f"it is {text()}",)
        fix = replace(fix, decision=Decision(DecidedBy.DEFAULT, text(), text(), text(), 3, 4, why))
    reasons = tuple(replace(stage, reason=text() or "x") for stage in fix.verdict.stages)
    long = ("", "+x\n" * 10_000, "+" + "`x" * 9_000 + "\n")[draw(st.integers(0, 2))]
    fix = replace(fix, verdict=replace(fix.verdict, stages=reasons, diff=DIFF + long))
    most = draw(st.sampled_from([LIMIT, 10_240, 6_000]))
    notes = Notes(text(), draw(st.booleans()), draw(st.booleans()), draw(st.booleans()))
    whole = compose(finding, control, location, fix, KEY, max_length=most, facts={"a": text()[:500]}, notes=notes)
    assert len(whole) <= most
    facts = whole.index(" -->\n\n") + 6
    shown = whole[facts:]
    if ends := [shown.index(mark) for mark in ("\n\n<details>", "\n\n#### ", "\n\nThe diff is too") if mark in shown]:
        shown = shown[: min(ends)]
    assert len(shown) <= SHOWN
    assert "**To reject it**" in shown
    assert whole.count("<details>") == whole.count("</details>")


def test_names_give_way_before_sentences_and_what_is_cut_stands_below() -> None:
    arn = "arn:aws:securityhub:eu-west-1:111122223333:" + "a" * 300
    fix = proposal(generator="model:m", explanation="word " * 70 + "end")
    text = body(replace(FINDING, id=arn), fix)
    shown, _, below = text.partition("<details>")
    assert CONTROL.why in shown
    assert "end”" in shown
    assert arn not in shown
    assert f"<summary>Texts that are cut above</summary>\n\n- Finding: {arn}\n\n</details>" in below


def test_what_is_read_first_is_short() -> None:
    assert body().index("<details>") < 1_500


@pytest.mark.parametrize(
    ("generator", "words"),
    [
        ("recipe:s3-versioning", "deterministic recipe `s3-versioning`"),
        ("model:eu.vendor.name-v1:0", "language model `eu.vendor.name-v1:0`"),
        ("given", "somebody who gave the diff"),
        ("recipes:x", "somebody who gave the diff"),
    ],
)
def test_the_author_is_named(generator: str, words: str) -> None:
    fix = proposal(generator=generator)
    assert f"- Written by: {words}\n" in body(fix=fix)
    assert f"\nWritten by: {words.replace('`', '')}\n" in commit_message(FINDING, CONTROL, LOCATION, fix, KEY)


def test_what_a_model_explains_is_quoted() -> None:
    fix = proposal(generator="model:m", explanation="# Closes #1, see https://evil.example or ask @ann")
    shown = "> “#\u200b Closes #\u200b1, see https:\u200b//evil.example or ask @\u200bann”"
    assert f"**Change.** In its author's words, which nobody has checked:\n\n{shown}\n" in body(fix=fix)
    message = commit_message(FINDING, CONTROL, LOCATION, fix, KEY)
    assert "Why: in the author's words, which nobody has checked: “#\u200b Closes #\u200b1," in " ".join(
        message.split()
    )
    assert "> “" not in body()


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://docs.prismacloud.io/en/x", "[open it](https://docs.prismacloud.io/en/x)"),
        ("https://evil.example/x", "at `https://evil.example/x`"),
        ("https://evilaws.amazon.com/x", "at `https://evilaws.amazon.com/x`"),
        ("https://console.aws.amazon.com.evil.example/x", "at `https://console.aws.amazon.com.evil.example/x`"),
        ("https://a@console.aws.amazon.com/x", "at `https://a@console.aws.amazon.com/x`"),
        ("https://[x", "at `https://[x`"),
    ],
)
def test_only_what_leads_to_a_tool_is_linked(url: str, shown: str) -> None:
    assert f"severity high, {shown}\n" in body(replace(FINDING, url=url))


def test_a_finding_without_a_control_speaks_for_itself() -> None:
    text = compose(replace(FINDING, control=""), None, LOCATION, proposal(), KEY, max_length=LIMIT)
    assert "“S3 general purpose buckets should block public access” was reported for `aws_s3_bucket.logs`" in text
    assert "When applied" not in text
    untitled = replace(FINDING, title="", check_id="S3.8")
    assert title(untitled, None, LOCATION) == "S3.8: aws_s3_bucket.logs"


def test_title_and_commit_message() -> None:
    assert title(FINDING, CONTROL, LOCATION) == "S3 bucket blocks all public access: aws_s3_bucket.logs"
    assert commit_message(FINDING, CONTROL, LOCATION, proposal(), KEY) == (
        "S3 bucket blocks all public access: aws_s3_bucket.logs\n\n"
        "Why: Adds a public access block for the bucket, with all four settings\n  on.\n\n"
        "Finding: arn:aws:securityhub:eu-west-1:111122223333:subscription/finding/0b1f2c3d (security_hub, S3.8)\n\n"
        "Written by: deterministic recipe s3-block-public-access\n\n"
        f"Iacfix-Key: {KEY}\n"
    )


TEXT = st.one_of(
    st.text(max_size=80),
    st.lists(
        st.sampled_from(
            ["@ann ", "<b>", "```", "\n\n", "</details>", "<!--", "-->", "| ", "`", "#1 ", f"Iacfix-Key: {KEY}"]
        )
    ).map("".join),
)


@given(TEXT, TEXT, TEXT)
def test_hostile_text_does_nothing_wherever_it_comes_from(one: str, two: str, three: str) -> None:
    resource = CloudResource(one, two, three, one, two)
    finding = Finding(three, one, two, three, resource, "", Severity.LOW, url=f"https://e.com/{one}")
    location = replace(LOCATION, address=two, path=three)
    fix = proposal(diff=f"+{one}\n+{two}\n{three}", generator=f"model:{one}", explanation=two or "x")
    text = compose(finding, None, location, fix, KEY, max_length=LIMIT)
    assert key_in(text) == KEY
    html = MarkdownIt("commonmark").enable("table").render(text)
    shown = re.sub(r"<pre>.*?</pre>|<code>.*?</code>", "", html, flags=re.DOTALL)
    assert html.count("<pre>") == 1
    assert html.count("<!--") == 1
    assert not re.search(r"[@#]\w", re.sub(r"&#?\w+;|href=\"[^\"]*\"", "", shown))
    known = {"p", "strong", "table", "thead", "tr", "th", "tbody", "td", "ul", "li", "a", "details", "summary"} | {
        "blockquote"
    }
    assert set(re.findall(r"<(\w+)", shown)) <= known
    assert "href=" not in html


@given(TEXT, TEXT)
def test_no_text_from_outside_becomes_a_trailer(one: str, two: str) -> None:
    finding = replace(FINDING, id=one, title=two, source=two, check_id=one, control="")
    message = commit_message(finding, None, replace(LOCATION, address=two), proposal(explanation=one or "x"), KEY)
    paragraphs = message.removesuffix("\n").split("\n\n")
    assert len(paragraphs) == 5
    assert paragraphs[-1] == f"Iacfix-Key: {KEY}"
    assert [re.match(r"Why: |Finding: |Written by: ", part) is not None for part in paragraphs[1:4]] == [True] * 3
    assert all(line.startswith("  ") for part in paragraphs[1:4] for line in part.split("\n")[1:])


@given(TEXT)
def test_a_title_is_one_short_line(text: str) -> None:
    shown = title(replace(FINDING, title=text), None, LOCATION)
    assert len(shown.replace("\u200b", "")) <= TITLE_LENGTH
    assert len(shown.splitlines()) == 1


def test_secrets_are_hidden_wherever_they_stand() -> None:
    secret = "AKIA" + "Q3EGRYT5LK7WN2XZ"
    fix = proposal(diff=f'+  access_key = "{secret}"\n', explanation=f"Removes {secret} from the file.")
    finding = replace(FINDING, title=f"Key {secret} is public", id=secret, url=f"https://e.com/{secret}")
    assert secret not in body(finding, fix)
    assert secret not in commit_message(finding, None, LOCATION, fix, KEY)
    assert secret not in title(finding, None, LOCATION)
    assert "[redacted]" in body(finding, fix)


def test_where_a_host_takes_less_the_folded_part_gives_way_first() -> None:
    whole = body()
    assert body(max_length=len(whole)) == whole
    without_reasons = body(max_length=len(whole) - 1)
    assert without_reasons.endswith("+b\n```\n\n</details>")
    without_diff = body(max_length=len(without_reasons) - 1)
    assert without_diff.endswith("exceptions.yaml`.\n\nThe diff is too long to be shown here: see the commit.")
    assert whole.startswith(without_reasons)
    assert without_reasons.startswith(without_diff.rpartition("\n\n")[0])


def test_a_long_diff_is_cut_and_says_so() -> None:
    text = body(fix=proposal(diff=DIFF + "+x\n" * 10_000 + "+" + "y" * 600))
    assert len(text) < 25_000
    assert re.search(r"\n\+x\n```\n\nand \d+ more lines: see the commit\.\n\n</details>", text)
    long = body(fix=proposal(diff=DIFF + "+" + "y" * 600 + "\n+z\n"))
    assert "+" + "y" * 498 + "…\n+z\n```" in long


def test_long_texts_are_cut_when_leaving_out_the_diff_is_not_enough() -> None:
    fix = proposal(explanation="word " * 100)
    text = body(fix=fix, max_length=1_200)
    assert len(text) <= 1_200
    assert "…" in text
    assert "To reject it" in text


def test_what_the_body_says_of_drafts_and_commands() -> None:
    def first(notes: Notes) -> str:
        return compose(FINDING, CONTROL, LOCATION, proposal(), KEY, max_length=LIMIT, notes=notes)

    assert f"{marker(KEY)}\n\n**This is a draft:** the risk is high.\n\n**Problem.**" in first(
        Notes("the risk is high")
    )
    assert "\n**Not to be merged without a second look:** the risk is high.\n" in first(
        Notes("the risk is high", drafts=False)
    )
    assert "`/iacfix accept-risk until=YYYY-MM-DD" in first(Notes(commands=True))
    assert "/iacfix" not in body()
    assert "\n#### Diff: 1 changed line\n" in first(Notes(fold=False))
    assert "<details>" not in first(Notes(fold=False))


@pytest.mark.parametrize("length", [len(marker(KEY)), len(marker(KEY)) + 1, 100, 200, 300, 500, 800, 1_000, 10_239])
def test_the_marker_stays_whatever_the_limit(length: int) -> None:
    finding = replace(FINDING, title="`<@" * 300, id="`" * 300)
    text = compose(finding, None, LOCATION, proposal(diff="+x\n" * 10_000), KEY, max_length=length)
    assert len(text) <= length
    assert key_in(text) == KEY


def test_no_body_without_its_marker() -> None:
    with pytest.raises(ValueError, match="cannot hold its marker"):
        body(max_length=len(marker(KEY)) - 1)


def test_what_a_model_assumes_is_quoted_and_does_nothing() -> None:
    said = ("ask @ann, see #7 and https://e.com", "\n\n# Heading\n<b>x</b> [a](b)\n/close", " ")
    fix = proposal(generator="model:m")
    fix = replace(fix, candidate=replace(fix.candidate, assumptions=said), risk=Risk.HIGH)
    text = body(fix=fix)

    assert "which nobody has checked:\n\n> “ask @\u200bann, see #\u200b7 and https:\u200b//e.com”\n>\n> “" in text
    assert "- Written by: language model `m`; risk of the change: high\n" in text
    html = MarkdownIt("commonmark").enable("table").render(text)
    assert html.count("<blockquote>") == 2  # the explanation is one too
    assert not re.search(r"<h1|<b>|href=\"b\"|e\.com\"", html)


def test_without_assumptions_none_are_spoken_of() -> None:
    assert "rests on" not in body()
    assert "risk of the change" not in body()


def test_assumptions_are_shortened_with_the_rest() -> None:
    fix = proposal(generator="model:m")
    fix = replace(fix, candidate=replace(fix.candidate, assumptions=("word " * 100,) * 10))

    assert len(body(fix=fix, max_length=3_000)) <= 3_000
