from benchmarks.notified import measured


def test_whoever_is_killed_leaves_no_second_ticket() -> None:
    counts = measured(findings=6, workers=1, kills=2)
    assert counts.kills >= 1
    assert (counts.tickets, counts.findings_with_several_tickets, counts.closed) == (6, 0, 3)
    assert counts.messages - counts.messages_twice == 9
