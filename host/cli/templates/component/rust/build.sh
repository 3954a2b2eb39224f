#!/usr/bin/env bash
# Builds dist/{{name}}.wasm. Fetches the Rust target with rustup when it is not there.
set -euo pipefail
cd "$(dirname "$0")"
target=wasm32-wasip2

[ -d "$(rustc --print target-libdir --target $target)" ] || rustup --quiet target add $target
# What an earlier name of the project left would be taken for this build.
rm -f target/$target/release/*.wasm
cargo build --release --target $target --target-dir target
mkdir -p dist
cp target/$target/release/*.wasm dist/
