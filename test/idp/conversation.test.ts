import { describe, expect, it } from "@jest/globals";
import { parseConversation } from "./conversation.js";

const EXCHANGE = { does: "reads", request: { method: "GET", path: "/Users" }, answer: { status: 200 } };
const CONVERSATION = { title: "A client: reads", reference: "1.6", exchanges: [EXCHANGE] };

function refused(change: object): () => unknown {
  return () => parseConversation(JSON.stringify({ ...CONVERSATION, ...change }));
}

const withAnswer = (answer: object) => refused({ exchanges: [{ ...EXCHANGE, answer }] });
const withRequest = (request: object) => refused({ exchanges: [{ ...EXCHANGE, request }] });
const withTwilio = (...twilio: object[]) => refused({ exchanges: [{ ...EXCHANGE, twilio }] });

describe("a conversation", () => {
  it.each(["1.1", "1.11", "2.1", "2.11", "3", "4", "5"])("may come from section %s", (reference) => {
    expect(refused({ reference })).not.toThrow();
  });

  it.each(["", "1", "1.0", "1.12", "2.12", "3.1", "6", "0", "1.6 ", "RFC 7644"])(
    "may not come from section %j, which there is none of",
    (reference) => {
      expect(refused({ reference })).toThrow(/section of the reference.*\n.*at reference/);
    },
  );

  it.each<[string, () => unknown, RegExp]>([
    ["no exchange", refused({ exchanges: [] }), /at exchanges/],
    ["an unknown member", refused({ skip: true }), /skip/],
    ["an exchange that does nothing", refused({ exchanges: [{ ...EXCHANGE, does: "" }] }), /does/],
    ["another method", withRequest({ method: "TRACE", path: "/Users" }), /method/],
    ["a whole URL", withRequest({ method: "GET", path: "https://bridge.example/Users" }), /path/],
    ["no status", withAnswer({}), /status/],
    ["a body and a part of it", withAnswer({ status: 200, body: {}, contains: {} }), /exclude each other/],
    ["a wildcard with a slip", withAnswer({ status: 200, body: { a: ["<tiem>"] } }), /<tiem> is no wildcard/],
    ["a wildcard for anything", withAnswer({ status: 200, contains: "<any>" }), /<any> is no wildcard/],
    ["a time with a name", withAnswer({ status: 200, body: "<time as t>" }), /no wildcard/],
    ["a wildcard in a header", withAnswer({ status: 200, headers: { etag: "<etag>" } }), /no wildcard/],
    ["another call", withTwilio({ call: "accounts.fetch", account: "{{a}}" }), /twilio/],
    ["an update of no account", withTwilio({ call: "accounts.update", status: "closed" }), /account/],
    [
      "an unknown parameter",
      withTwilio({ call: "accounts.create", friendlyName: "A", type: "Full" }),
      /type/,
    ],
    ["an unknown status", refused({ accounts: [{ friendlyName: "A", status: "gone" }] }), /status/],
  ])("may not have %s", (_what, read, message) => {
    expect(read).toThrow(message);
  });
});
