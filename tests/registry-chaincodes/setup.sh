#!/usr/bin/env bash
# Fetches the chaincodes that nobody here wrote, once for each version of their lists; afterwards everything works offline.
# "setup.sh --python" prints the folder of the Python environment without making anything.
set -euo pipefail
cd "$(dirname "$0")"

python="${XDG_CACHE_HOME:-$HOME/.cache}/concordat/python-chaincode-$(sha256sum python/requirements.txt | cut -c1-16)"
if [ "${1:-}" = --python ]; then
  echo "$python"
  exit 0
fi

# A package mirror may fail for a moment.
retry() {
  local try
  for try in 1 2 3; do
    if "$@"; then return 0; fi
    echo "try $try of 3 failed: $*" >&2
    if [ "$try" -lt 3 ]; then sleep 10; fi
  done
  return 1
}

node_packages() {
  local stamp digest
  stamp="$1/node_modules/.complete"
  digest="$(cat "$1/package.json" "$1/package-lock.json" | sha256sum)"
  if [ -e "$stamp" ] && [ "$(cat "$stamp")" = "$digest" ]; then return 0; fi
  retry npm ci --prefix "$1" --ignore-scripts --omit=dev --no-audit --no-fund --loglevel=error
  echo "$digest" >"$stamp"
}

python_packages() {
  if [ -e "$python/complete" ]; then return 0; fi
  rm -rf "$python"
  python3 -m venv "$python"
  retry "$python/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --requirement python/requirements.txt
  "$python/bin/python" -W ignore -c "from fabric_chaincode_python.fabric_contract_api import ContractChaincode"
  touch "$python/complete"
}

node_packages gala-dex
node_packages generator-fabric
python_packages
