from benchmarks.notified import measured


def test_whoever_is_killed_leaves_no_second_ticket() -> None:
    counts = measured(findings=8, workers=2, kills=2)
    assert counts.kills == 2
    assert (counts.tickets, counts.findings_with_several_tickets, counts.closed) == (8, 0, 4)
    assert counts.messages - counts.messages_twice == 12
