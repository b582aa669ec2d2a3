import pytest

from iacfix.controls import load_catalogue
from iacfix.controls.words import describe
from iacfix.domain.control import (
    Companion,
    Condition,
    Control,
    EnsureBlock,
    Entries,
    Remove,
    SetAttribute,
    Setting,
    TerraformFix,
    Variant,
    Want,
)

SHIPPED = load_catalogue()


def told(*variants: Variant) -> list[str]:
    return list(describe(TerraformFix(("aws_t",), (), variants)))


@pytest.mark.parametrize("control", SHIPPED.controls, ids=lambda control: control.id)
def test_every_recipe_can_be_told(control: Control) -> None:
    for fix in control.fixes:
        lines = describe(fix)
        assert len(lines) >= len(fix.variants)
        assert all(line.lstrip().startswith("- ") and "`None`" not in line for line in lines)


@pytest.mark.parametrize(
    ("want", "words"),
    [
        (Want(equals=True), "is `true`"),
        (Want(equals=Entries((("Key", "a"), ("Value", True)))), "is `{Key: a, Value: true}`"),
        (Want(equals=("a", 1)), "is `[a, 1]`"),
        (Want(equals=Setting("key", "alias")), "is set; where it is not, it becomes your setting `key`, or `alias`"),
        (
            Want(equals=Setting("key")),
            "is set; where it is not, it becomes your setting `key`, and without one the fix is declined",
        ),
        (Want(at_least=7), "is at least 7"),
        (Want(at_least=Setting("days", 7)), "is at least your setting `days`, or `7`"),
        (Want(at_most=90), "is at most 90, and not 0"),
        (Want(one_of=("a",)), "is `a`"),
        (Want(one_of=("a", "b")), "is one of `a`, `b`; the first is written"),
        (Want(includes=("a", "b")), "holds `a`, `b`; what else it holds stays"),
    ],
)
def test_each_want_has_words(want: Want, words: str) -> None:
    assert told(Variant((), (SetAttribute("x", want),))) == [f"- `x` {words}"]


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (Condition(target="aws_t"), "the finding is about `aws_t`"),
        (Condition(style="inline"), "S3 settings are written inside the bucket"),
        (Condition(style="separate"), "S3 settings are resources"),
        (Condition("a", present=True), "`a` is written"),
        (Condition("a", present=False), "`a` is not written"),
        (Condition("a", one_of=("x", "y")), "`a` is one of `x`, `y`"),
        (Condition("a", not_matching="^t2"), "`a` is known and does not match `^t2`"),
        (Condition("a", equals=False), "`a` is `false`"),
        (Condition("a", written="NONE"), "`a` is written as `NONE`"),
    ],
)
def test_each_condition_has_words(condition: Condition, words: str) -> None:
    assert told(Variant((condition,), decline="no  way")) == [f"- where {words}: declined: no way"]


def test_steps_stand_under_what_they_are_in() -> None:
    block = EnsureBlock("b", (SetAttribute("on", Want(equals=True)),), (Remove("old"),))
    companion = Companion("aws_c", {"of": "id"}, (block,))
    assert told(Variant((Condition(style="inline"),), (Remove("x"),)), Variant((), (companion,))) == [
        "- where S3 settings are written inside the bucket:",
        "  - there is no `x`",
        "- otherwise:",
        "  - there is an `aws_c` whose `of` is the target's `id`, and in it:",
        "    - there is one `b`:",
        "      - `on` is `true`",
        "      - where it has to be made, it is made with:",
        "        - there is no `old`",
    ]


def test_lists_and_references_of_templates_have_words() -> None:
    companion = Companion("AWS::T::C", {"Of": "Ref", "Arn": "GetAtt.Arn"}, (EnsureBlock("A.B[]", ()),))
    assert told(Variant((), (companion,))) == [
        "- there is an `AWS::T::C` whose `Of` is the target's name or id (`Ref`), `Arn` is the target's `Arn`, and in it:",
        "  - there is one item in the list `A.B`",
    ]
