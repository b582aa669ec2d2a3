#!/usr/bin/env bash
# The main job on a small repository of its own: no account, no network, nothing outside .demo is written.
set -euo pipefail
cd "$(dirname "$0")/.."
demo=$PWD/.demo
findings=$PWD/fixtures/demo
rm -rf "$demo"
mkdir -p "$demo"
cp -R "$findings/repository" "$demo/shop"
printf 'git_host:\n  folder: pull-requests\n' > "$demo/iacfix.yaml"
cd "$demo/shop"
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
git init --quiet --initial-branch main
git add --all
git -c user.name=shop -c user.email=shop@localhost commit --quiet --message "The shop as it runs today"

say() { printf '\n\033[1m$ %s\033[0m\n' "$*"; }
# Exit code 1 says that some findings need a person: one names a bucket that this code does not make.
run() { say "$@"; "$@" || [ $? -eq 1 ]; }

run iacfix generate --findings "$findings/security_hub.json" --repo . --open-pr --config ../iacfix.yaml
run git log --all --oneline --graph
say "cat pull-requests/…rds-no-public-access…"
sed '/^<details>/,$d' ../pull-requests/iacfix-rds-no-public-access-*.md

say "iacfix generate --findings checkov_report.json --repo . --output diff > ../checkov.patch"
iacfix generate --findings "$findings/checkov_report.json" --repo . --output diff > ../checkov.patch 2> ../left-for-people.txt || [ $? -eq 1 ]
run git apply --check --verbose ../checkov.patch
run git apply --stat ../checkov.patch
echo
echo "$(wc -l < ../left-for-people.txt) findings of the Checkov report need a person, each with its reason:"
cut -c 1-150 ../left-for-people.txt | head -n 6
