import twilio from "twilio";
import type { Simulator } from "../../src/simulator/simulator.js";

/** A fixed start for worlds of tests: Tue, 24 Nov 2026 07:15:00 UTC. */
export const START_MS = Date.UTC(2026, 10, 24, 7, 15);
export const DAY_MS = 86_400_000;

/** For tests that ask thousands of questions: enough on a machine that is busy with other things. */
export const LONG_TEST_MS = 120_000;

export interface Login {
  readonly sid: string;
  readonly secret: string;
}

/** The real npm package `twilio`, pointed at the simulator. */
export function twilioClient(simulator: Simulator, login?: Login) {
  const { sid, secret } = login ?? { sid: simulator.accountSid, secret: simulator.authToken };
  const client = twilio(sid, secret, { accountSid: simulator.accountSid });
  client.api.baseUrl = simulator.url;
  return client;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what comes over the wire is looked at property by property
  readonly json: any;
}

/** One request without any library in between, as the owner unless said otherwise. */
export async function send(
  simulator: Simulator,
  method: string,
  path: string,
  options: { form?: Record<string, string>; login?: Login | null; json?: unknown } = {},
): Promise<RawAnswer> {
  const login = options.login === undefined ? ownerLogin(simulator) : options.login;
  const headers: Record<string, string> = {};
  if (login !== null) {
    headers.authorization = `Basic ${Buffer.from(`${login.sid}:${login.secret}`).toString("base64")}`;
  }
  if (options.json !== undefined) headers["content-type"] = "application/json";
  const body = options.form ? new URLSearchParams(options.form) : bodyOf(options.json);
  const response = await fetch(simulator.url + path, { method, headers, body });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parsed(text) };
}

export function ownerLogin(simulator: Simulator): Login {
  return { sid: simulator.accountSid, secret: simulator.authToken };
}

/** Status and Twilio's code of the error that a call of the twilio package fails with. */
export async function failureOf(call: Promise<unknown>): Promise<{ status?: number; code?: number }> {
  try {
    await call;
  } catch (error) {
    const { status, code } = error as { status?: number; code?: number };
    return { ...(status === undefined ? {} : { status }), ...(code === undefined ? {} : { code }) };
  }
  throw new Error("The call was expected to fail, and did not.");
}

function bodyOf(json: unknown): string | null {
  return json === undefined ? null : JSON.stringify(json);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
