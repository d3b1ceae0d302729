import { median } from "./statistics.js";

/** Everything that is measured, in the order of columns: what it is called, and with how many decimals it is printed. */
export const FIGURES = {
  requestsPerSecond: { title: "requests/s", decimals: 0 },
  p50Ms: { title: "p50 ms", decimals: 2 },
  p99Ms: { title: "p99 ms", decimals: 2 },
  seconds: { title: "seconds", decimals: 2 },
  cpuMsPerRequest: { title: "CPU ms/request", decimals: 3 },
  cpuSeconds: { title: "CPU s", decimals: 2 },
  loopDelayP99Ms: { title: "loop delay p99 ms", decimals: 1 },
  loopDelayMaxMs: { title: "loop delay max ms", decimals: 1 },
  twilioPerRequest: { title: "to Twilio/request", decimals: 2 },
  usagePerRequest: { title: "usage/request", decimals: 2 },
  twilioRequests: { title: "to Twilio", decimals: 0 },
  usageRequests: { title: "usage", decimals: 0 },
  peakRssMib: { title: "peak RSS MiB", decimals: 0 },
  bytesPerUser: { title: "bytes/user", decimals: 0 },
} as const;

export type FigureName = keyof typeof FIGURES;

export type Figures = Readonly<Partial<Record<FigureName, number>>>;

export const FIGURE_NAMES = Object.keys(FIGURES) as readonly FigureName[];

/** Of each figure, the median over all rounds that have it. */
export function medians(rounds: readonly Figures[]): Figures {
  const names = FIGURE_NAMES.filter((name) => rounds.some((round) => round[name] !== undefined));
  return Object.fromEntries(
    names.map((name) => [name, median(rounds.flatMap((round) => round[name] ?? []))]),
  );
}
