import { describe, expect, it } from "@jest/globals";
import { runCommandLine } from "../../src/cli/command-line.js";
import { createFakeTerminal } from "./fake-terminal.js";

const COMMANDS = ["serve", "demo", "simulator", "accounts", "check", "client"] as const;

async function run(...argv: string[]) {
  const terminal = createFakeTerminal();
  const code = await runCommandLine(argv, terminal);
  return { code, output: terminal.output, errors: terminal.errors };
}

describe("the command line", () => {
  it.each([["--help"], ["-h"], ["help"]])("explains itself with %s", async (argument) => {
    const { code, output, errors } = await run(argument);
    expect([code, errors]).toEqual([0, ""]);
    for (const name of COMMANDS) expect(output).toMatch(new RegExp(`^ +${name} +\\S.*\\.$`, "m"));
  });

  it("explains itself where nothing is said, and that is a mistake", async () => {
    const { code, output } = await run();
    expect(code).toBe(2);
    expect(output).toMatch(/^Usage: twilio-scim-bridge/);
  });

  it.each(["server", "Serve", "", "--version", "constructor"])(
    "does not know the command %p, and lists those it knows",
    async (name) => {
      const { code, errors } = await run(name);
      expect(code).toBe(2);
      expect(errors).toContain(`There is no command "${name}".`);
      for (const known of COMMANDS) expect(errors).toContain(`  ${known}`);
    },
  );

  it.each(COMMANDS)("explains %s with --help, also among other options", async (name) => {
    for (const argv of [["--help"], ["-h"], ["--nonsense", "--help"]]) {
      const { code, output, errors } = await run(name, ...argv);
      expect([code, errors]).toEqual([0, ""]);
      expect(output).toMatch(new RegExp(`^Usage: twilio-scim-bridge ${name}`));
    }
  });

  it("names every option of demo and simulator, with its default", async () => {
    expect((await run("demo", "--help")).output).toMatch(
      /--port.*8080[\s\S]*--accounts.*25[\s\S]*--seed.*1[\s\S]*--token.*demo/,
    );
    const { output } = await run("simulator", "--help");
    for (const option of [
      "port",
      "accounts",
      "seed",
      "account-sid",
      "auth-token",
      "latency-ms",
      "max-concurrency",
    ]) {
      expect(output).toMatch(new RegExp(`--${option} .*default:`));
    }
  });

  it.each(COMMANDS)("refuses what %s does not understand, and says where help is", async (name) => {
    for (const argv of [["--nonsense"], ["--nonsense=1"], ["-x"], ["surplus"], ["--port"]]) {
      const { code, output, errors } = await run(name, ...argv);
      expect([code, output]).toEqual([2, ""]);
      expect(errors).toContain(`Try: twilio-scim-bridge ${name} --help`);
      expect(errors).toMatch(/nonsense|-x|surplus|--port/);
      expect(errors).not.toMatch(/\n +at /);
    }
  });

  it.each([
    ["demo", "--port", "eighty"],
    ["demo", "--port", "65536"],
    ["demo", "--port=-1"],
    ["demo", "--port", "80.5"],
    ["demo", "--port", ""],
    ["demo", "--port", "0x50"],
    ["demo", "--accounts", "1e3"],
    ["demo", "--accounts", "1000001"],
    ["demo", "--seed", "one"],
    ["simulator", "--port", "99999999999999999999"],
    ["simulator", "--accounts=-5"],
    ["simulator", "--latency-ms", "1s"],
    ["simulator", "--max-concurrency", "0"],
  ])("refuses a number that is none: %s %s %s", async (name, option, value = "") => {
    const { code, errors } = await run(name, option, ...(option.includes("=") ? [] : [value]));
    expect(code).toBe(2);
    const [optionName] = option.split("=");
    expect(errors).toMatch(new RegExp(`${optionName} takes a whole number from \\d+ to \\d+`));
  });

  it.each([
    ["demo", "--token", ""],
    ["demo", "--token", "two words"],
    ["demo", "--token", "schlüssel"],
    ["simulator", "--account-sid", "ACME"],
    ["simulator", "--account-sid", `AC${"F".repeat(32)}`],
    ["simulator", "--auth-token", ""],
    ["simulator", "--auth-token", "two words"],
  ])("refuses a text that cannot be used: %s %s %p", async (name, option, value) => {
    const { code, errors } = await run(name, option, value);
    expect(code).toBe(2);
    expect(errors).toContain(`${option} takes`);
  });
});
