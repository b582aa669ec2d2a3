"""The names that tools give to their checks: one form for all spellings, patterns, and names that are near."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from iacfix.domain.standards import rule_of

SECURITY_HUB = "security_hub"
# Keys of the catalogue that hold rules of older standards, and how these begin where a finding is read.
STANDARDS: Mapping[str, str] = {
    "cis_1_2": "CIS.1.2.0/",
    "cis_1_4": "CIS.1.4.0/",
    "cis_3_0": "CIS.3.0.0/",
    "pci_3_2_1": "",
}
PATTERNS = frozenset({"wiz"})
"""Tools whose rules are known by what they are called, and each release may call them a little differently."""
# What `*` stands for in a pattern, any number of them: words that say no more than that something is amiss.
FILLERS = frozenset(
    {"a", "all", "an", "are", "be", "configured", "disabled", "enabled", "enforced", "ha", "have", "i", "must", "not"}
    | {"set", "setting", "should", "the", "with", "without"}  # in the singular, as all words here: `is`, `has`
)

# What Security Hub and conformance packs add to the name of a managed rule.
_CONFIG = re.compile(r"(?:securityhub-)?(?P<rule>.+?)(?:-[0-9a-f]{8}|-conformance-pack-[a-z0-9]+)?")
LONGEST = 200  # characters of a name that is looked at: no tool has one that long
NEAR = 0.8


def canonical(tool: str, name: str) -> tuple[str, str]:
    """The tool and the name as the catalogue keeps them; every spelling of a check gives the same pair."""
    name = name.strip()[:LONGEST]
    if tool in STANDARDS:
        return SECURITY_HUB, (STANDARDS[tool] + name).lower()
    if tool == SECURITY_HUB and (rule := rule_of(name)) is not None:
        name = rule.check_id
    name = name.lower()
    if tool == "trivy":
        name = name.removeprefix("avd-")
    elif tool == "prowler":
        name = name.removeprefix("prowler-")
    elif tool == "config" and (match := _CONFIG.fullmatch(name.replace("_", "-"))) is not None:
        name = match["rule"]
    return tool, name


def told(tool: str, name: str) -> str:
    """As people and findings write it: `CIS.1.2.0/2.9` for the 2.9 of `cis_1_2`."""
    return STANDARDS.get(tool, "") + name


def matches(pattern: str, text: str) -> bool:
    """Whether the words of the text are those of the pattern, where `*` stands for any number of FILLERS."""
    words = _words(text)
    at = 0
    for wanted in _words(pattern):
        if wanted == "*":
            while at < len(words) and words[at] in FILLERS:
                at += 1
        elif at < len(words) and words[at] == wanted:
            at += 1
        else:
            return False
    return at == len(words)


def shape(name: str) -> tuple[str, str]:
    """The letters and the numbers of a name, without what people leave out: `ckv-aws-018` is `CKV_AWS_18`."""
    numbers = "/".join(number.lstrip("0") or "0" for number in re.findall(r"[0-9]+", name[:LONGEST]))
    return " ".join(re.findall(r"[a-z]+", name[:LONGEST].lower())), numbers


def near(name: str, letters_by_numbers: Mapping[str, Iterable[str]]) -> list[str]:
    """The letters of known names that are close to this one's; another number is another check."""
    letters, numbers = shape(name)
    return get_close_matches(letters, letters_by_numbers.get(numbers, ()), n=3, cutoff=NEAR) if letters else []


def _words(text: str) -> list[str]:
    return [word.removesuffix("s") or word for word in re.findall(r"[a-z0-9]+|\*", text[:LONGEST].lower())]
