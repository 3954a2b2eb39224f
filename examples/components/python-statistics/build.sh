#!/usr/bin/env bash
# Builds dist/table_statistics.wasm. Fetches componentize-py from PyPI into .tools/ when it is not there.
set -euo pipefail
cd "$(dirname "$0")"
version=0.25.1
tool=.tools/bin/componentize-py

if [ "$("$tool" --version 2>/dev/null)" != "componentize-py $version" ]; then
    python3 -m venv --clear .tools
    .tools/bin/pip install --quiet --disable-pip-version-check --only-binary componentize-py \
        "componentize-py==$version" || { rm -rf .tools; exit 1; }
fi
mkdir -p dist
# Packages come from src/, not from this machine's Python; and a trace of the tool itself helps nobody.
VIRTUAL_ENV="$PWD/.tools" RUST_BACKTRACE=0 "$tool" --quiet --wit-path ../../../wit --world component \
    componentize app --python-path src --output dist/table_statistics.wasm
