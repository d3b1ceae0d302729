import { describe, expect, it } from "@jest/globals";
import { type Exchange, parseConversation } from "./conversation.js";
import { replay } from "./replay.js";

const RENAME: Exchange = {
  does: "renames the user",
  request: {
    method: "PATCH",
    path: "/Users/{{support}}?attributes=displayName",
    body: { Operations: [{ op: "replace", path: "displayName", value: "Helpdesk" }] },
  },
  answer: { status: 200, contains: { id: "{{support}}", displayName: "Helpdesk" } },
  twilio: [{ call: "accounts.update", account: "{{support}}", friendlyName: "Helpdesk" }],
  twilioReads: 0,
};

const COUNT: Exchange = {
  does: "counts the users",
  request: { method: "GET", path: "/Users?count=0" },
  answer: { status: 200, contains: { totalResults: 2 } },
};

function play(...exchanges: Exchange[]): Promise<void> {
  const accounts = [{ as: "support", friendlyName: "Support" }];
  return replay(
    parseConversation(JSON.stringify({ title: "A client", reference: "5", accounts, exchanges })),
  );
}

describe("the replay of a conversation", () => {
  it("resolves when all goes as it is written", async () => {
    await expect(play(RENAME, COUNT)).resolves.toBeUndefined();
  });

  it("names the exchange and the difference", async () => {
    const wrong = { ...COUNT, answer: { status: 200, contains: { totalResults: 3 } } };
    await expect(play(RENAME, wrong)).rejects.toThrow(
      'Exchange 2 of "A client" (5), which counts the users:\n  body.totalResults: expected 3, got 2',
    );
  });

  it.each<[string, Partial<Exchange>, string]>([
    ["a write at Twilio that was not expected", { twilio: [] }, "twilio[0]: expected nothing"],
    [
      "another parameter at Twilio",
      { twilio: [{ call: "accounts.update", account: "{{support}}", friendlyName: "Support" }] },
      'twilio[0].friendlyName: expected "Support", got "Helpdesk"',
    ],
    [
      "a parameter that was not sent",
      {
        twilio: [
          { call: "accounts.update", account: "{{support}}", friendlyName: "Helpdesk", status: "active" },
        ],
      },
      'twilio[0].status: expected "active", got nothing',
    ],
    [
      "another account at Twilio",
      { twilio: [{ call: "accounts.update", account: "{{owner}}", friendlyName: "Helpdesk" }] },
      "twilio[0].account: expected",
    ],
    [
      "a write at Twilio that did not come",
      { twilio: [...(RENAME.twilio ?? []), { call: "accounts.create", friendlyName: "A" }] },
      "twilio[1]: expected",
    ],
    ["another number of reads at Twilio", { twilioReads: 1 }, "twilioReads: expected 1, got 0"],
    ["another status", { answer: { status: 204 } }, "status: expected 204, got 200\n  answered: {"],
    ["a body where there should be none", { answer: { status: 200 } }, "body: expected nothing, got {"],
    [
      "another header",
      { answer: { ...RENAME.answer, headers: { "Cache-Control": "public" } } },
      'headers.cache-control: expected "public", got "no-store"',
    ],
    [
      "no header",
      { answer: { ...RENAME.answer, headers: { Location: "{{base}}" } } },
      'headers.location: expected "{{base}}", got nothing',
    ],
  ])("notices %s", async (_what, change, line) => {
    await expect(play({ ...RENAME, ...change })).rejects.toThrow(line);
  });

  it("lets time pass, so that users are listed in the order in which they are created", async () => {
    const userNames = ["e", "a", "d", "b", "c"];
    const creations = userNames.map(
      (userName): Exchange => ({
        does: "creates a user",
        request: { method: "POST", path: "/Users", body: { schemas: [], userName } },
        answer: { status: 201, contains: { userName } },
        twilio: [{ call: "accounts.create", friendlyName: userName }],
      }),
    );
    const list: Exchange = {
      does: "lists the users",
      request: { method: "GET", path: "/Users?startIndex=3" },
      answer: { status: 200, contains: { Resources: userNames.map((userName) => ({ userName })) } },
    };
    await play(...creations, list);
  });

  it("sends the token unless a header says otherwise", async () => {
    const answer = (status: number) => ({ answer: { status, contains: {} } });
    const withToken = (Authorization: string | null) => ({
      ...COUNT,
      request: { ...COUNT.request, headers: { Authorization } },
    });
    await play(
      { ...withToken("{{token}}"), ...answer(200) },
      { ...withToken("wrong"), ...answer(401) },
      { ...withToken(null), ...answer(401) },
    );
  });

  it("tells when a name was never captured", async () => {
    const lost = { ...COUNT, request: { method: "GET" as const, path: "/Users/{{lost}}" } };
    await expect(play(lost)).rejects.toMatchObject({
      message: 'Exchange 1 of "A client" (5), which counts the users, cannot be played.',
      cause: new Error("Nothing is captured as lost."),
    });
  });
});
