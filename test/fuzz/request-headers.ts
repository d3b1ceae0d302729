import { TOKEN } from "../support/bridge-on-simulator.js";
import type { Acquaintances } from "./acquaintances.js";
import type { Dice } from "./dice.js";

type Headers = Readonly<Record<string, string>>;

/** Basic credentials with the token as the password. */
const BASIC = `Basic ${Buffer.from(`okta:${TOKEN}`).toString("base64")}`;

/**
 * What every request may carry.
 *
 * @param oddness from 0 to 1: how likely a wrong token is, and how likely an Accept header that cannot be fulfilled
 */
export function commonHeaders(oddness: number, dice: Dice): Headers {
  return {
    ...authorization(oddness, dice),
    ...accept(oddness, dice),
    ...(dice.chance(0.05) && {
      "accept-encoding": dice.pick(["gzip", "br", "gzip,deflate", "identity", "*;q=0", "x"]),
    }),
    ...(dice.chance(0.03) && { "accept-charset": dice.pick(["utf-8", "iso-8859-1", "utf-8;q=0", "?"]) }),
    ...(dice.chance(0.03) && forwarded(dice)),
    ...(dice.chance(0.02) && {
      "x-request-id": dice.pick(["abc-1", "", "x".repeat(200), "a b", "{{id}}", "é"]),
    }),
    ...(dice.chance(0.01) && {
      host: dice.pick(["evil.example", "evil.example/a?", "[::1]:80", "a b", '"']),
    }),
    ...(dice.chance(0.01) && { "x-http-method-override": dice.pick(["DELETE", "PATCH"]) }),
    ...(dice.chance(0.01) && { prefer: "return=minimal" }),
    ...(dice.chance(0.005) && { connection: "close" }),
  };
}

function authorization(oddness: number, dice: Dice): Headers {
  if (!dice.chance(oddness)) {
    const form = dice.weighted([
      [20, `Bearer ${TOKEN}`],
      [1, `bearer  ${TOKEN}`],
      [1, TOKEN],
      [1, BASIC],
    ]);
    return { authorization: form };
  }
  const value = dice.pick([
    undefined,
    "",
    "Bearer",
    "Bearer ",
    "Bearer wrong",
    `Bearer ${TOKEN.toUpperCase()}`,
    `Bearer ${TOKEN},`,
    `Digest ${TOKEN}`,
    "Basic",
    "Basic !!!",
    `Basic ${Buffer.from("no-colon").toString("base64")}`,
    `Basic ${Buffer.from(`${TOKEN}:`).toString("base64")}`,
    "é",
    "x".repeat(4000),
  ]);
  return value === undefined ? {} : { authorization: value };
}

function accept(oddness: number, dice: Dice): Headers {
  if (dice.chance(oddness)) {
    return {
      accept: dice.pick(["text/html", "application/xml", "image/*", "*/*;q=0", "text/plain, text/csv"]),
    };
  }
  if (dice.chance(0.6)) return {};
  return {
    accept: dice.pick([
      "application/scim+json",
      "application/json",
      "*/*",
      "application/*",
      "text/html, application/json;q=0.5",
      "application/scim+json; charset=utf-8",
      "",
      "garbage",
      'a/b;x="',
      ", ,",
    ]),
  };
}

/** What a proxy tells, or whoever pretends to be one. */
function forwarded(dice: Dice): Headers {
  return dice.pick<Headers>([
    { "x-forwarded-host": dice.pick(["proxy.example", "evil.example/x", "a, b", '"><script>']) },
    { "x-forwarded-proto": dice.pick(["https", "HTTPS", "javascript", "https, http"]) },
    { "x-forwarded-for": dice.pick(["203.0.113.7", "::1", "nonsense", "1.1.1.1, 127.0.0.1"]) },
    { forwarded: "for=127.0.0.1;proto=https" },
  ]);
}

/** `If-Match` and `If-None-Match`, right, outdated and wrong. */
export function preconditions(those: Acquaintances, id: string, dice: Dice): Headers {
  if (dice.chance(0.8)) return {};
  const name = dice.chance(0.6) ? "if-match" : "if-none-match";
  const value = dice.weighted([
    [4, those.versionOf(id) ?? "*"],
    [2, those.oldVersion(dice)],
    [1, "*"],
    [0.5, (those.versionOf(id) ?? "x").replace("W/", "")],
    [1, dice.pick(["", '""', '"', "W/", 'W/"0", "1"', "é", ","])],
  ]);
  return { [name]: value };
}
