#!/usr/bin/env bash
# Builds dist/label_correlation.wasm. Fetches the Rust target with rustup when it is not there.
set -euo pipefail
cd "$(dirname "$0")"
target=wasm32-wasip2

[ -d "$(rustc --print target-libdir --target $target)" ] || rustup --quiet target add $target
cargo build --quiet --locked --release --target $target --target-dir .tools
mkdir -p dist
cp .tools/$target/release/label_correlation.wasm dist/
