"""What the catalogue knows of a weakness, for the language that the code is written in."""

import re
from dataclasses import replace

from iacfix.controls.words import describe
from iacfix.domain.control import LanguageFix
from iacfix.domain.location import Framework
from iacfix.generation.context import FixContext
from iacfix.generation.model import budget

# What must hold may be so many times as long as another fact: a control with a case for each port has more than help.
TIMES = 4
_NAMED = re.compile(r"`([A-Za-z][\w.\[\]]*)`")


def fix_of(context: FixContext) -> LanguageFix | None:
    control = context.control
    if control is None:
        return None
    terraform = context.location.framework is Framework.TERRAFORM
    return control.terraform if terraform else control.cloudformation


def companions_of(context: FixContext) -> tuple[str, ...]:
    fix = fix_of(context)
    return fix.companions if fix is not None else ()


def control_facts(context: FixContext, longest: int) -> dict[str, str] | None:
    """None where the catalogue does not know the check. `longest`: bytes of a field that a scanner would write."""
    control = context.control
    if control is None:
        return None
    return {
        "title": budget.clipped(control.title.rstrip("."), longest),
        "why": budget.clipped(" ".join(control.why.split()), 2 * longest),
        "effect": budget.clipped(" ".join(control.effect.split()), 2 * longest),
        "risk": control.risk.value,
        "facts": budget.cut(_conditions(context), TIMES * longest).rstrip("\n"),
    }


def setting_words(context: FixContext) -> frozenset[str]:
    """Names of settings that the control is about: lines that hold them are shown whatever else is left out."""
    names = (part for name in _NAMED.findall(_conditions(context)) for part in name.replace("[]", "").split("."))
    return frozenset(name for name in names if len(name) > 2)  # noqa: PLR2004 - id is in every line


def _conditions(context: FixContext) -> str:
    """The cases that can be meant: those of other resource types are left out."""
    fix = fix_of(context)
    if fix is None:
        return ""
    meant = tuple(
        variant
        for variant in fix.variants
        if all(condition.target in {"", context.resource_type} for condition in variant.when)
    )
    return "\n".join(describe(replace(fix, variants=meant if context.resource_type else fix.variants)))
