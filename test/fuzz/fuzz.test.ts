import { describe, expect, it } from "@jest/globals";
import { createBombs } from "./body-mutations.js";
import { Coverage } from "./coverage.js";
import { complaintsAboutEffects } from "./effects.js";
import { NoAnswerError } from "./fuzz-client.js";
import { describeFailure, type FuzzFailure, planWorlds, runFuzz } from "./fuzz-run.js";
import { type FuzzWorld, openWorld } from "./fuzz-world.js";
import type { FuzzAnswer, FuzzRequest } from "./request.js";
import { readResourceDefinitions } from "./schema-files.js";
import { WorldRun } from "./world-run.js";

const SEED = 20_261_124;
const REQUESTS = 2000;
/** Four worlds, one of each kind. */
const REQUESTS_PER_WORLD = 500;

describe("a short fuzz run", () => {
  it("meets nothing that must not happen, and no answer that nobody foresaw", async () => {
    const worlds = planWorlds(REQUESTS, REQUESTS_PER_WORLD);
    const { requests, failures } = await runFuzz({ seed: SEED, worlds, maxFailures: 5 });
    expect(failures.map(describeFailure)).toEqual([]);
    expect(requests).toBe(REQUESTS);
  }, 60_000);

  it("makes up the same requests for the same seed", async () => {
    const [once, again] = [await recordedRequests(), await recordedRequests()];
    expect(again).toEqual(once);
    expect(once.length).toBeGreaterThan(150);
  }, 60_000);
});

/** What comes between the bridge and the fuzzer's client. */
type Meddle = (
  request: FuzzRequest,
  exchange: FuzzWorld["client"]["exchange"],
  world: FuzzWorld,
) => Promise<FuzzAnswer>;

async function play(requests: number, meddle: Meddle): Promise<readonly FuzzFailure[]> {
  const world = await openWorld(SEED, 1);
  const { client } = world;
  const run = new WorldRun({
    world: {
      ...world,
      client: { exchange: (request) => meddle(request, (sent) => client.exchange(sent), world) },
    },
    plan: { number: 1, firstRequest: 1, requests },
    definitions: readResourceDefinitions(),
    bombs: createBombs(),
    coverage: new Coverage(),
    seed: SEED,
    maxFailures: 1,
  });
  try {
    await run.play();
  } finally {
    await world.close();
  }
  return run.failures;
}

async function recordedRequests(): Promise<readonly string[]> {
  const requests: string[] = [];
  const failures = await play(200, (request, exchange) => {
    requests.push(`${request.method} ${request.path} ${request.body?.toString("base64")}`);
    return exchange(request);
  });
  expect(failures.map(describeFailure)).toEqual([]);
  return requests;
}

type Change = (answer: FuzzAnswer, world: FuzzWorld) => FuzzAnswer;

/** Changes the first answer with this status to such a request, once accounts have been read. */
function once(method: string, status: number, change: Change, text = ""): Meddle {
  let isDone = false;
  return async (request, exchange, world) => {
    const answer = await exchange(request);
    const isMeant = request.method === method && answer.status === status && answer.text.includes(text);
    if (isDone || !isMeant || !world.bridge.bridge.directory.isReady) return answer;
    isDone = true;
    return change(answer, world);
  };
}

/** An account that may be changed, in this status. */
function someAccount({ simulator, untouchable }: FuzzWorld, status: string): string {
  const accounts = simulator.world.accounts.list();
  const found = accounts.find((account) => account.status === status && !untouchable.has(account.sid));
  if (found === undefined) throw new Error(`no account is ${status}`);
  return found.sid;
}

function withBody(answer: FuzzAnswer, change: (text: string) => string): FuzzAnswer {
  const text = change(answer.text);
  return { ...answer, text, body: JSON.parse(text) };
}

