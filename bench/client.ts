import { Agent, type IncomingHttpHeaders, request } from "node:http";
import { buffer } from "node:stream/consumers";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** From the request to the last byte. */
  readonly ms: number;
}

/** One client of a server, with its own connection, that sends one request after the other. */
export class Client {
  readonly #origin: URL;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor({ origin, headers }: { origin: string; headers: Readonly<Record<string, string>> }) {
    this.#origin = new URL(origin);
    this.#headers = headers;
  }

  /** @throws Error where the status is another one than `expected` */
  async send(method: string, path: string, expected: number, body?: object): Promise<Answer> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const startedAt = performance.now();
    const answer = await new Promise<Omit<Answer, "ms">>((resolve, reject) => {
      const { hostname: host, port } = this.#origin;
      const headers = {
        ...this.#headers,
        ...(text !== undefined && {
          "content-type": "application/scim+json",
          "content-length": Buffer.byteLength(text),
        }),
      };
      const sending = request({ agent: this.#agent, host, port, method, path, headers }, (response) => {
        const { statusCode: status = 0, headers } = response;
        buffer(response).then((body) => resolve({ status, headers, body }), reject);
      });
      sending.on("error", reject);
      sending.end(text);
    });
    const ms = performance.now() - startedAt;
    if (answer.status !== expected) {
      const said = answer.body.subarray(0, 300).toString();
      throw new Error(`${method} ${path} was answered with ${answer.status}: ${said}`);
    }
    return { ...answer, ms };
  }

  async get(path: string): Promise<Answer> {
    return this.send("GET", path, 200);
  }

  async json(path: string): Promise<unknown> {
    return JSON.parse((await this.get(path)).body.toString());
  }

  close(): void {
    this.#agent.destroy();
  }
}
