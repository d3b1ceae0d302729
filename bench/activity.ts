/**
 * What it costs to know the activity of all accounts: requests and bytes for the first fill, and for a day after that, beside
 * the plain approach of reading all Daily records. Time is virtual, the simulator real: `npm run bench:activity`.
 */
import { parseArgs } from "node:util";
import PQueue from "p-queue";
import { type Account, parseAccountSid } from "../src/directory/account.js";
import { type Activity, dayOf } from "../src/directory/activity.js";
import { nextReadingAt } from "../src/directory/activity-schedule.js";
import type { Clock } from "../src/directory/ports.js";
import { type Simulator, startSimulator } from "../src/simulator/simulator.js";
import { createTwilioAccountGateway } from "../src/twilio/twilio-account-gateway.js";
import { createTwilioClient } from "../src/twilio/twilio-client.js";
import { createTwilioUsageGateway } from "../src/twilio/twilio-usage-gateway.js";
import { createUsageCatalogue } from "../src/twilio/usage-catalogue.js";

const HOUR_MS = 3_600_000;
const LATENCY_MS = 100;
const IN_FLIGHT = 8;
/** The plain approach is so slow that a few accounts have to do. */
const PLAIN_SAMPLE = 50;

const { values } = parseArgs({
  options: {
    accounts: { type: "string", multiple: true, default: ["1000", "100000"] },
    sample: { type: "string", default: "2000" },
    seed: { type: "string", default: "1" },
  },
});
const seed = Number(values.seed);
const sample = Number(values.sample);

for (const accounts of values.accounts.map(Number)) await measure(accounts);

interface Cost {
  readonly requests: number;
  readonly bytes: number;
}

async function measure(accounts: number): Promise<void> {
  let now = Date.now();
  const clock: Clock = { now: () => now, sleep: async () => undefined };
  const simulator = await startSimulator({ accounts, seed, now: () => now });
  const owner = parseAccountSid(simulator.accountSid);
  if (owner === undefined) throw new Error("the simulator's own SID has the form of one");
  const client = createTwilioClient({
    credentials: { accountSid: owner, username: simulator.accountSid, password: simulator.authToken },
    apiUrl: simulator.url,
    maxConcurrency: IN_FLIGHT,
    clock,
    random: Math.random,
  });
  const usage = createTwilioUsageGateway({ client, catalogue: createUsageCatalogue() });
  const all: Account[] = [];
  for await (const page of createTwilioAccountGateway(client).pages({ priority: "sync" })) all.push(...page);
  const chosen = all.length <= sample ? all : all.filter((_, n) => n % Math.ceil(all.length / sample) === 0);
  const queue = new PQueue({ concurrency: IN_FLIGHT });
  const known = new Map<string, Activity>();

  async function read(account: Account): Promise<void> {
    const before = known.get(account.sid)?.usage;
    const found = await usage.readUsage(account, before, { priority: "usage" });
    known.set(account.sid, { state: "current", usage: found, asOf: now, changedAt: now });
  }

  takeCost(simulator);
  await queue.addAll(chosen.map((account) => () => read(account)));
  const fill = takeCost(simulator);

  const plain = chosen.filter((_, n) => n % Math.ceil(chosen.length / PLAIN_SAMPLE) === 0);
  await queue.addAll(plain.map((account) => () => readAllDaily(simulator, account)));
  const daily = takeCost(simulator);

  const filledAt = now;
  const busy = chosen.filter(({ sid }) => known.get(sid)?.usage?.lastActivity === dayOf(filledAt));
  for (let hour = 1; hour <= 24; hour++) {
    now = filledAt + hour * HOUR_MS;
    for (const { sid } of busy) chargeAgain(simulator, sid, now);
    const due = chosen.filter((account) => {
      const activity = known.get(account.sid);
      if (activity === undefined) return false;
      const attributes = { userName: "" };
      const user = { account, activity, identity: undefined, attributes, groups: [], lastModified: 0 };
      const next = nextReadingAt(user, HOUR_MS, now);
      return next !== undefined && next <= now;
    });
    await queue.addAll(due.map((account) => () => read(account)));
  }
  const steady = takeCost(simulator);
  await simulator.close();

  const scale = all.length / chosen.length;
  const hours = (requests: number) => ((requests * LATENCY_MS) / IN_FLIGHT / HOUR_MS).toFixed(2);
  process.stdout.write(
    [
      `\n${accounts} subaccounts, seed ${seed}, ${chosen.length} of them read, ${busy.length} charged every hour`,
      row("", "requests/account", "KiB/account", `hours in all at ${LATENCY_MS} ms, ${IN_FLIGHT} in flight`),
      row("first fill", ...per(fill, chosen.length), hours(fill.requests * scale)),
      row("a day after", ...per(steady, chosen.length), hours(steady.requests * scale)),
      row(
        "all Daily records",
        ...per(daily, plain.length),
        hours((daily.requests / plain.length) * all.length),
      ),
      "",
    ].join("\n"),
  );
}

function takeCost({ world }: Simulator): Cost {
  const { routes } = world.traffic.report();
  world.traffic.reset();
  const usage = Object.entries(routes).flatMap(([name, route]) => (name.startsWith("usage.") ? [route] : []));
  return {
    requests: usage.reduce((sum, route) => sum + route.requests, 0),
    bytes: usage.reduce((sum, route) => sum + route.bytes, 0),
  };
}

/** What is done without thinking: every category's record of every day of the last year. */
async function readAllDaily({ url, accountSid, authToken }: Simulator, { sid }: Account): Promise<void> {
  const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}`;
  const first = `/2010-04-01/Accounts/${sid}/Usage/Records/Daily.json?IncludeSubaccounts=false&PageSize=1000&StartDate=-365days`;
  for (let uri: string | null = first; uri !== null; ) {
    const response = await fetch(`${url}${uri}`, { headers: { authorization } });
    const body = (await response.json()) as { next_page_uri: string | null };
    uri = body.next_page_uri;
  }
}

function chargeAgain({ world }: Simulator, accountSid: string, now: number): void {
  world.ledger.add({ accountSid, day: dayOf(now), category: "sms-outbound-longcode", price: "0.0079" });
}

function per({ requests, bytes }: Cost, accounts: number): [string, string] {
  return [(requests / accounts).toFixed(2), (bytes / accounts / 1024).toFixed(1)];
}

function row(...cells: string[]): string {
  const widths = [20, 18, 14, 40];
  return cells.map((cell, n) => cell.padEnd(widths[n] ?? 0)).join("");
}
