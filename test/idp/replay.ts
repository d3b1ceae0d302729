import supertest from "supertest";
import type { BridgeParts } from "../../src/bridge.js";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.js";
import { twilioGateways } from "../../src/twilio-gateways.js";
import { type BridgeOnSimulator, SCIM_JSON, startBridgeOnSimulator } from "../support/bridge-on-simulator.js";
import { createHastyClock, type HastyClock } from "../support/hasty-clock.js";
import { answerDifferences } from "./answer-differences.js";
import { Captures } from "./captures.js";
import type { Conversation, Exchange, ExistingAccount, TwilioWrite } from "./conversation.js";
import { differences } from "./differences.js";
import { inLowerCase } from "./header-names.js";

const ORIGIN = "https://bridge.example";

/** Twilio's dates have seconds only, and lists are in the order of creation: nothing may be made in the same second. */
const BETWEEN_EXCHANGES_MS = 1000;

/**
 * Plays a conversation to a bridge of its own, on a simulator of its own. Rejects at the first exchange that goes another
 * way than the conversation has it, and tells the differences.
 */
export async function replay(conversation: Conversation): Promise<void> {
  const simulator = await startSimulator({ accounts: 0 });
  try {
    const stage = await setStage(conversation, simulator);
    try {
      for (const [index, exchange] of conversation.exchanges.entries()) {
        await playExchange(exchange, index, conversation, stage);
      }
    } finally {
      await stage.running.stop();
    }
  } finally {
    await simulator.close();
  }
}

interface Stage {
  readonly running: BridgeOnSimulator;
  readonly captures: Captures;
  /** Since they were last taken. */
  readonly writes: TwilioWrite[];
  /** Lets time pass for the bridge and for Twilio. */
  passTime(): void;
}

async function setStage({ env, accounts = [] }: Conversation, simulator: Simulator): Promise<Stage> {
  const captures = new Captures();
  captures.set("owner", simulator.accountSid);
  for (const account of accounts) addAccount(account, simulator, captures);
  const clock = createHastyClock();
  const writes: TwilioWrite[] = [];
  const running = await startBridgeOnSimulator({
    running: simulator,
    env: { PUBLIC_URL: ORIGIN, ...env },
    parts: { clock, createGateways: recordingWrites(writes) },
  });
  captures.set("base", `${running.config.http.publicUrl}/scim/v2`);
  captures.set("token", running.config.http.scimToken ?? "");
  running.takeTraffic();
  return { running, captures, writes, passTime: () => passTime(simulator, clock) };
}

function passTime({ world }: Simulator, clock: HastyClock): void {
  world.clock.advance(BETWEEN_EXCHANGES_MS);
  clock.skip(BETWEEN_EXCHANGES_MS);
}

function addAccount(account: ExistingAccount, { world }: Simulator, captures: Captures): void {
  const { as, friendlyName, status, type, count } = account;
  for (let number = 1; number <= (count ?? 1); number++) {
    world.clock.advance(BETWEEN_EXCHANGES_MS);
    const name = count === undefined ? friendlyName : `${friendlyName} ${number}`;
    const { sid } = world.accounts.create({ friendlyName: name, type });
    if (status === "suspended") world.accounts.suspend(sid);
    if (status === "closed") world.accounts.close(sid);
    if (as !== undefined) captures.set(count === undefined ? as : `${as}${number}`, sid);
  }
}

/** The simulator counts requests, and does not keep what was sent with them. */
function recordingWrites(writes: TwilioWrite[]): BridgeParts["createGateways"] {
  return (config, parts) => {
    const { accounts, usage } = twilioGateways(config, parts);
    return {
      usage,
      accounts: {
        ...accounts,
        create(friendlyName, options) {
          writes.push({ call: "accounts.create", friendlyName });
          return accounts.create(friendlyName, options);
        },
        update(sid, change, options) {
          writes.push({ call: "accounts.update", account: sid, ...change });
          return accounts.update(sid, change, options);
        },
      },
    };
  };
}

async function playExchange(
  exchange: Exchange,
  index: number,
  conversation: Conversation,
  stage: Stage,
): Promise<void> {
  stage.passTime();
  const at = `Exchange ${index + 1} of "${conversation.title}" (${conversation.reference}), which ${exchange.does}`;
  const found = await differencesOf(exchange, conversation, stage).catch((error: unknown) => {
    throw new Error(`${at}, cannot be played.`, { cause: error });
  });
  if (found.length > 0) throw new Error([`${at}:`, ...found].join("\n  "));
}

async function differencesOf(
  { request, answer, twilio = [], twilioReads }: Exchange,
  { headers: ofClient = {} }: Conversation,
  { running, captures, writes }: Stage,
): Promise<string[]> {
  const response = await send(request, ofClient, running, captures);
  const traffic = running.takeTraffic();
  const written = writes.splice(0);
  return [
    ...answerDifferences(response, answer, captures),
    ...differences(written, twilio, { place: "twilio", captures }),
    ...differences(traffic.writes, written.length, { place: "writes that reach Twilio", captures }),
    ...(twilioReads === undefined
      ? []
      : differences(traffic.reads, twilioReads, { place: "twilioReads", captures })),
  ];
}

async function send(
  { method, path, headers, body }: Exchange["request"],
  ofClient: Readonly<Record<string, string>>,
  { bridge }: BridgeOnSimulator,
  captures: Captures,
): Promise<supertest.Response> {
  const sent = {
    authorization: "Bearer {{token}}",
    ...(body !== undefined && { "content-type": SCIM_JSON }),
    ...inLowerCase(ofClient),
    ...inLowerCase(headers ?? {}),
  };
  const request = supertest(bridge.app)[METHODS[method]](`/scim/v2${captures.fill(path)}`);
  for (const [name, value] of Object.entries(sent)) {
    if (value !== null) request.set(name, captures.fill(value));
  }
  return body === undefined ? request : request.send(JSON.stringify(captures.fill(body)));
}

const METHODS = {
  GET: "get",
  HEAD: "head",
  POST: "post",
  PUT: "put",
  PATCH: "patch",
  DELETE: "delete",
} as const;
