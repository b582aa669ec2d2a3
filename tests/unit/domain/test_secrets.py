import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from iacfix.domain.secrets import REDACTED, find_secrets, redact

ACCESS_KEY_ID = "AKIAIOSFODNN7EXAMPLE"
SECRET_ACCESS_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7\nq1w2e3r4\n-----END RSA PRIVATE KEY-----"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N"


def secrets_of(text: str) -> list[str]:
    return [text[span.start : span.end] for span in find_secrets(text)]


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"access_key = {ACCESS_KEY_ID}", ACCESS_KEY_ID),
        (f"# the key was {ACCESS_KEY_ID}.", ACCESS_KEY_ID),
        ("id: ASIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE"),
        (f'secret_key = "{SECRET_ACCESS_KEY}"', SECRET_ACCESS_KEY),
        (f"AWS_SECRET_ACCESS_KEY={SECRET_ACCESS_KEY}", SECRET_ACCESS_KEY),
        (f'{{"secretAccessKey":"{SECRET_ACCESS_KEY}"}}', SECRET_ACCESS_KEY),
        (f"key <<EOF\n{PEM}\nEOF", PEM),
        ("t = ghp_" + "a1B2" * 9, "ghp_" + "a1B2" * 9),
        ("t: github_pat_" + "a1_B2" * 6, "github_pat_" + "a1_B2" * 6),
        ("glpat-" + "x1Y-z" * 4, "glpat-" + "x1Y-z" * 4),
        ("xoxb-" + "123456789012-abc", "xoxb-123456789012-abc"),
        ("https://hooks.slack.com/services/T0000/B0000/abcdef0123456789", "T0000/B0000/abcdef0123456789"),
        ("sk_live_" + "4eC39HqLyjWDarjtT1", "sk_live_4eC39HqLyjWDarjtT1"),
        ("AIza" + "Sy0123456789abcdefghijklmnopqrstuvw"[:35], "AIza" + "Sy0123456789abcdefghijklmnopqrstuvw"[:35]),
        (f"Cookie: {JWT};", JWT),
        ("postgres://app:s3cr3t!@db.internal:5432/app", "s3cr3t!"),
        ("redis://:hunter2@cache:6379", "hunter2"),
        ("Server=db;Password=hunter2", "hunter2"),
        ('password = "hunter2"', "hunter2"),
        ('master_password="with \\" a quote"', 'with \\" a quote'),
        ("  MasterUserPassword: hunter", "hunter"),
        ("password: 'it is long'", "it is long"),
        ("export DB_PASSWD=hunter\n", "hunter"),
        ('"api_key": "abc",', "abc"),
        ('tunnel1_preshared_key = "abcdefgh"', "abcdefgh"),
        ('secret_string = "{\\"user\\":\\"a\\"}"', '{\\"user\\":\\"a\\"}'),
        ('user_data = "{\\"password\\": \\"hunter2\\"}"', "hunter2"),
        ('command = "TOKEN=abc1 ./run"', "abc1"),
        ("mysql --password hunter2", "hunter2"),
        ('{ name = "DB_PASSWORD", value = "hunter2" }', "hunter2"),
        ("- name: DB_PASSWORD\n  value: hunter2\n", "hunter2"),
        ('variable "db_password" {\n  type = string\n  default = "hunter2"\n}', "hunter2"),
        ('  type = "SecureString"\n  value = "hunter2"\n', "hunter2"),
        ('  value = "hunter2"\n  type = "SecureString"\n', "hunter2"),
        ('encryption_key = "Zm9vYmFyQmF6MTIzNDU2Nzg5MFF3RXJUeQ"', "Zm9vYmFyQmF6MTIzNDU2Nzg5MFF3RXJUeQ"),
        ("Authorization: Bearer aB3dE6gH9jK2mN5pQ8sT1", "aB3dE6gH9jK2mN5pQ8sT1"),
        ('+  password = "hunter2"', "hunter2"),
    ],
)
def test_a_secret_is_found_as_far_as_it_reaches(text: str, secret: str) -> None:
    assert secrets_of(text) == [secret]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "password = var.db_password",
        "password = random_password.db.result",
        'password = "${var.db_password}"',
        'password = "${aws_secretsmanager_secret_version.db.secret_string}"',
        'password = "aws_db_instance.db.password"',
        'password = data.aws_ssm_parameter.db["a"].value',
        'password = file("password.txt")',
        "password = null",
        'password = ""',
        "manage_master_user_password = true",
        "object({ password = string, token = optional(string) })",
        'secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf"',
        'secret_arn = "db"',
        "minimum_password_length = 14",
        "token = 3600",
        'http_tokens = "required"',
        'access_token = "hours"',
        'creation_token = "my-file-system"',
        'actions = ["secretsmanager:GetSecretValue", "sts:GetSessionToken"]',
        'resource "aws_secretsmanager_secret" "db" {}',
        "MasterUserPassword: !Ref Password",
        "MasterUserPassword: '{{resolve:secretsmanager:db:SecretString:password}}'",
        "token: ${{ secrets.TOKEN }}",
        'password = "/prod/db/password"',
        'token = "https://example.com/token"',
        "Hard-coded password: use a variable instead",
        "the password is in the vault",
        'key = "state/network/terraform.tfstate"',
        'kms_key_id = "3f2504e0-4f89-11d3-9a0c-0305e82c3301"',
        'kms_master_key = "arn:aws:kms:eu-west-1:123456789012:key/3f2504e0-4f89-11d3-9a0c-0305e82c3301"',
        'auth = "123456789012"',
        'key = "9d5f0e1d2c3b4a5968778695a4b3c2d1e0f00112"',
        'key = "subnet-0a1b2c3d4e5f60718"',
        'source_code_hash = "kQ0n5Zr8xT1vB7yL3mW9cF2hJ6pD4sG8aN0eR5uI1oE="',
        'yor_trace = "3f2504e0-4f89-11d3-9a0c-0305e82c3301"',
        'git_commit = "9d5f0e1d2c3b4a5968778695a4b3c2d1e0f00112"',
        'password = "IACFIX_SECRET_3"',
        "http://localhost:8080/a@b",
        "postgres://app:${var.password}@db/app",
        'variable "db_password" {\n  type = string\n}\n\nvariable "name" {\n  default = "web"\n}',
    ],
)
def test_what_is_no_secret_is_left_alone(text: str) -> None:
    assert secrets_of(text) == []


