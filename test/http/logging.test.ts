import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import supertest from "supertest";
import { createLog } from "../../src/log.js";
import { type BridgeOnSimulator, startBridgeOnSimulator, TOKEN } from "../support/bridge-on-simulator.js";

const UNKNOWN_SID = `AC${"0".repeat(32)}`;
const patchActive = (value: unknown) => ({ Operations: [{ op: "replace", path: "active", value }] });

describe("the log", () => {
  let running: BridgeOnSimulator;

  beforeEach(async () => {
    running = await startBridgeOnSimulator({ parts: { random: () => 0.5 } });
  });
  afterEach(() => running.stop());

  const linesOf = (msg: string) => running.logged.filter((line) => line.msg === msg);
  const accessLines = () => linesOf("request");
  const audits = () => linesOf("audit").map(({ audit }) => audit as Record<string, unknown>);

  async function create(userName = "ada@example.com"): Promise<string> {
    const { body } = await running.scim("post", "/Users").send({ userName, displayName: "Ada" });
    return body.id;
  }

  it("has one line for each request, with what was answered and to whom", async () => {
    await running.scim("get", "/Users?count=1").set("X-Request-Id", "from-okta-1");
    await running.scim("get", "/nothing");
    await supertest(running.bridge.app).delete(`/scim/v2/Users/${UNKNOWN_SID}`);
    await supertest(running.bridge.app).get("/elsewhere");
    expect(accessLines()).toEqual([
      expect.objectContaining({
        requestId: "from-okta-1",
        method: "GET",
        path: "/scim/v2/Users",
        status: 200,
        client: "SCIM_TOKEN",
      }),
      expect.objectContaining({ method: "GET", path: "/scim/v2/nothing", status: 404, client: "SCIM_TOKEN" }),
      expect.objectContaining({ method: "DELETE", path: `/scim/v2/Users/${UNKNOWN_SID}`, status: 401 }),
      expect.objectContaining({ method: "GET", path: "/elsewhere", status: 404 }),
    ]);
    for (const line of accessLines()) {
      expect(line).toMatchObject({
        requestId: expect.stringMatching(/./),
        durationMs: expect.any(Number),
        ip: expect.any(String),
      });
    }
    expect(accessLines()[2]).not.toHaveProperty("client");
  });

  it("has neither the query nor headers nor bodies", async () => {
    await running
      .scim("get", `/Users?filter=${encodeURIComponent('userName eq "secret.admirer"')}`)
      .set({ Cookie: "session=in-a-cookie", "User-Agent": "in-an-agent" });
    await running
      .scim("post", "/Users")
      .send({ userName: "ada@example.com", password: "in-a-password", title: "in-a-title" });
    await running.scim("post", "/Users").send('{"userName":"in-malformed-json"');
    const text = JSON.stringify(running.logged);
    for (const hint of [
      "secret.admirer",
      "filter",
      "in-a-cookie",
      "in-an-agent",
      "in-a-password",
      "in-a-title",
      "in-malformed-json",
    ]) {
      expect(text).not.toContain(hint);
    }
  });

  it("is not filled by probes", async () => {
    await supertest(running.bridge.app).get("/healthz");
    await supertest(running.bridge.app).get("/readyz");
    expect(accessLines()).toEqual([]);
  });

  it("has one audit line for each change: who, what, from, to and the outcome", async () => {
    const accountSid = await create();
    const path = `/Users/${accountSid}`;
    await running.scim("patch", path).set("X-Request-Id", "suspending").send(patchActive(false));
    await running.scim("patch", path).send(patchActive(false));
    await running
      .scim("put", path)
      .send({ userName: "countess@example.com", displayName: "Countess", active: true });
    await running.scim("delete", path);
    const common = { accountSid, durationMs: expect.any(Number) };
    expect(audits()).toMatchObject([
      {
        ...common,
        actions: ["create"],
        to: { status: "active", friendlyName: "Ada", userName: "ada@example.com" },
        outcome: "done",
      },
      {
        ...common,
        actor: { name: "SCIM_TOKEN", requestId: "suspending" },
        actions: ["suspend"],
        from: { status: "active", friendlyName: "Ada", userName: "ada@example.com" },
        to: { status: "suspended" },
        outcome: "done",
      },
      { ...common, actions: [], outcome: "unchanged" },
      {
        ...common,
        actions: ["reactivate", "rename", "update"],
        from: { status: "suspended", friendlyName: "Ada", userName: "ada@example.com" },
        to: { status: "active", friendlyName: "Countess", userName: "countess@example.com" },
        outcome: "done",
      },
      {
        ...common,
        actions: ["close"],
        from: { status: "active" },
        to: { status: "closed" },
        outcome: "done",
      },
    ]);
  });

  it("has an audit line for what was refused or failed too, with Twilio's code", async () => {
    const accountSid = await create();
    const { world, accountSid: owner } = running.simulator;
    await running.scim("delete", `/Users/${owner}`);
    await running.scim("post", "/Users").send({ userName: "ada@example.com" });
    world.accounts.suspendByTwilio(accountSid);
    await running.bridge.sync.pass();
    await running.scim("patch", `/Users/${accountSid}`).send(patchActive(true));
    world.settings.set({ subaccountLimit: 0 });
    await running.scim("post", "/Users").send({ userName: "bob@example.com" });
    world.faults.add({ kind: "429" });
    await running.scim("delete", `/Users/${accountSid}`);
    world.faults.clear();
    world.faults.add({ kind: "drop-before" });
    await running.scim("delete", `/Users/${accountSid}`);
    const asked = audits().filter(({ actor }) => (actor as { name: string }).name !== "twilio");
    expect(asked.slice(1)).toMatchObject([
      { actions: ["close"], accountSid: owner, outcome: "refused", reason: "accountProtected" },
      { actions: ["create"], outcome: "refused", reason: "userNameTaken" },
      {
        actions: ["reactivate"],
        accountSid,
        outcome: "refused",
        reason: "suspendedByTwilio",
        twilioCode: 21478,
      },
      { actions: ["create"], outcome: "refused", reason: "subaccountLimit", twilioCode: 21480 },
      { actions: ["close"], accountSid, outcome: "failed", reason: "twilioUnavailable", twilioCode: 20429 },
      { actions: ["close"], accountSid, outcome: "unknown", reason: "outcomeUnknown" },
    ]);
  });

  it("has no audit line for what asks for no change", async () => {
    const accountSid = await create();
    const lines = audits().length;
    await running.scim("get", `/Users/${accountSid}`);
    await running.scim("patch", `/Users/${accountSid}`).send(patchActive("banana"));
    await running.scim("post", "/Users").send({});
    await supertest(running.bridge.app).delete(`/scim/v2/Users/${accountSid}`);
    expect(audits()).toHaveLength(lines);
  });
});

