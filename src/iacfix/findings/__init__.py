from iacfix.findings.detect import FORMATS
from iacfix.findings.read import read_findings

__all__ = ["FORMATS", "read_findings"]
