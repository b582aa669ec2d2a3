import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacfix.domain.errors import DocumentError
from iacfix.iac.terraform import state as state_module
from iacfix.iac.terraform.state import State, StateInstance

SECRET = "correct-horse-battery-staple"
ARN = "arn:aws:s3:::acme-logs"


def instance(key: object = None, **attributes: object) -> dict[str, object]:
    found: dict[str, object] = {"schema_version": 0, "attributes": attributes, "sensitive_attributes": []}
    return found if key is None else {"index_key": key, **found}


def resource(kind: str, name: str, *instances: object, module: str = "", mode: str = "managed") -> dict[str, object]:
    made: dict[str, object] = {"mode": mode, "type": kind, "name": name, "instances": list(instances)}
    return {"module": module, **made} if module else made


def written(*resources: object, version: object = 4, **more: object) -> bytes:
    top = {"version": version, "terraform_version": "1.9.0", "serial": 3, "resources": list(resources), **more}
    return json.dumps(top).encode()


def read(*resources: object) -> State:
    return State.read(written(*resources))


def addresses(found: tuple[StateInstance, ...]) -> list[str]:
    return [each.address for each in found]


BUCKET = resource("aws_s3_bucket", "logs", instance(arn=ARN, id="acme-logs", bucket="acme-logs"))
POLICY = resource("aws_s3_bucket_policy", "logs", instance(id="acme-logs", bucket="acme-logs"))


@pytest.mark.parametrize(
    ("identifiers", "types", "expected", "by"),
    [
        ((ARN,), (), ["aws_s3_bucket.logs"], "arn"),
        ((ARN, "acme-logs"), (), ["aws_s3_bucket.logs"], "arn"),
        (("acme-logs",), ("aws_s3_bucket",), ["aws_s3_bucket.logs"], "id"),
        (("acme-logs",), (), ["aws_s3_bucket.logs", "aws_s3_bucket_policy.logs"], "id"),
        (("acme-log",), (), [], ""),
        (("acme-logs",), ("aws_sqs_queue",), [], ""),
        (("",), (), [], ""),
        ((), (), [], ""),
    ],
)
def test_an_instance_is_found_by_what_names_it_exactly(
    identifiers: tuple[str, ...], types: tuple[str, ...], expected: list[str], by: str
) -> None:
    found = read(BUCKET, POLICY).find(identifiers, types)
    assert addresses(found) == expected
    assert {each.matched_by for each in found} <= {by}


def test_a_name_is_looked_at_only_in_the_attribute_that_is_the_types_own() -> None:
    state = read(
        resource("aws_db_instance", "x", instance(arn="a:1", id="db-1", identifier="orders", db_name="shop")),
        resource("aws_eks_node_group", "x", instance(id="c:n", node_group_name="n", cluster_name="c")),
        resource("aws_subnet", "x", instance(id="subnet-1", vpc_id="vpc-1")),
    )
    assert addresses(state.find(["orders"], ("aws_db_instance",))) == ["aws_db_instance.x"]
    assert state.find(["shop"], ("aws_db_instance",)) == ()
    assert state.find(["orders"]) == ()
    assert state.find(["vpc-1"], ("aws_subnet",)) == ()
    (found,) = state.find(["n"], ("aws_eks_node_group",), lambda _: ("node_group_name",))
    assert found.matched_by == "node_group_name"


def test_a_log_group_is_found_with_and_without_its_star() -> None:
    arn = "arn:aws:logs:eu-west-1:1:log-group:/aws/x"
    for there, sought in ((arn, f"{arn}:*"), (f"{arn}:*", arn)):
        assert read(resource("aws_cloudwatch_log_group", "x", instance(arn=there))).find([sought])


def test_a_self_link_and_an_address_of_a_queue_name_as_well_as_an_arn() -> None:
    state = read(
        resource("google_storage_bucket", "x", instance(self_link="https://x/b")),
        resource("aws_sqs_queue", "x", instance(url="https://sqs.eu-west-1.amazonaws.com/1/q")),
    )
    assert addresses(state.find(["https://x/b"])) == ["google_storage_bucket.x"]
    assert addresses(state.find(["https://sqs.eu-west-1.amazonaws.com/1/q"])) == ["aws_sqs_queue.x"]


@pytest.mark.parametrize(
    ("module", "names", "keys"),
    [
        ("", (), ()),
        ("module.logs", ("logs",), (None,)),
        ("module.a[0].module.b-c", ("a", "b-c"), (0, None)),
        ('module.a["x.y"].module.b[0]', ("a", "b"), ("x.y", 0)),
        ('module.a["].module.b["].module.c', ("a", "c"), ("].module.b[", None)),
        ('module.a["a \\"b\\" \\\\ $${c}"]', ("a",), ('a "b" \\ ${c}',)),
        ("module.module", ("module",), (None,)),
    ],
)
def test_a_module_path_is_read_with_its_keys(module: str, names: tuple[str, ...], keys: tuple[object, ...]) -> None:
    (found,) = read(resource("aws_s3_bucket", "this", instance(0, arn=ARN), module=module)).find([ARN])
    assert (found.module, found.module_keys) == (names, keys)
    assert found.address == f"{module}." * bool(module) + "aws_s3_bucket.this[0]"
    assert found.block_address == "aws_s3_bucket.this"


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        (None, ""),
        (0, "[0]"),
        (12, "[12]"),
        ("a", '["a"]'),
        ("a.b", '["a.b"]'),
        ('a"b\\', '["a\\"b\\\\"]'),
        ("${x}%{y}\n", '["$${x}%%{y}\\n"]'),
        ("\u202e", '["\\U0000202e"]'),
        ("é", '["é"]'),
    ],
)
def test_the_key_of_an_instance_is_written_as_terraform_does(key: object, shown: str) -> None:
    (found,) = read(resource("aws_s3_bucket", "this", instance(key, arn=ARN))).find([ARN])
    assert (found.index_key, found.address) == (key, f"aws_s3_bucket.this{shown}")


