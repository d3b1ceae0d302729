import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { type Config, ConfigError, readConfig } from "../src/config.js";

const KEY = `SK${"0".repeat(32)}`;
const ENOUGH = {
  TWILIO_ACCOUNT_SID: `AC${"0".repeat(32)}`,
  TWILIO_AUTH_TOKEN: "the-auth-token",
  SCIM_TOKEN: "sixteen-letters!",
};
const { TWILIO_AUTH_TOKEN: _token, ...KEYLESS } = ENOUGH;

describe("a secret in a file", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "secret-files-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function file(content: string): string {
    const path = join(folder, "secret");
    writeFileSync(path, content);
    return path;
  }

  function problemsOf(env: Record<string, string | undefined>): readonly string[] {
    try {
      readConfig(env);
    } catch (error) {
      if (error instanceof ConfigError) return error.problems;
      throw error;
    }
    return [];
  }

  const apiSecretOf = ({ twilio: { credentials } }: Config) =>
    credentials.kind === "apiKey" ? credentials.apiSecret : undefined;
  const authTokenOf = ({ twilio: { credentials } }: Config) =>
    credentials.kind === "authToken" ? credentials.authToken : undefined;

  it.each<[string, Record<string, string>, (config: Config) => string | undefined]>([
    ["TWILIO_AUTH_TOKEN", KEYLESS, authTokenOf],
    ["TWILIO_API_SECRET", { ...KEYLESS, TWILIO_API_KEY: KEY }, apiSecretOf],
    ["SCIM_TOKEN", { ...ENOUGH, SCIM_TOKEN: "" }, ({ http }) => http.scimToken],
    ["ADMIN_TOKEN", ENOUGH, ({ http }) => http.adminToken],
  ])("is read for %s, without the end of its line", (name, env, secretOf) => {
    for (const end of ["", "\n", "\r\n"]) {
      const path = file(`a-secret-in-a-file${end}`);
      expect(secretOf(readConfig({ ...env, [`${name}_FILE`]: path }))).toBe("a-secret-in-a-file");
    }
  });

  it("is refused beside the variable itself", () => {
    expect(problemsOf({ ...ENOUGH, SCIM_TOKEN_FILE: file("another-secret-in-a-file") })).toEqual([
      "SCIM_TOKEN_FILE is set, and so is SCIM_TOKEN; expected: one of the two.",
    ]);
  });

  it("is asked for by name where its file is missing, empty or a folder, and nothing else is said to be missing", () => {
    mkdirSync(join(folder, "folder"));
    for (const [path, fault] of [
      [join(folder, "nothing"), "names a file that cannot be read (ENOENT)"],
      [join(folder, "folder"), "names a file that cannot be read (EISDIR)"],
      [file("\n"), "names an empty file"],
    ] as const) {
      for (const name of ["TWILIO_AUTH_TOKEN", "SCIM_TOKEN"]) {
        expect(problemsOf({ ...ENOUGH, [name]: undefined, [`${name}_FILE`]: path })).toEqual([
          `${name}_FILE ${fault}; expected: the path of a file with the secret.`,
        ]);
      }
    }
  });

  it("is not shown where it is malformed", () => {
    const [problem, ...others] = problemsOf({
      ...ENOUGH,
      SCIM_TOKEN: undefined,
      SCIM_TOKEN_FILE: file("S3CRET with a space"),
    });
    expect(others).toEqual([]);
    expect(problem).toMatch(/^SCIM_TOKEN cannot be read/);
    expect(problem).not.toContain("S3CRET");
  });
});
