/** What the simulated Twilio was asked. Calls to the control endpoint are not counted. */
export interface Traffic {
  begin(request: { method: string; url: string; route: string; at: string }): RequestInProgress;
  report(): TrafficReport;
  /** Forgets counts and log. The highest number of requests in flight starts again from the present one. */
  reset(): void;
}

export interface RequestInProgress {
  /** In flight at this moment, this one included. */
  readonly inFlight: number;
  /**
   * To be told once it is over, just before the answer goes out: whoever has the answer has left. Further calls are
   * ignored.
   * @param status undefined when no answer was sent
   * @param bytes of the body
   */
  end(status: number | undefined, bytes: number): void;
}

export interface TrafficReport {
  readonly inFlight: number;
  readonly maxInFlight: number;
  /** By name of route, such as `accounts.list`. */
  readonly routes: Readonly<Record<string, RouteTraffic>>;
  /** The latest requests that have ended, oldest first. */
  readonly log: readonly LoggedRequest[];
}

export interface RouteTraffic {
  /** Begun, ended or not. */
  requests: number;
  /** Of the bodies of answers. */
  bytes: number;
  /** By status; `none` for those that got no answer. */
  statuses: Record<string, number>;
}

export interface LoggedRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly route: string;
  /** The simulator's time at its arrival, ISO 8601. */
  readonly at: string;
  /** Null when the connection was cut without an answer. */
  readonly status: number | null;
}

const LOG_LENGTH = 1000;

export function createTraffic(): Traffic {
  let inFlight = 0;
  let maxInFlight = 0;
  let routes: Record<string, RouteTraffic> = {};
  let log: LoggedRequest[] = [];

  return {
    begin({ method, url, route, at }) {
      inFlight += 1;
      maxInFlight = Math.max(maxInFlight, inFlight);
      const counts = routes[route] ?? { requests: 0, bytes: 0, statuses: {} };
      routes[route] = counts;
      counts.requests += 1;
      let hasEnded = false;
      return {
        inFlight,
        end(status, bytes) {
          if (hasEnded) return;
          hasEnded = true;
          inFlight -= 1;
          const label = status === undefined ? "none" : String(status);
          counts.bytes += bytes;
          counts.statuses[label] = (counts.statuses[label] ?? 0) + 1;
          log.push({ method, url, route, at, status: status ?? null });
          if (log.length >= 2 * LOG_LENGTH) log = log.slice(-LOG_LENGTH);
        },
      };
    },
    report: () => structuredClone({ inFlight, maxInFlight, routes, log: log.slice(-LOG_LENGTH) }),
    reset() {
      maxInFlight = inFlight;
      routes = {};
      log = [];
    },
  };
}
