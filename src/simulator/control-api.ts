import type { IncomingMessage, ServerResponse } from "node:http";
import { z } from "zod";
import { ConsoleError } from "./console.js";
import { type ControlCall, controlCalls } from "./control-calls.js";
import { readBody, TooLargeError } from "./request-body.js";
import type { SimulatorIdentity } from "./simulator-identity.js";
import type { World } from "./world.js";

export const CONTROL_PREFIX = "/__simulator";

/** Serves one call of the control endpoint: no credentials, no faults, not counted. */
export type ControlServer = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export function createControlServer(world: World, identity: SimulatorIdentity): ControlServer {
  const calls = controlCalls(world, identity);
  return async (request, response) => {
    const [path = ""] = (request.url ?? "").slice(CONTROL_PREFIX.length).split("?");
    const { status, body } = await answer(calls, request, path.replace(/\/$/, ""));
    response.writeHead(status, { "Content-Type": "application/json" });
    response.end(JSON.stringify(body));
  };
}

async function answer(
  calls: readonly ControlCall[],
  request: IncomingMessage,
  path: string,
): Promise<{ status: number; body: unknown }> {
  try {
    const text = await readBody(request);
    const matching = calls.flatMap((call) => {
      const parameters = match(call.path, path);
      return parameters === undefined ? [] : [{ call, parameters }];
    });
    const found = matching.find(({ call }) => call.method === request.method);
    if (found === undefined) {
      const status = matching.length === 0 ? 404 : 405;
      return { status, body: { error: `There is no ${request.method} ${CONTROL_PREFIX}${path}.` } };
    }
    const body: unknown = text === "" ? {} : JSON.parse(text);
    return { status: 200, body: found.call.run(body, found.parameters) ?? {} };
  } catch (error) {
    return { status: statusOf(error), body: { error: messageOf(error) } };
  }
}

/** `/accounts/:sid` against `/accounts/AC...`: the values, or undefined. */
function match(pattern: string, path: string): readonly string[] | undefined {
  const expected = pattern.split("/");
  const actual = path.split("/");
  if (expected.length !== actual.length) return undefined;
  const values: string[] = [];
  for (const [index, part] of expected.entries()) {
    const given = actual[index] ?? "";
    if (part.startsWith(":")) values.push(given);
    else if (part !== given) return undefined;
  }
  return values;
}

function statusOf(error: unknown): number {
  if (error instanceof ConsoleError) return error.status;
  if (error instanceof TooLargeError) return 413;
  if (error instanceof z.ZodError || error instanceof SyntaxError) return 400;
  return 500;
}

function messageOf(error: unknown): string {
  if (error instanceof z.ZodError) return z.prettifyError(error);
  return error instanceof Error ? error.message : String(error);
}
