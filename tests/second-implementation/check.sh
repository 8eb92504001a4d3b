#!/usr/bin/env bash
# Runs a script of this folder in its environment: check.sh check_ledger.py DIR --receipts DIR
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
python="$(bash "$here/setup.sh" --path)/bin/python"
if [ ! -x "$python" ]; then
  echo "The Python environment is missing: run tests/second-implementation/setup.sh first." >&2
  exit 2
fi
script="$1"
shift
exec "$python" -B "$here/$script" "$@"
