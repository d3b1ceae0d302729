import { connect } from "node:net";

export interface RawAnswer {
  readonly status: number;
  /** Names in lower case. What is sent several times is joined with commas. */
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
  /** The text, parsed. */
  readonly body: unknown;
}

export interface RawRequest {
  readonly method: string;
  /** As it is to stand on the request line, with nothing escaped. */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is; the headers have to tell its length. */
  readonly body?: string;
}

/** Sends what no HTTP client would, since they tidy up paths and headers. */
export async function rawExchange(port: number, request: RawRequest): Promise<RawAnswer> {
  const headers = { Host: "localhost", Connection: "close", ...request.headers };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const head = [`${request.method} ${request.target} HTTP/1.1`, ...lines, "", ""].join("\r\n");
  const socket = connect(port, "127.0.0.1");
  socket.write(head + (request.body ?? ""));
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  return parseAnswer(Buffer.concat(chunks).toString());
}

function parseAnswer(answer: string): RawAnswer {
  const [head = "", ...rest] = answer.split("\r\n\r\n");
  const [statusLine = "", ...lines] = head.split("\r\n");
  const text = rest.join("\r\n\r\n");
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers.set(name, headers.has(name) ? `${headers.get(name)}, ${value}` : value);
  }
  return {
    status: Number(statusLine.split(" ")[1]),
    headers,
    text,
    body: text === "" ? undefined : JSON.parse(text),
  };
}
