import autocannon from "autocannon";
import { type Load, partOf } from "./load.js";

const SAMPLE_MS = 50;

/** Load by autocannon. Times are taken from each answer, since its own histogram knows whole milliseconds only. */
export const loadByAutocannon: Load = ({ origin, headers, paths, connections, durationMs }) =>
  new Promise((resolve, reject) => {
    const timesMs: number[] = [];
    let connected = 0;
    const startedAt = performance.now();
    let lastAt = startedAt;
    const running = autocannon(
      {
        url: origin,
        headers,
        connections,
        duration: durationMs / 1000,
        sampleInt: SAMPLE_MS,
        setupClient(client) {
          client.setRequests(partOf(paths, connected % connections, connections).map((path) => ({ path })));
          connected += 1;
        },
      },
      (error, { non2xx, errors, statusCodeStats }) => {
        if (error !== null) reject(error);
        else if (non2xx > 0 || errors > 0 || timesMs.length === 0) {
          const statuses = JSON.stringify(statusCodeStats);
          reject(new Error(`${non2xx} answers are no success and ${errors} did not come: ${statuses}`));
        } else resolve({ timesMs: timesMs.sort((a, b) => a - b), elapsedMs: lastAt - startedAt });
      },
    );
    running.on("response", (_client, _status, _bytes, ms) => {
      timesMs.push(ms);
      lastAt = performance.now();
    });
  });
