import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { CONFIG_VARIABLES } from "../src/config.js";

const root = new URL("../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), "utf8");

describe("the README", () => {
  const readme = read("README.md");
  const scripts: Record<string, string> = JSON.parse(read("package.json")).scripts;

  it("shows the two commands on its first screen, and they exist", () => {
    const firstScreen = readme.split("\n").slice(0, 20);
    expect(firstScreen).toContain("npm install && npm run demo");
    expect(firstScreen).toContain("npm install && npm test");
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(["demo", "test"]));
  });

  it("has each variable of the configuration in its table, with its default and purpose, and no other", () => {
    const rows = readme.split("\n").filter((line) => /^\| `[A-Z_]+` \|/.test(line));
    expect(rows).toEqual(
      CONFIG_VARIABLES.map(({ name, purpose, required, default: fallback }) => {
        const standing = required ? "required" : fallback === undefined ? "" : `\`${fallback}\``;
        return `| \`${name}\` | ${standing} | ${purpose} |`;
      }),
    );
  });

  it.each(["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/simulator.md"])(
    "%s links to files that exist",
    (document) => {
      const links = [...read(document).matchAll(/\]\((?!https?:|#|mailto:)([^)#]+)/g)];
      const missing = links.filter(
        ([, target = ""]) => !existsSync(new URL(target, new URL(document, root))),
      );
      expect(missing).toEqual([]);
    },
  );
});