describe("the fuzzer notices", () => {
  const cases: readonly (readonly [string, Meddle, RegExp])[] = [
    [
      "a suspension that nobody asked for",
      once("GET", 200, (answer, world) => {
        world.simulator.world.accounts.suspend(someAccount(world, "active"));
        return answer;
      }),
      /went from .*"active".* to .*"suspended".*, and nobody asked for it/,
    ],
    [
      "an account that is closed when another one is patched",
      once("PATCH", 200, (answer, world) => {
        world.simulator.world.accounts.close(someAccount(world, "suspended"));
        return answer;
      }),
      /to .*"closed".*, and nobody asked for it/,
    ],
    [
      "an account that is made twice",
      once("POST", 201, (answer, world) => {
        world.simulator.world.accounts.create({ friendlyName: "Once more" });
        return answer;
      }),
      /was created as .*, and nobody asked for it/,
    ],
    [
      "a change of the owner account",
      once("PUT", 200, (answer, { simulator }) => {
        simulator.world.accounts.edit(simulator.accountSid, { friendlyName: "Mine now" });
        return answer;
      }),
      /and it must never change/,
    ],
    [
      "an answer that nobody foresaw",
      once("PATCH", 404, (answer) => ({ ...answer, status: 410 })),
      /nobody foresaw .* 410/,
    ],
    ["a 500", once("GET", 200, (answer) => ({ ...answer, status: 500 })), /the status is 500/],
    [
      "a 503 while all is well",
      once("GET", 404, (answer) => ({ ...answer, status: 503 })),
      /the status is 503/,
    ],
    [
      "a token in an answer",
      once("GET", 200, (answer, { simulator }) =>
        withBody(answer, (text) => text.replace("{", `{"auth_token":"${simulator.authToken}",`)),
      ),
      /a secret is to be seen/,
    ],
    [
      "the token of an account in an answer",
      once("GET", 200, (answer, { simulator }) => {
        const [account] = simulator.world.accounts.list();
        return withBody(answer, (text) => text.replace("{", `{"auth_token":"${account?.authToken}",`));
      }),
      /a secret is to be seen/,
    ],
    [
      "an error without its keyword",
      once("POST", 400, (answer) => withBody(answer, (text) => text.replace(/"scimType":"\w+",/, ""))),
      /400 without a scimType/,
    ],
    [
      "a list that counts wrongly",
      once(
        "GET",
        200,
        (answer) => withBody(answer, (text) => text.replace(/"itemsPerPage":\d+/, '"itemsPerPage":77')),
        '"itemsPerPage"',
      ),
      /itemsPerPage is 77/,
    ],
    [
      "a user that is shown as what it is not",
      once(
        "PATCH",
        200,
        (answer) =>
          withBody(answer, (text) =>
            text.includes('"active":true')
              ? text.replace('"active":true', '"active":false')
              : text.replace('"active":false', '"active":true'),
          ),
        '"active":',
      ),
      /is shown as active|was to become/,
    ],
    [
      "no answer",
      async (request, exchange) => {
        if (request.method === "PUT") throw new NoAnswerError("no answer within 10000 ms");
        return exchange(request);
      },
      /no answer within/,
    ],
  ];

  it.each(cases)("%s", async (_what, meddle, complaint) => {
    const failures = await play(400, meddle);
    expect(failures.flatMap(({ complaints }) => complaints).join("\n")).toMatch(complaint);
    expect(failures.map(describeFailure).join()).toContain(`with seed ${SEED}`);
  });

  it("a change that was asked for, and refused", () => {
    const before = new Map([["AC1", { status: "active", friendlyName: "Ada" } as const]]);
    const after = new Map([["AC1", { status: "suspended", friendlyName: "Ada" } as const]]);
    const asks = () => [{ kind: "change", sid: "AC1", body: { active: "False" } }] as const;
    const context = { asks, untouchable: new Set<string>(), unfinished: new Set<string>() };
    expect(complaintsAboutEffects(before, after, { ...context, status: 200 })).toEqual([]);
    expect(complaintsAboutEffects(before, after, { ...context, status: 400 })).toEqual([
      expect.stringMatching(/though the answer was 400/),
    ]);
  });

  it("and shows the request, without its token", () => {
    const request = {
      method: "PATCH",
      path: "/scim/v2/Users/AC1",
      headers: { authorization: "Bearer of-bad-news", "content-type": "application/json" },
      body: Buffer.from('{"a":"\u00e9"}'),
    };
    const failure = { seed: 1, requestNumber: 7, request, answer: "500 ", complaints: ["the status is 500"] };
    const text = describeFailure(failure);
    expect(text).toContain("request 7 with seed 1");
    expect(text).toContain("PATCH /scim/v2/Users/AC1");
    expect(text).toContain('body: "{\\"a\\":\\"é\\"}"');
    expect(text).not.toContain("of-bad-news");
  });
});
