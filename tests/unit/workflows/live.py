"""One bucket without versions, its runbook and whoever looks, in memory: the ledger is a real one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from iacfix.adapters.stores.kept import SqliteKept
from iacfix.adapters.stores.sqlite import SqliteLedger
from iacfix.controls import load_catalogue
from iacfix.domain.finding import CloudResource, Finding
from iacfix.domain.verification import Result, Verification
from iacfix.ports.posture import Answer, At
from iacfix.ports.runbooks import Execution, Progress, Start
from iacfix.runtime.approvals import Asking
from iacfix.runtime.throttle import Throttle
from iacfix.workflows.approving import Approving
from iacfix.workflows.moves import Moves
from iacfix.workflows.remediate import Remediator, Rules
from iacfix.workflows.remediations import Approvals, Remediations
from iacfix.workflows.rollback import Rollback
from iacfix.workflows.runbooks import Following

ACCOUNT, REGION = "123456789012", "eu-west-1"
CATALOGUE = load_catalogue()
NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
ROLE = "arn:aws:iam::{account}:role/iacfix-remediation"
BUCKET = CloudResource("AwsS3Bucket", "arn:aws:s3:::logs", account=ACCOUNT, region=REGION)
FOUND = Finding("security_hub", "finding-1", "S3.14", "no versions", BUCKET, "s3-versioning")


@dataclass
class Live:
    """`status` is what stands there."""

    folder: Path
    status: str = "Suspended"
    region: str = ""
    role: str = ROLE
    per_minute: int = 5
    started: list[Start] = field(default_factory=list)

    def read(self, service: str, operation: str, parameters: Mapping[str, object], at: At) -> Answer:
        assert (service, operation, at) == ("s3", "GetBucketVersioning", At(ACCOUNT, REGION)), parameters
        return {"Status": self.status} if self.status else {}

    def start(self, start: Start) -> str:
        self.started.append(start)
        self.status = start.parameters["VersioningState"][0]
        return f"execution-{len(self.started)}"

    def look(self, execution: str, at: At, correlation: str) -> Execution:
        assert at.account, correlation
        return Execution(execution, Progress.SUCCEEDED)

    def stop(self, execution: str, at: At, correlation: str) -> None:
        raise AssertionError(execution, at, correlation)

    def seen(self, finding: Finding) -> Verification:
        result = Result.RESOLVED if self.status == "Enabled" else Result.STILL_OPEN
        resource = finding.resource.identifier
        return Verification("v-1", NOW.isoformat(), "s3-versioning", resource, "s3", result, f"it is {self.status}")

    def now(self) -> datetime:
        return NOW

    @property
    def moves(self) -> Moves:
        return Moves(SqliteLedger(self.folder / "ledger.sqlite"), "iacfix/test", self.now)

    @property
    def kept(self) -> SqliteKept:
        return SqliteKept(self.folder / "ledger.sqlite")

    @property
    def approving(self) -> Approving:
        return Approving(Approvals(self.kept), self.moves, lambda _: None)

    @property
    def remediator(self) -> Remediator:
        return Remediator(
            CATALOGUE,
            lambda _: self,
            self.seen,
            self.seen,
            self._following,
            self.moves,
            Remediations(self.kept),
            Approvals(self.kept),
            Throttle(self.per_minute, self.now),
            self._rules,
        )

    @property
    def rollback(self) -> Rollback:
        return Rollback(CATALOGUE, lambda _: self, self._following, self.moves, Remediations(self.kept), self._rules)

    @property
    def _following(self) -> Following:
        return Following(self, lambda _: None, self.now)

    @property
    def _rules(self) -> Rules:
        asking = Asking("iacfix/test", "policy 1", timedelta(hours=4))
        return Rules(frozenset({ACCOUNT}), self.role, asking, self.region)
