#!/usr/bin/env bash
# Pins every runtime and development package with the hashes of all its files, and without any address.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet pip-tools
"$work/venv/bin/python" - "$work" <<'PY'
import pathlib, sys, tomllib
whole = tomllib.loads(pathlib.Path("pyproject.toml").read_text())
project = whole["project"]
action = project["dependencies"] + project["optional-dependencies"]["github"] + whole["build-system"]["requires"]
wanted = {"all": project["dependencies"] + whole["dependency-groups"]["dev"], "action": [*action, "-c dev.txt"]}
for name, lines in wanted.items():
    pathlib.Path(sys.argv[1], f"{name}.in").write_text("\n".join(lines) + "\n")
PY
compile() {
  "$work/venv/bin/pip-compile" --quiet --generate-hashes --allow-unsafe --strip-extras --no-header --no-annotate \
    --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options --output-file "$1" "$2"
}
compile "$work/dev.txt" "$work/all.in"
compile "$work/action.txt" "$work/action.in"
if grep -nE '://|^-' "$work/dev.txt" "$work/action.txt"; then
  echo "the lock names an address; it was not written" >&2
  exit 1
fi
mkdir -p constraints
{
  echo "# Written by \`make constraints\`. Every package with the hashes of all its files; no addresses."
  cat "$work/dev.txt"
} > constraints/dev.txt
{
  echo "# Written by \`make constraints\`: what the GitHub Action installs, out of dev.txt."
  cat "$work/action.txt"
} > constraints/action.txt
