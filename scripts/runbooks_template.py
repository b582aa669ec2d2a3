"""Writes deploy/cloudformation/runbooks.yaml: every document of deploy/runbooks as a resource of a template.

CloudFormation takes no file for a document, so that it stands in the template. A test holds the one to the other.
"""

from pathlib import Path

import yaml

DEPLOY = Path(__file__).resolve().parents[1] / "deploy"
TEMPLATE = DEPLOY / "cloudformation" / "runbooks.yaml"
HEAD = "# Written by scripts/runbooks_template.py from deploy/runbooks: change those, and run it again.\n\n"


class _Dumper(yaml.SafeDumper):
    """Without anchors."""

    def ignore_aliases(self, data: object) -> bool:
        del data
        return True


def template() -> str:
    resources = {
        path.stem.removeprefix("iacfix-"): {
            "Type": "AWS::SSM::Document",
            "Properties": {
                "Name": path.stem,
                "DocumentType": "Automation",
                "DocumentFormat": "YAML",
                "UpdateMethod": "NewVersion",
                "Content": yaml.safe_load(path.read_text(encoding="utf-8")),
            },
        }
        for path in sorted((DEPLOY / "runbooks").glob("*.yaml"))
    }
    body = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "The runbooks of iacfix, for accounts whose live resources it may mend.",
        "Resources": resources,
    }
    return HEAD + yaml.dump(body, Dumper=_Dumper, sort_keys=False, width=110)


if __name__ == "__main__":
    TEMPLATE.write_text(template(), encoding="utf-8")
