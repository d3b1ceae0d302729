/**
 * Lets a process of its own run the TypeScript sources: `node --import .../typescript-loader.mjs script.mjs`. It strips
 * the types with swc as the tests do, on the fly, so that no build has to lie somewhere first.
 */
import { existsSync, readFileSync } from "node:fs";
import { register } from "node:module";
import { fileURLToPath } from "node:url";
import { isMainThread } from "node:worker_threads";
import { transformSync } from "@swc/core";

// Node runs the hooks below in a thread of their own, in which this file is loaded again.
if (isMainThread) register(import.meta.url);

export async function resolve(specifier, context, nextResolve) {
  const source = /^\.{1,2}\/.*\.js$/.test(specifier)
    ? new URL(specifier.replace(/\.js$/, ".ts"), context.parentURL)
    : undefined;
  return nextResolve(source !== undefined && existsSync(source) ? source.href : specifier, context);
}

export async function load(url, context, nextLoad) {
  if (!url.endsWith(".ts")) return nextLoad(url, context);
  const { code } = transformSync(readFileSync(fileURLToPath(url), "utf8"), {
    filename: fileURLToPath(url),
    jsc: { target: "es2022", parser: { syntax: "typescript" } },
    module: { type: "es6" },
    sourceMaps: "inline",
  });
  return { format: "module", source: code, shortCircuit: true };
}
