#!/usr/bin/env bash
# Builds dist/{{name}}.wasm; `./build.sh test` runs the tests on this machine. Fetches clang (the ziglang wheel) from
# PyPI into .tools/ when it is not there; tool/ is built by cargo and makes the bindings and the component.
set -euo pipefail
shopt -s extglob
cd "$(dirname "$0")"
version=0.17.1
say() { echo "build.sh: $*" >&2; }

if [ "${1:-}" = test ]; then
    command -v "${CC:-cc}" >/dev/null || { say "the tests need a C compiler: install cc, or name one in CC"; exit 1; }
    mkdir -p dist
    "${CC:-cc}" -std=c11 -O1 -g -Wall -Wextra tests/test.c src/!(app).c -lm -o dist/test
    exec dist/test
fi
if [ "$(.tools/bin/python -m ziglang version 2>/dev/null)" != "$version" ]; then
    say "fetching clang (ziglang $version, 100 MB) into .tools/, once"
    python3 -m venv --clear .tools
    .tools/bin/pip install --quiet --disable-pip-version-check "ziglang==$version"
fi
export ZIG_GLOBAL_CACHE_DIR="$PWD/.tools/cache"
# All projects in C share what tool/ is made of.
built="${XDG_CACHE_HOME:-$HOME/.cache}/parcae/c-tool"
tool() { cargo run --quiet --locked --manifest-path tool/Cargo.toml --target-dir "$built" -- "$@"; }

mkdir -p dist
[ -e "$built/debug/c-component" ] || say "building tool/: a minute, once"
tool bindings wit .tools/bindings
[ -e .tools/cache ] || say "compiling, this once with the C library"
# With -O2 this clang defines NDEBUG, and `assert` would do nothing.
.tools/bin/python -m ziglang cc --target=wasm32-wasi -mexec-model=reactor -Wl,-z,stack-size=262144 \
    -std=c11 -O2 -UNDEBUG -Wall -Wextra -I .tools/bindings \
    src/*.c .tools/bindings/component.c .tools/bindings/component_component_type.o -o .tools/core.wasm
tool new .tools/core.wasm dist/{{name}}.wasm
