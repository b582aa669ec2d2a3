#!/usr/bin/env bash
# Pins every runtime and development package with the hashes of all its files, and without any address.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet pip-tools
"$work/venv/bin/python" - "$work/all.in" <<'PY'
import pathlib, sys, tomllib
project = tomllib.loads(pathlib.Path("pyproject.toml").read_text())
wanted = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
pathlib.Path(sys.argv[1]).write_text("\n".join(wanted) + "\n")
PY
"$work/venv/bin/pip-compile" --quiet --generate-hashes --allow-unsafe --strip-extras --no-header --no-annotate \
  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options \
  --output-file "$work/dev.txt" "$work/all.in"
if grep -nE '://|^-' "$work/dev.txt"; then
  echo "the lock names an address; it was not written" >&2
  exit 1
fi
mkdir -p constraints
{
  echo "# Written by \`make constraints\`. Every package with the hashes of all its files; no addresses."
  cat "$work/dev.txt"
} > constraints/dev.txt
