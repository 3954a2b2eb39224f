#!/usr/bin/env bash
# Builds dist/bucketise.wasm; `./build.sh test` runs the tests on this machine. Fetches clang (the ziglang wheel)
# from PyPI into .tools/ when it is not there; tool/ is built by cargo and makes the bindings and the component.
set -euo pipefail
cd "$(dirname "$0")"
version=0.17.1

if [ "${1:-}" = test ]; then
    mkdir -p .tools
    "${CC:-cc}" -std=c11 -O1 -g -Wall -Wextra -fsanitize=undefined \
        tests/test.c src/bucket.c src/parameters.c -o .tools/test
    exec .tools/test
fi
if [ "$(.tools/bin/python -m ziglang version 2>/dev/null)" != "$version" ]; then
    python3 -m venv --clear .tools
    .tools/bin/pip install --quiet --disable-pip-version-check "ziglang==$version"
fi
export ZIG_GLOBAL_CACHE_DIR="$PWD/.tools/cache"
tool() { cargo run --quiet --locked --manifest-path tool/Cargo.toml --target-dir .tools/target -- "$@"; }

mkdir -p dist
tool bindings ../../../wit .tools/bindings
.tools/bin/python -m ziglang cc --target=wasm32-wasi -mexec-model=reactor -Wl,-z,stack-size=262144 \
    -std=c11 -O2 -s -Wall -Wextra -I .tools/bindings \
    src/*.c .tools/bindings/component.c .tools/bindings/component_component_type.o -o .tools/core.wasm
tool new .tools/core.wasm dist/bucketise.wasm
