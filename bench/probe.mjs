/**
 * Goes into every server that is measured (`node --import`): tells on request what the process has used, and ends it when
 * the harness is gone, whatever ended that. JavaScript, since the bridge is measured without a TypeScript loader.
 */
import { readFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { isMainThread } from "node:worker_threads";

/** How often the loop is looked at. What is recorded holds this interval, too. */
const RESOLUTION_MS = 1;

// Threads are started with the same options as the process.
if (isMainThread && process.channel) {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  process.on("disconnect", () => process.exit());
  process.on("message", ({ id, ask }) => {
    if (ask !== "usage") return;
    const { user, system } = process.cpuUsage();
    const answer = {
      cpuMs: (user + system) / 1000,
      loopDelayP99Ms: milliseconds(delay.percentile(99)),
      loopDelayMaxMs: milliseconds(delay.max),
      peakRssMib: peakRssKib() / 1024,
    };
    delay.reset();
    process.send({ id, answer });
  });
  // A server that is told to stop must not stay for our questions.
  process.channel.unref();
}

function milliseconds(delayNs) {
  return Math.max(0, delayNs / 1e6 - RESOLUTION_MS);
}

/** `maxRSS` can be the harness's own, which is what the process was before it became a server. */
function peakRssKib() {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1]);
  } catch {
    return process.resourceUsage().maxRSS;
  }
}