@pytest.mark.parametrize(
    ("text", "secrets"),
    [
        ('password = coalesce(var.p, "hunter2")', ["hunter2"]),
        ('password = var.p != "" ? var.p : "hunter2"\n', ["hunter2"]),
        ('password = var.env == "prod" ? var.p : "hunter2"\n', ["hunter2"]),
        ('password = lookup(var.map, "key", "hunter2")', ["hunter2"]),
        ('password = try(data.x["a"], "hunter2")', ["hunter2"]),
        ('password = "${coalesce(var.p, "hunter2")}"', ["hunter2"]),
        ('password = "${var.prefix}hunter2abc${var.b}"', ["hunter2abc"]),
        ('password = sensitive(\n  "hunter2"\n)\n', ["hunter2"]),
        ('password = base64encode("hunter2")', ["hunter2"]),
        ('passwords = ["one1", "two2"]', ["one1", "two2"]),
        ('secret_string = jsonencode({ username = "root", password = "hunter2" })', ["root", "hunter2"]),
        ('secret_string = jsonencode({\n  "a" = "x1"\n  "b" : "y2"\n})', ["x1", "y2"]),
        ("password = <<EOF\nhunter2\nEOF\n", ["hunter2"]),
        ("password = trimspace(<<-EOF\n  hunter2\n  three\n  EOF\n)", ["hunter2", "three"]),
        ("password: |\n  hunter2\n  three\nother: x\n", ["hunter2", "three"]),
        ("  password: >-\n    hunter2\n  user: x\n", ["hunter2"]),
        ('"password":\n    "hunter2"\n', ["hunter2"]),
        ("Password: !Sub 'hunter2-${AWS::StackName}'", ["hunter2-${AWS::StackName}"]),
        ('"Password": {"Fn::Sub": "hunter2${X}"}', ["hunter2${X}"]),
        ("  DBPassword:\n    Type: String\n    NoEcho: true\n    Default: hunter2\n", ["hunter2"]),
        ('"DBPassword": {"Type": "String", "Default": "hunter2"}', ["hunter2"]),
        ('variable "token" {\n  default = <<EOF\nhunter2\nEOF\n}', ["hunter2"]),
        ('{ value = "hunter2", name = "DB_PASSWORD" }', ["hunter2"]),
        ('key = "Password"\nvalue = "hunter2"', ["hunter2"]),
        ('db_password_prod = "hunter2"', ["hunter2"]),
        ('password1 = "hunter2"', ["hunter2"]),
        ("# the password is hunter2, do not tell", ["hunter2"]),
        ("curl -u admin:hunter2 https://x", ["hunter2"]),
        ("echo 'root:hunter2' | sudo chpasswd", ["hunter2"]),
        ("sshpass -p hunter2 ssh x", ["hunter2"]),
        ("CREATE USER a IDENTIFIED BY 'hunter2';", ["hunter2"]),
        ("ALTER ROLE a WITH PASSWORD 'hunter2';", ["hunter2"]),
        ("dsn app:hunter2@tcp(db:3306)/app", ["hunter2"]),
        ("jdbc:postgresql://db/app?user=a&password=hunter2", ["hunter2"]),
        ("Authorization: Basic YWRtaW46YWRtaW4=", ["YWRtaW46YWRtaW4="]),
        (f"aws {ACCESS_KEY_ID} {SECRET_ACCESS_KEY}", [ACCESS_KEY_ID, SECRET_ACCESS_KEY]),
        ("t = dapi" + "0123456789abcdef" * 2, ["dapi" + "0123456789abcdef" * 2]),
        ("t = hf_" + "aB3" * 11, ["hf_" + "aB3" * 11]),
        (
            "user_data_base64 = IyEvYmluL3NoCmV4cG9ydCBEQl9QQVNTV09SRD1odW50ZXIyCg==",
            ["IyEvYmluL3NoCmV4cG9ydCBEQl9QQVNTV09SRD1odW50ZXIyCg=="],
        ),
        ("AKIA\u200bIOSFODNN7EXAMPLE", ["AKIA\u200bIOSFODNN7EXAMPLE"]),
        ('pass\u2060word = "hunter2"', ["hunter2"]),
    ],
)
def test_a_secret_is_found_where_it_is_no_plain_value(text: str, secrets: list[str]) -> None:
    assert secrets_of(text) == secrets


