// Builds dist/column_expression.wasm: `node build.mjs`. Fetches componentize-js from npm into node_modules/ when it
// is not there.

import { execFileSync } from "node:child_process";
import { access, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

const here = import.meta.dirname;

process.on("uncaughtException", (error) => {
  // The message names file and line; the trace is that of the tools.
  console.error(error.message);
  process.exit(1);
});
await access(join(here, "node_modules/.package-lock.json")).catch(() => {
  const options = ["install", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel", "error"];
  execFileSync("npm", options, { cwd: here, stdio: ["ignore", "ignore", "inherit"] });
});
const { componentize } = await import("@bytecodealliance/componentize-js");
const { component } = await componentize({
  sourcePath: join(here, "src/app.js"),
  witPath: join(here, "../../../wit"),
  worldName: "component",
  // What a node of Parcae does not offer.
  disableFeatures: ["http", "fetch-event"],
});
await mkdir(join(here, "dist"), { recursive: true });
await writeFile(join(here, "dist/column_expression.wasm"), component);