def test_data_sources_and_deposed_objects_are_left_out() -> None:
    deposed = {**instance(arn=ARN), "deposed": "5d1f0c21"}
    state = read(
        resource("aws_s3_bucket", "read", instance(arn=ARN), mode="data"),
        resource("aws_s3_bucket", "logs", deposed, instance(arn=f"{ARN}-2")),
        resource("aws_s3_bucket", "gone"),
    )
    assert state.find([ARN]) == ()
    assert addresses(state.instances) == ["aws_s3_bucket.logs"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"{", "line 1"),
        (b"\xff\xfe", "UTF-8"),
        (b"[]", "no JSON object"),
        (b"{}", "no version"),
        (b'{"version": true}', "no version"),
        (written(version="4"), "no version"),
        (written(version=3), "before 0.12"),
        (written(version=1), "before 0.12"),
        (written(version=5), "update iacfix"),
        (b'{"serial": 1, "encrypted_data": "x", "encryption_version": "v0"}', "encrypted"),
        (b'{"version": 4, "version": 4}', "twice"),
        (b"[" * 100_000, "deeply"),
        (b'{"version": ' + b"9" * 5000 + b"}", "digits"),
        (b'{"version": 4, "resources": {}}', "resources is no list"),
        (b'{"version": 4, "resources": [1]}', "resources is no list"),
        (written(resource("aws_s3_bucket", "x", 1)), "resources[0].instances is no list"),
        (written({"mode": "managed", "name": "x"}), "no type"),
        (written(resource("aws_s3_bucket", "x\n")), "no name"),
        (written(resource("a b", "x")), "no type"),
        (written(resource("aws_s3_bucket", "x", instance(1.5))), "neither a whole number nor a text"),
        (written(resource("aws_s3_bucket", "x", instance(key=True))), "neither a whole number nor a text"),
        (written(resource("aws_s3_bucket", "x", module="module.")), "module path"),
        (written(resource("aws_s3_bucket", "x", module="module.a\n")), "module path"),
        (written(resource("aws_s3_bucket", "x", module="module.a module.b")), "module path"),
        (written(resource("aws_s3_bucket", "x", module=".".join(["module.a"] * 60))), "module path"),
    ],
)
def test_what_is_no_state_is_refused_with_what_to_do(data: bytes, said: str) -> None:
    with pytest.raises(DocumentError) as raised:
        State.read(data)
    assert said in str(raised.value)
    assert raised.value.remedy
    assert raised.value.__context__ is None


def test_a_state_that_is_too_large_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    data = written(BUCKET)
    monkeypatch.setattr(state_module, "MAX_BYTES", len(data))
    State.read(data)
    with pytest.raises(DocumentError, match="the limit is"):
        State.read(data + b" ")


@pytest.mark.parametrize("at", [60, 150, 230])
def test_no_message_shows_a_value(at: int) -> None:
    data = written(resource("aws_db_instance", "x", instance(password=SECRET, id="a", arn="b")))
    broken = data[:at] + b'"]}' + data[at:]
    with pytest.raises(DocumentError) as raised:
        State.read(broken)
    assert SECRET not in repr(raised.value)
    assert raised.value.__context__ is None


def test_nothing_but_names_is_kept() -> None:
    secret = instance(id="i", arn=ARN, password=SECRET, connection_name=SECRET, user_data=SECRET, tags={"a": SECRET})
    secret["sensitive_attributes"] = [[{"type": "get_attr", "value": "connection_name"}]]
    secret["private"] = SECRET
    state = State.read(written(resource("aws_db_instance", "x", secret), outputs={"p": {"value": SECRET}}))
    assert SECRET not in repr([entry.names for entry in state._entries])
    assert "acme-logs" not in repr(state)


def test_the_text_is_let_go_after_reading() -> None:
    data = written(
        *(resource("aws_db_instance", f"x{n}", instance(id=f"i{n}", policy="p" * 20_000)) for n in range(50))
    )
    tracemalloc.start()
    try:
        state = State.read(data)
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(state.instances) == 50
    assert kept < len(data) // 4


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)
PARTS = st.fixed_dictionaries(
    {},
    optional={
        "mode": st.sampled_from(["managed", "data"]) | JSON,
        "type": st.sampled_from(["aws_s3_bucket", "aws_sqs_queue"]) | JSON,
        "name": st.sampled_from(["a", "b"]) | JSON,
        "module": st.text(alphabet='module.a[]"0\\', max_size=30) | JSON,
        "instances": st.lists(
            st.fixed_dictionaries({}, optional={"index_key": JSON, "attributes": JSON, "sensitive_attributes": JSON})
        )
        | JSON,
    },
)


@given(st.lists(PARTS, max_size=4) | JSON)
def test_any_json_is_read_or_refused(resources: object) -> None:
    try:
        state = State.read(json.dumps({"version": 4, "resources": resources}).encode())
    except DocumentError:
        return
    assert state.find([ARN]) == ()


@given(st.binary(max_size=200))
def test_any_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(DocumentError):
        State.read(data)


@given(st.text(max_size=30))
def test_any_key_of_a_module_comes_back(key: str) -> None:
    from_key = state_module._written(key)
    (found,) = read(resource("aws_s3_bucket", "x", instance(arn=ARN), module=f"module.m{from_key}")).find([ARN])
    assert found.module_keys == (key,)