@pytest.mark.parametrize(
    "text",
    [
        'password = lookup(var.passwords, "db")',
        'password = jsondecode(data.x.secret_string)["password"]',
        'password = file("${path.module}/password.txt")',
        'password = var.env == "prod" ? var.a : var.b',
        'password = "${var.a}-${var.b}"',
        'password = "${var.env}/db"',
        '"MasterUserPassword": {"Ref": "DBPassword"}',
        '"MasterUserPassword": {"Fn::Join": ["", ["{{resolve:secretsmanager:", "x"]]}',
        "password: |\nother: x\n",
        "DBPassword:\n  Type: String\n  NoEcho: true\n\nName:\n  Default: web\n",
        "the password was changed",
        "the token is 3600 seconds",
        "basic authentication",
        'arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders-Ab12Cd"',
        "password = <<EOF\n${var.password}\nEOF\n",
        "user_data_base64 = IyEvYmluL3NoCmVjaG8gaGVsbG8gd29ybGQgYW5kIG1vcmUK",
    ],
)
def test_what_stands_beside_it_is_left_alone(text: str) -> None:
    assert secrets_of(text) == []


def test_redacted_text_keeps_everything_else() -> None:
    text = f'a = 1\npassword = "hunter2"\nb = "{ACCESS_KEY_ID}"\n'

    assert redact(text) == f'a = 1\npassword = "{REDACTED}"\nb = "{REDACTED}"\n'


def test_a_key_without_its_end_is_hidden_to_where_it_stops() -> None:
    assert redact('x = "-----BEGIN PRIVATE KEY-----\\nMIIEabc"\ny = 1') == f'x = "{REDACTED}"\ny = 1'


PIECES = ("password", "secret", "name", "value", "://", "eyJ", *"aA1=:\"'\\ \n-_.@/${}[]+")


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_spans_are_ordered_apart_and_inside_the_text(text: str) -> None:
    at = 0
    for span in find_secrets(text):
        assert at <= span.start < span.end <= len(text)
        at = span.end


@given(st.lists(st.sampled_from(PIECES)).map("".join))
@example("password=hunter2")
@example("password: 'hunter2'")
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    once = redact(text)

    assert redact(once) == once


@pytest.mark.parametrize(
    "unit",
    [
        "password=",
        "password:",
        "password: ",
        "password='",
        'password="',
        'password="\\"',
        "a" * 64,
        "://a:",
        "://:@",
        "eyJ",
        "eyJabcdefgh.",
        "-----BEGIN PRIVATE KEY-----",
        "-",
        " ",
        'variable "secret" ',
        '"SecureString" ',
        "name=secret ",
        "--password ",
        "password=${",
        "\n}",
        'password=f("',
        "password={",
        "password = [",
        'password = "${',
        "password=<<A\n",
        "password: |\n ",
        "AKIAIOSFODNN7EXAMPLE ",
        "-u a:",
        "secret:\n",
        "YWRt",
        "\u200b",
    ],
)
def test_hostile_repetition_is_read_to_its_end(unit: str) -> None:
    text = unit * (200_000 // len(unit)) + f"\n{ACCESS_KEY_ID}"

    assert secrets_of(text)[-1].endswith(ACCESS_KEY_ID)


@pytest.mark.parametrize("before", ["&it ", "!!str ", "&it !!str ", "!!str &it ", "! "])
@pytest.mark.parametrize("value", ['"hunter2-and-more"', "hunter2-and-more"])
def test_an_anchor_or_a_tag_of_text_hides_no_secret(before: str, value: str) -> None:
    assert (
        redact(f"  Password: {before}{value}\n")
        == f"  Password: {before}{value.replace('hunter2-and-more', REDACTED)}\n"
    )


@pytest.mark.parametrize(
    "text", ["Password: &it !Ref DbPassword\n", "Password: &it *other\n", "Password: &it\n  Ref: Db\n"]
)
def test_what_stands_for_a_secret_behind_an_anchor_is_none(text: str) -> None:
    assert not find_secrets(text)
