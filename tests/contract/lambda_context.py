from dataclasses import dataclass, field


@dataclass
class Context:
    """What Lambda hands over. `left` are the answers to how many milliseconds remain, the last one for ever."""

    left: list[int] = field(default_factory=lambda: [300_000])
    function_name: str = "iacfix"
    function_version: str = "1"
    invoked_function_arn: str = "arn:aws:lambda:eu-west-1:123456789012:function:iacfix"
    memory_limit_in_mb: int = 1024
    aws_request_id: str = "11111111-2222-3333-4444-555555555555"
    log_group_name: str = "/aws/lambda/iacfix"
    log_stream_name: str = "2026/11/01/[1]abc"
    identity: None = None
    client_context: None = None

    def get_remaining_time_in_millis(self) -> int:
        return self.left.pop(0) if len(self.left) > 1 else self.left[0]
