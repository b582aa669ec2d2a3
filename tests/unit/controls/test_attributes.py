from iacfix.controls import load_catalogue
from iacfix.controls.attributes import attributes
from iacfix.domain.control import (
    Companion,
    Condition,
    Control,
    EnsureBlock,
    Remove,
    Risk,
    SetAttribute,
    TerraformFix,
    Variant,
    Want,
)

ON = Want(equals=True)


def control(*variants: Variant, targets: tuple[str, ...] = ("aws_a",)) -> Control:
    return Control("c", "t", "w", "s3", Risk.LOW, {}, (), TerraformFix(targets, (), variants))


def test_every_verb_says_what_it_touches() -> None:
    steps = (
        SetAttribute("x.y", ON),
        EnsureBlock("outer", (EnsureBlock("inner", (SetAttribute("on", ON), Remove("off"))),)),
        Remove("gone"),
        Companion("aws_b", {"a": "id"}, (SetAttribute("z", ON), EnsureBlock("rule", (SetAttribute("on", ON),)))),
    )
    assert attributes(control(Variant((), steps))) == {
        "aws_a": {"x.y", "outer.inner.on", "outer.inner.off", "gone"},
        "aws_b": {"z", "rule.on"},
    }


def test_a_companion_within_a_block_stands_on_its_own() -> None:
    steps = (EnsureBlock("outer", (Companion("aws_b", {}, (SetAttribute("z", ON),)),)),)
    assert attributes(control(Variant((), steps))) == {"aws_b": {"z"}}


def test_a_variant_speaks_of_the_type_that_it_names_else_of_all() -> None:
    named = Variant((Condition(target="aws_b"), Condition(attribute="q", present=True)), (SetAttribute("b", ON),))
    others = Variant((Condition(attribute="q", present=False),), (SetAttribute("all", ON),))
    found = attributes(control(named, others, targets=("aws_a", "aws_b")))
    assert found == {"aws_a": {"all"}, "aws_b": {"all", "b"}}


def test_what_is_only_declined_touches_nothing() -> None:
    assert attributes(control(Variant((), decline="by hand"))) == {}


def test_every_control_of_the_catalogue_says_what_it_touches() -> None:
    for known in load_catalogue().controls:
        touched = attributes(known)
        if known.terraform is None:
            assert touched == {}
            continue
        assert set(touched) <= {*known.terraform.targets, *known.terraform.companions}, known.id
        assert all(path and not path.startswith(".") for paths in touched.values() for path in paths), known.id
        if any(variant.steps for variant in known.terraform.variants):
            assert touched, known.id
