import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import type { Logger } from "pino";
import type { AuditEntry } from "../src/lifecycle/audit.js";
import { createAuditLines, createLog, gatherLines } from "../src/log.js";

const AUDITED: AuditEntry = {
  actor: { name: "SCIM_TOKEN", requestId: "1" },
  actions: ["suspend"],
  accountSid: undefined,
  from: undefined,
  to: { status: "suspended" },
  outcome: "done",
  durationMs: 1,
};

describe("lines that are gathered", () => {
  let folder: string;
  let fd: number;
  let log: Logger;

  beforeEach(() => {
    jest.useFakeTimers();
    folder = mkdtempSync(join(tmpdir(), "log-"));
    fd = openSync(join(folder, "log"), "a");
    log = createLog({ level: "info", secrets: ["a-secret"], destination: gatherLines(fd) });
  });
  afterEach(() => {
    jest.useRealTimers();
    closeSync(fd);
    rmSync(folder, { recursive: true });
  });

  const written = () => readFileSync(join(folder, "log"), "utf8");
  const messages = () =>
    written()
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line).msg);

  it("wait to be written together, but for a second at most", () => {
    log.info({}, "first");
    log.info({}, "second");
    jest.advanceTimersByTime(999);
    expect(messages()).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(messages()).toEqual(["first", "second"]);
    jest.advanceTimersByTime(1000);
    expect(messages()).toEqual(["first", "second"]);
  });

  it("are written when they are flushed", () => {
    log.info({}, "last");
    log.flush();
    expect(messages()).toEqual(["last"]);
  });

  it.each(["warn", "error", "fatal"] as const)("are written with the next line of level %s", (level) => {
    log.info({}, "before");
    log[level]({}, "grave");
    log.info({}, "after");
    expect(messages()).toEqual(["before", "grave"]);
  });

  it("are written with the next line of the audit, whatever the level of the log", () => {
    log.info({}, "before");
    createAuditLines(log).outcome(AUDITED, undefined);
    log.level = "silent";
    createAuditLines(log).outcome(AUDITED, undefined);
    expect(messages()).toEqual(["before", "audit", "audit"]);
  });

  it("are written before they become many", () => {
    let lines = 0;
    while (written() === "" && lines < 100) log.info({}, `line ${lines++} ${"x".repeat(80)}`);
    expect(messages()).toHaveLength(lines);
  });

  it("have their secrets masked", () => {
    log.warn({ path: "/a-secret" }, "asked for a-secret");
    expect(written()).toContain("asked for [secret]");
    expect(written()).not.toContain("a-secret");
  });
});

describe("the time of a line", () => {
  it("is when it was written, in ISO 8601", () => {
    const times: string[] = [];
    const destination = { write: (line: string) => void times.push(JSON.parse(line).time) };
    const log = createLog({ level: "info", secrets: [], destination });
    jest.useFakeTimers({ now: Date.UTC(2026, 0, 1) });
    log.info({}, "now");
    log.info({}, "still now");
    jest.advanceTimersByTime(1);
    log.info({}, "a millisecond later");
    jest.useRealTimers();
    expect(times).toEqual([
      "2026-01-01T00:00:00.000Z",
      "2026-01-01T00:00:00.000Z",
      "2026-01-01T00:00:00.001Z",
    ]);
  });
});
