from rich.console import Console
from tests.support.repositories import finding

from iacfix.domain.outcome import Outcome, Status
from iacfix.domain.proposal import Usage
from iacfix.entry.cli.text import show_outcomes

CALL = Usage(1_200, 150, 900, 300, 0, 1_400)


def shown(*outcomes: Outcome) -> str:
    console = Console(width=200, force_terminal=False)
    with console.capture() as captured:
        show_outcomes(console, outcomes)
    return captured.get()


def outcome(*usage: Usage) -> Outcome:
    what = finding("CKV_AWS_7", "aws_kms_key.a")
    return Outcome(what, Status.GENERATION_FAILED, "no", generator="model:m", attempts=len(usage), usage=usage)


def test_tokens_are_told_for_each_finding_and_in_all() -> None:
    text = " ".join(shown(outcome(CALL, CALL), outcome(CALL)).split())
    assert "attempt 2; tokens: 3,000 in (2,800 estimated, 600 from the cache), 300 out" in text
    assert "3 model calls for 2 findings; tokens: 4,500 in (4,200 estimated, 900 from the cache), 450 out" in text


def test_without_a_model_no_tokens_are_spoken_of() -> None:
    assert "token" not in shown(outcome())


def test_attempts_tokens_and_cost_stand_in_a_row_for_each_finding_with_their_sums() -> None:
    paid = Usage(1_200, 150, 900, 300, 0, 1_400, 4_500)
    lines = [line.rstrip() for line in shown(outcome(paid, paid), outcome(paid), outcome()).splitlines()]
    lines = lines[lines.index("Model") :]
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in lines if "│" in line]
    failed = "generation failed"
    assert rows == [
        ["CKV_AWS_7 aws_kms_key.a", failed, "2", "2", "3,000", "300", "0.0090"],
        ["CKV_AWS_7 aws_kms_key.a", failed, "1", "1", "1,500", "150", "0.0045"],
        ["all", "", "3", "3", "4,500", "450", "0.0135"],
    ]
    assert "; $0.0135" in lines[-1]


def test_without_prices_no_cost_is_spoken_of() -> None:
    text = shown(outcome(CALL))
    assert "US dollars" not in text
    assert "$" not in text
