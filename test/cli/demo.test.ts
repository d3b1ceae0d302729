import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "@jest/globals";
import { runCommandLine } from "../../src/cli/command-line.js";
import { createFakeTerminal, whileRunning } from "./fake-terminal.js";

const run = promisify(execFile);

/** For machines without curl, which the tests must not depend on. */
const STAND_IN = fileURLToPath(new URL("curl-stand-in.mjs", import.meta.url));
const CURL_OR_STAND_IN = `command -v curl >/dev/null || curl() { '${process.execPath}' '${STAND_IN}' "$@"; }`;

/** Runs a line as somebody who pastes it into a shell. */
async function paste(line: string) {
  const { stdout } = await run("sh", ["-c", `${CURL_OR_STAND_IN}\n${line}`]);
  return JSON.parse(stdout);
}

describe("demo", () => {
  it.each(["demo", 'it\'s $HOME `x` "y" \\z'.replaceAll(" ", "")])(
    "prints three curl lines that work when they are pasted, with the token %s",
    async (token) => {
      const terminal = createFakeTerminal();
      let baseUrl = "";
      const code = await whileRunning(
        ["demo", "--port", "0", "--accounts", "8", "--token", token],
        terminal,
        async () => {
          const { output } = terminal;
          baseUrl = /Base URL +(\S+)/.exec(output)?.[1] ?? "";
          expect(baseUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/scim\/v2$/);
          expect(output).toMatch(/Token +\S/);
          expect(/Token +(\S+)/.exec(output)?.[1]).toBe(token);
          const [all = "", one = "", suspend = "", ...more] = [...output.matchAll(/^ +(curl .*)$/gm)].map(
            ([, line]) => line,
          );
          expect(more).toEqual([]);

          const list = await paste(all);
          expect(list).toMatchObject({ startIndex: 1, itemsPerPage: 3 });
          expect(output).toContain(`serves ${list.totalResults} Twilio accounts`);
          const found = await paste(one);
          expect(found).toMatchObject({ totalResults: 1, Resources: [{ active: true }] });
          const [{ id, userName, meta }] = found.Resources;
          expect(output).toContain(`Who is "${userName}"?`);
          expect(meta.location).toBe(`${baseUrl}/Users/${id}`);
          expect(await paste(suspend)).toMatchObject({ id, active: false });
          expect(await paste(one)).toMatchObject({ totalResults: 1, Resources: [{ id, active: false }] });
        },
      );
      expect(code).toBe(0);
      await expect(fetch(`${baseUrl}/ServiceProviderConfig`)).rejects.toThrow();
    },
  );

  it("makes the same world of the same seed", async () => {
    const welcome = async (seed: string) => {
      const terminal = createFakeTerminal();
      await whileRunning(["demo", "--port=0", "--accounts=8", `--seed=${seed}`], terminal, () => undefined);
      return terminal.output.replaceAll(/127\.0\.0\.1:\d+/g, "");
    };
    expect(await welcome("7")).toBe(await welcome("7"));
    expect(await welcome("7")).not.toBe(await welcome("8"));
  });

  it("works with no subaccount at all", async () => {
    const terminal = createFakeTerminal();
    const code = await whileRunning(["demo", "--port=0", "--accounts=0"], terminal, async () => {
      const [line = ""] = /curl .*$/m.exec(terminal.output) ?? [];
      expect(await paste(line)).toMatchObject({ totalResults: 1 });
    });
    expect(code).toBe(0);
  });

  it.each(["demo", "simulator"])("%s says so when its port is taken", async (command) => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    const terminal = createFakeTerminal();
    expect(await runCommandLine([command, "--port", String(port)], terminal)).toBe(1);
    expect(terminal.errors).toBe(`Port ${port} is taken by another program. Choose another one.\n`);
    other.close();
  });
});
