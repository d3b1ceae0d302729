import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTokenCommand } from "../../src/cli/token.js";
import type { Clock } from "../../src/directory/ports.js";
import { createFakeTerminal, type FakeTerminal } from "../cli/fake-terminal.js";

const DAY_MS = 24 * 60 * 60_000;

/** The command `token`, run on a database in a folder of its own, as somebody would beside the bridge. */
export interface TokensBeside {
  /** Of the database, for DATABASE_URL. */
  readonly url: string;
  run(...args: string[]): Promise<{ readonly code: number; readonly terminal: FakeTerminal }>;
  /** Makes a token, and answers it. */
  create(name: string, ...options: string[]): Promise<string>;
  /** Makes one that expired yesterday. */
  createExpired(name: string): Promise<string>;
  revoke(name: string): Promise<void>;
  remove(): void;
}

/** @param clock the time that new tokens are valid from */
export function tokensBeside(clock: Clock): TokensBeside {
  const folder = mkdtempSync(join(tmpdir(), "bridge-tokens-"));
  const url = `file:${join(folder, "bridge.db")}`;

  async function runAt(now: () => number, args: readonly string[]) {
    const terminal = createFakeTerminal({ DATABASE_URL: url }, folder);
    const command = createTokenCommand({ clock: { ...clock, now }, randomBytes });
    return { code: await command.run(args, terminal), terminal };
  }

  async function succeed(now: () => number, args: readonly string[]): Promise<string> {
    const { code, terminal } = await runAt(now, args);
    if (code !== 0) throw new Error(terminal.errors);
    return terminal.output.trim();
  }

  const now = () => clock.now();
  return {
    url,
    run: (...args) => runAt(now, args),
    create: (name, ...options) => succeed(now, ["create", "--name", name, ...options]),
    createExpired: (name) =>
      succeed(() => clock.now() - 2 * DAY_MS, ["create", "--name", name, "--expires", "1d"]),
    async revoke(name) {
      await succeed(now, ["revoke", name]);
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}
