import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

export interface ScriptedAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string is sent as it is, everything else as JSON. */
  readonly body?: unknown;
}

export interface ScriptedTwilio {
  readonly url: string;
  /** Method and URL of every request, in order. */
  readonly requests: readonly string[];
  stop(): Promise<void>;
}

/**
 * A server that answers what the simulator never would.
 *
 * @param answer what a request is answered; undefined where `answer` has dealt with the response itself
 */
export async function startScriptedTwilio(
  answer: (request: IncomingMessage, response: ServerResponse) => ScriptedAnswer | undefined,
): Promise<ScriptedTwilio> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    request.resume();
    requests.push(`${request.method} ${request.url}`);
    const scripted = answer(request, response);
    if (scripted === undefined) return;
    const { status = 200, headers = {}, body = {} } = scripted;
    response.writeHead(status, { "Content-Type": "application/json", ...headers });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  });
  // A test that fails before it stops the server must not keep the process alive.
  server.unref();
  server.on("connection", (socket) => socket.unref());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export const RECORD_SID = `AC${"1".repeat(32)}`;

/** An account as Twilio sends it, as far as the bridge reads it. */
export const RECORD = {
  sid: RECORD_SID,
  auth_token: "the-token-of-a-subaccount",
  friendly_name: "Ada",
  status: "active",
  type: "Full",
  owner_account_sid: `AC${"0".repeat(32)}`,
  date_created: "Mon, 02 Mar 2026 10:20:30 +0000",
  date_updated: "Tue, 03 Mar 2026 11:21:31 +0000",
} as const;

export function pageBody(records: readonly unknown[], nextPageUri: string | null = null): object {
  return { accounts: records, next_page_uri: nextPageUri, page: 0, page_size: 1000, uri: "/" };
}
