"""Whatever holds a secret, and wherever it stands in what a model is shown: it is not sent."""

from hypothesis import given
from hypothesis import strategies as st

from iacfix.domain.finding import CloudResource, Finding
from iacfix.domain.location import Framework, Location
from iacfix.domain.proposal import Usage
from iacfix.domain.unseen import without_unseen
from iacfix.generation.context import FixContext, RejectedAttempt, RelatedBlock
from iacfix.generation.model.generator import ModelGenerator
from iacfix.ports import ModelReply, ModelRequest, StopReason

VALUES = ("hunter2hunter2", "Tr0ub4dor-and-3", "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY12")
SECRETS = st.sampled_from(VALUES)
WRAPPERS = st.sampled_from(
    [
        'password = "{}"',
        'password = coalesce(var.p, "{}")',
        'password = var.p == "" ? "{}" : var.p',
        "password = <<EOF\n{}\nEOF",
        'secret_string = jsonencode({{ user = "a", password = "{}" }})',
        "user_data = <<-EOF\n  export DB_PASSWORD={}\n  EOF",
        'user_data = "{{\\"password\\": \\"{}\\"}}"',
        "password: |\n  {}\n",
        '{{"password": "{}"}}',
        "postgres://app:{}@db.internal/app",
        "app:{}@tcp(db:3306)/app",
        "curl -u app:{} https://x",
        "# the password is {}",
        '{{ name = "DB_PASSWORD", value = "{}" }}',
        'variable "token" {{\n  default = "{}"\n}}',
        "pass\u200bword={}",
    ]
)  # fmt: skip
TEXTS = st.builds(str.format, WRAPPERS, SECRETS)
PLAIN = st.sampled_from(["", "x = 1\n", "}\n", "\u202e", "# é\n", '"', "```", "\r\n"])
SHOWN = st.lists(st.one_of(TEXTS, SECRETS, PLAIN), max_size=3).map("\n".join)


class Listener:
    id = "listener"

    def __init__(self) -> None:
        self.heard = ""

    def ask(self, request: ModelRequest) -> ModelReply:
        self.heard += "\n".join((request.system, *request.turns))
        return ModelReply("no diff", StopReason.END, Usage())


@given(TEXTS, SHOWN, SHOWN, SHOWN, SHOWN)
def test_no_prompt_holds_a_secret(target: str, related: str, title: str, path: str, reason: str) -> None:
    """What the target tells to be one is hidden everywhere, a bare word elsewhere too."""
    context = FixContext(
        Finding("checkov", title, "CKV_1", title, CloudResource("aws_db_instance", title)),
        None,
        Location(path, path, Framework.TERRAFORM, 0, 1, 1, 1, (), 1.0),
        target,
        (RelatedBlock(path, title, related), RelatedBlock("a.tf", "var.a", reason)),
    )
    listener = Listener()
    generator = ModelGenerator(listener, max_tokens=100)

    generator.generate(context, ())
    generator.generate(context, [RejectedAttempt(f"-{target}\n+{related}", "apply", f"near {reason}")])

    heard = without_unseen(listener.heard)[0]
    assert [value for value in VALUES if value in target and value in heard] == []
    assert "AKIA" not in heard
