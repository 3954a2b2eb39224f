#!/usr/bin/env bash
# Builds dist/{{name}}.wasm. Fetches the Rust target with rustup when it is not there.
set -euo pipefail
cd "$(dirname "$0")"
target=wasm32-wasip2

[ -d "$(rustc --print target-libdir --target $target)" ] || rustup --quiet target add $target
cargo build --quiet --release --target $target --target-dir target
mkdir -p dist
cp target/$target/release/{{name}}.wasm dist/