describe("secrets", () => {
  it("are in no line of the log and in no answer, whatever goes wrong, not even at debug level", async () => {
    const running = await startBridgeOnSimulator({ parts: { random: () => 0.5 } });
    const { simulator, bridge } = running;
    const answers: string[] = [];
    const keep = async (asked: PromiseLike<supertest.Response>) => {
      const { headers, text } = await asked;
      answers.push(JSON.stringify(headers), text);
    };
    const { body } = await running.scim("post", "/Users").send({ userName: "ada@example.com" });
    const path = `/Users/${body.id}`;

    async function everything(): Promise<void> {
      await keep(running.scim("get", "/Users?count=1000"));
      await keep(running.scim("get", path));
      await keep(running.scim("get", `/Users/AC${"0".repeat(32)}`));
      await keep(running.scim("get", `/Users?filter=${encodeURIComponent(`userName eq "${TOKEN}`)}`));
      await keep(running.scim("get", `/nothing/${TOKEN}`));
      await keep(running.scim("post", "/Users").send({ userName: "bob@example.com" }));
      await keep(running.scim("post", "/Users").send(`{"userName":"${TOKEN}`));
      await keep(running.scim("put", path).send({ userName: "ada@example.com", displayName: "Countess" }));
      await keep(running.scim("patch", path).send(patchActive(false)));
      await keep(running.scim("patch", path).send(patchActive(true)));
      await keep(supertest(bridge.app).get("/scim/v2/Users").set("Authorization", `Bearer ${TOKEN}x`));
      await keep(supertest(bridge.app).get("/scim/v2/Users").auth("okta", `${TOKEN}x`));
      await keep(supertest(bridge.app).get("/readyz"));
      await bridge.sync.pass();
    }

    for (const fault of [
      { kind: "429" },
      { kind: "status", status: 500 },
      { kind: "status", status: 503, body: "html" },
      { kind: "html-200" },
      { kind: "truncated-json" },
      { kind: "drop-before" },
      { kind: "drop-after" },
    ] as const) {
      simulator.world.faults.add(fault);
      await everything();
      simulator.world.faults.clear();
      await everything();
    }
    simulator.world.accounts.suspend(simulator.accountSid);
    await everything();
    await simulator.close();
    await everything();
    await running.stop();

    const said = [...answers, ...running.logged.map((line) => JSON.stringify(line))].join("\n");
    const tokens = simulator.world.accounts.list().map(({ sid, authToken }) => [sid, authToken] as const);
    const base64 = (text: string) => Buffer.from(text).toString("base64");
    // A path may hold what a client puts there, and is masked in the log; the answer tells the client its own words.
    const own = said.replaceAll(`There is nothing at /scim/v2/nothing/${TOKEN}.`, "");
    for (const secret of [
      TOKEN,
      base64(TOKEN),
      base64(`okta:${TOKEN}`),
      ...tokens.flatMap(([sid, token]) => [token, base64(`${sid}:${token}`)]),
    ]) {
      expect(own).not.toContain(secret);
    }
    expect(own).not.toMatch(/authorization|auth_?token/i);
    expect(running.logged.filter(({ level }) => Number(level) >= 40).length).toBeGreaterThan(10);
  });

  it("are masked wherever they stand in a line, escaped or not", () => {
    const lines: string[] = [];
    const log = createLog({
      level: "debug",
      secrets: ['quo"te', "per%cent/", "", "short", "shorter"],
      destination: { write: (line) => void lines.push(line) },
    });
    log.info(
      { a: { b: 'x quo"te y' }, c: "per%25cent%2F", d: "per%cent/", err: new Error("shorter") },
      'quo"te short',
    );
    const [line = ""] = lines;
    expect(line).not.toMatch(/quo|cent|short/);
    expect(JSON.parse(line)).toMatchObject({
      a: { b: "x [secret] y" },
      c: "[secret]",
      msg: "[secret] [secret]",
    });
  });
});
