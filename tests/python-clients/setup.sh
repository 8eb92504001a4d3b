#!/usr/bin/env bash
# Makes the Python environment of the official clients, outside the repository and once for each version of
# requirements.txt; afterwards everything works offline. "setup.sh --path" prints its folder without making it.
set -euo pipefail
cd "$(dirname "$0")"

digest="$(sha256sum requirements.txt | cut -c1-16)"
folder="${XDG_CACHE_HOME:-$HOME/.cache}/concordat/python-clients-$digest"
if [ "${1:-}" = --path ]; then
  echo "$folder"
  exit 0
fi
if [ -e "$folder/complete" ]; then exit 0; fi
rm -rf "$folder"
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --requirement requirements.txt
"$folder/bin/python" -W ignore -c "from huaweicloudsdkcore.client import ClientBuilder"
touch "$folder/complete"
