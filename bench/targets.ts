import { bridgeName } from "./context.js";
import type { FigureName } from "./figures.js";
import type { Options } from "./options.js";
import { PEER_NAMES } from "./peers/start.js";
import type { Row } from "./rows.js";
import { median } from "./statistics.js";
import { RAW_SDK } from "./work/raw-sdk.js";

/** A figure that the bridge is meant to reach. */
export interface Target {
  readonly what: string;
  readonly limit: { readonly atLeast: number } | { readonly atMost: number };
  readonly unit: string;
  readonly decimals: number;
  /** Undefined where this run has not measured it. */
  readonly measured: number | undefined;
}

/** What is to be reached, with what these rows say of it. Measured with the largest bridge unless it is said otherwise. */
export function targets(rows: readonly Row[], { sizes, peerSize }: Options): readonly Target[] {
  const figures = new FigureReader(rows);
  const [smallest, largest] = [bridgeName(Math.min(...sizes)), bridgeName(Math.max(...sizes))];
  return [
    ...floorTargets(figures, largest),
    ...writeTargets(figures, largest),
    ...peerTargets(figures, bridgeName(peerSize)),
    ...growthTargets(figures, smallest, largest),
    ...importTargets(figures, largest),
    ...startTargets(figures, largest),
  ];
}

interface Place {
  readonly work: string;
  readonly server: string;
}

/** Finds figures, and compares them. */
class FigureReader {
  readonly #rows: readonly Row[];

  constructor(rows: readonly Row[]) {
    this.#rows = rows;
  }

  of(work: string, server: string, figure: FigureName): number | undefined {
    return this.#row({ work, server })?.figures[figure];
  }

  /** How many times as many requests/s one has as the other. */
  times(one: Place, other: Place): number | undefined {
    return this.#compare("requestsPerSecond", one, other, (a, b) => a / b);
  }

  /** How many milliseconds the median time of one is above that of the other. */
  extraMs(one: Place, other: Place): number | undefined {
    return this.#compare("p50Ms", one, other, (a, b) => a - b);
  }

  /** Round by round, since what belongs to one round has met the same moments of the machine. */
  #compare(
    figure: FigureName,
    one: Place,
    other: Place,
    compare: (a: number, b: number) => number,
  ): number | undefined {
    const others = this.#row(other)?.rounds ?? [];
    const compared = (this.#row(one)?.rounds ?? []).flatMap((round, n) => {
      const [a, b] = [round[figure], others[n]?.[figure]];
      return a === undefined || b === undefined ? [] : [compare(a, b)];
    });
    return compared.length === 0 ? undefined : median(compared);
  }

  #row({ work, server }: Place): Row | undefined {
    return this.#rows.find((row) => row.work === work && row.server === server && row.failure === undefined);
  }
}

function floorTargets(figures: FigureReader, bridge: string): readonly Target[] {
  const part = (work: string, atLeast: number): Target => ({
    what: `${work}, of the floor's requests/s`,
    limit: { atLeast },
    unit: "",
    decimals: 2,
    measured: figures.times({ work, server: bridge }, { work, server: "floor" }),
  });
  return [
    part("by-id", 0.75),
    part("user-name", 0.75),
    part("first-page", 0.7),
    part("last-page", 0.7),
    {
      what: "scan, p50",
      limit: { atMost: 15 },
      unit: "ms",
      decimals: 1,
      measured: figures.of("scan", bridge, "p50Ms"),
    },
  ];
}

function writeTargets(figures: FigureReader, bridge: string): readonly Target[] {
  const part = (work: string, atLeast: number): Target => ({
    what: `${work}, of the raw SDK's changes/s`,
    limit: { atLeast },
    unit: "",
    decimals: 2,
    measured: figures.times({ work, server: bridge }, { work, server: RAW_SDK }),
  });
  const work = "patch-active";
  return [
    {
      what: `${work}, p50 over the raw SDK's`,
      limit: { atMost: 2 },
      unit: "ms",
      decimals: 2,
      measured: figures.extraMs({ work, server: bridge }, { work, server: RAW_SDK }),
    },
    part("status-changes-20ms", 0.9),
    part("status-changes-0ms", 0.3),
  ];
}

function peerTargets(figures: FigureReader, bridge: string): readonly Target[] {
  const wanted = { "by-id": 2, "user-name": 2, "first-page": 50 };
  return PEER_NAMES.flatMap((peer) =>
    Object.entries(wanted).map(([work, atLeast]) => ({
      what: `${work}, times ${peer}'s requests/s`,
      limit: { atLeast },
      unit: "x",
      decimals: 1,
      measured: figures.times({ work, server: bridge }, { work, server: peer }),
    })),
  );
}

function growthTargets(figures: FigureReader, smallest: string, largest: string): readonly Target[] {
  return ["by-id", "user-name", "first-page"].map((work) => {
    const times = figures.times({ work, server: smallest }, { work, server: largest });
    return {
      what: `${work}, slower than with the smallest bridge by`,
      limit: { atMost: 10 },
      unit: "%",
      decimals: 0,
      measured: times === undefined ? undefined : (times - 1) * 100,
    };
  });
}

function importTargets(figures: FigureReader, bridge: string): readonly Target[] {
  return ["import-by-index", "import-by-cursor"].map((work) => ({
    what: work,
    limit: { atMost: 1.5 },
    unit: "s",
    decimals: 2,
    measured: figures.of(work, bridge, "seconds"),
  }));
}

function startTargets(figures: FigureReader, bridge: string): readonly Target[] {
  const target = (what: string, atMost: number, unit: string, measured: number | undefined): Target => ({
    what,
    limit: { atMost },
    unit,
    decimals: unit === "s" ? 2 : 0,
    measured,
  });
  return [
    target("start to ready", 2, "s", figures.of("start", bridge, "seconds")),
    target("peak RSS, start and a sync pass", 600, "MiB", figures.of("start", bridge, "peakRssMib")),
    target("sync pass, CPU", 3, "s", figures.of("sync-pass", bridge, "cpuSeconds")),
    target("sync pass, longest slice", 30, "ms", figures.of("sync-pass", bridge, "loopDelayMaxMs")),
  ];
}
