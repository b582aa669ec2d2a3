"""Our apply and git's own, on the same generated diffs. `python -m benchmarks.against_git` takes thousands."""

from pathlib import Path

from tests.support.git_apply import Outcome, compare, samples

COUNT = 300


def test_where_both_apply_a_diff_the_bytes_are_the_same_and_every_difference_has_its_reason(tmp_path: Path) -> None:
    found = [(compare(tmp_path, sample), sample) for sample in samples(20260101, COUNT)]
    unexplained = {Outcome.OTHER_BYTES, Outcome.ONLY_GIT, Outcome.ONLY_US}
    assert [sample for outcome, sample in found if outcome in unexplained] == []
    assert sum(outcome is Outcome.SAME for outcome, _ in found) > COUNT / 2
    assert all(sample.twists for outcome, sample in found if outcome not in {Outcome.SAME, Outcome.AMBIGUOUS})
