import { request as requestPlain } from "node:http";
import { Agent, type AgentOptions, request as requestSecure } from "node:https";
import { Duplex } from "node:stream";
import { connect, rootCertificates } from "node:tls";

export interface OutgoingAgentOptions {
  /** The host that is asked: it may be one that needs no proxy. */
  readonly host: string;
  /** `HTTPS_PROXY`, with a user and a password where it wants them. */
  readonly proxyUrl: string | undefined;
  /** `NO_PROXY` */
  readonly proxyExceptions: readonly string[];
  /** `TWILIO_CA_FILE`: certificate authorities besides the public ones, in PEM. */
  readonly ca: string | undefined;
  readonly maxSockets: number;
  /** After how much silence of the proxy or the host a connection is given up, in milliseconds. */
  readonly timeoutMs: number;
}

/** What connects to one host by HTTPS: directly, or through the proxy that the configuration names for it. */
export function createOutgoingAgent(options: OutgoingAgentOptions): Agent {
  const { host, proxyUrl, proxyExceptions, ca, maxSockets, timeoutMs } = options;
  const agentOptions: AgentOptions = {
    keepAlive: true,
    maxSockets,
    maxTotalSockets: maxSockets,
    timeout: timeoutMs,
    // A `ca` of one's own takes the place of the public ones.
    ...(ca !== undefined && { ca: [...rootCertificates, ca] }),
  };
  return proxyUrl === undefined || isException(host, proxyExceptions)
    ? new Agent(agentOptions)
    : new TunnelAgent(new URL(proxyUrl), agentOptions);
}

/** The proxy did not let a request through, so that nobody has seen it. */
export class ProxyError extends Error {
  override readonly name = "ProxyError";
  /** Such as `PROXY_407`, where the proxy wants another password. */
  readonly code: string;

  constructor(reason: number | string) {
    super("The proxy does not let the request through.");
    this.code = `PROXY_${reason}`;
  }
}

/**
 * HTTPS through a proxy by `CONNECT` (RFC 9110 §9.3.6). Unlike in `https-proxy-agent` 5, which the SDK brings along, a proxy's
 * refusal is never taken for the host's answer: its 404 would read as "there is no such account". And connections are kept.
 */
class TunnelAgent extends Agent {
  readonly #proxy: URL;

  constructor(proxy: URL, options: AgentOptions) {
    super(options);
    this.#proxy = proxy;
  }

  override createConnection(
    ...[options, callback]: Parameters<Agent["createConnection"]>
  ): ReturnType<Agent["createConnection"]> {
    const target = `${options.host}:${options.port ?? 443}`;
    const tunnel = this.#askFor(target);
    // The type asks for a stream with an error too; nobody looks at it.
    const fail = (error: Error) => callback?.(error, new Duplex());
    tunnel.once("connect", ({ statusCode = 0 }, socket: Duplex) => {
      if (statusCode === 200) {
        const { ca } = this.options;
        const servername = options.servername ?? "";
        callback?.(null, connect({ socket, servername, ALPNProtocols: ["http/1.1"], ...(ca && { ca }) }));
        return;
      }
      socket.destroy();
      fail(new ProxyError(statusCode));
    });
    // An answer that comes otherwise is one to a method that the proxy does not know.
    tunnel.once("response", ({ statusCode = 0 }) => tunnel.destroy(new ProxyError(statusCode)));
    tunnel.once("timeout", () => tunnel.destroy(new ProxyError("SILENT")));
    tunnel.once("error", fail);
    tunnel.end();
    return undefined;
  }

  #askFor(target: string) {
    const { protocol, hostname, port, username, password } = this.#proxy;
    const isSecure = protocol === "https:";
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return (isSecure ? requestSecure : requestPlain)({
      method: "CONNECT",
      host: hostname.replace(/^\[|\]$/g, ""),
      port: port || (isSecure ? 443 : 80),
      path: target,
      agent: false,
      timeout: this.options.timeout,
      headers: {
        Host: target,
        ...(username !== "" && {
          "Proxy-Authorization": `Basic ${Buffer.from(credentials).toString("base64")}`,
        }),
      },
    });
  }
}

/** `NO_PROXY`, as curl reads it: a name means itself and all below it. */
function isException(host: string, exceptions: readonly string[]): boolean {
  const wanted = host.toLowerCase();
  return exceptions.some((exception) => {
    const name = exception
      .toLowerCase()
      .replace(/:\d+$/, "")
      .replace(/^\*?\./, "");
    return name === "*" || wanted === name || wanted.endsWith(`.${name}`);
  });
}
