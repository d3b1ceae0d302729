import { isIP } from "node:net";
import { z } from "zod";
import { isIssuerUrl } from "./access/issuer-url.js";
import { type AccountSid, parseAccountSid } from "./directory/account.js";
import { parseSqliteUrl } from "./storage/sqlite-url.js";

/** Whose word about the client's address is taken, as Express's `trust proxy` has it. */
export type TrustProxy = false | number | readonly string[];

/** Printable ASCII without spaces: what an HTTP header can carry. */
export const secret = z.string().regex(/^[\x21-\x7e]+$/);

export const apiKeySid = z.string().regex(/^SK[0-9a-fA-F]{32}$/);

export const accountSid = form(canonicalSid);

export const accountSids = form((text) => everyItem(text, canonicalSid));

/** An address to listen on. */
export const host = form((text) => (isIP(text) !== 0 || isHostName(text) ? text : undefined));

export const emailDomain = form((text) =>
  isHostName(text) && text.includes(".") ? text.toLowerCase() : undefined,
);

/** The root of an HTTP service, without a slash at its end. */
export const rootUrl = form(readRootUrl);

/** What clients put in front of `/scim/v2`. */
export const publicUrl = form((text) => {
  const url = readRootUrl(text);
  return url === undefined || /\/scim(\/v2)?$/i.test(url) ? undefined : url;
});

/** An issuer, exactly as its tokens name it: a slash at the end tells two of them apart. */
export const issuerUrl = form((text) => (isIssuerUrl(text) ? text : undefined));

/** Claims of tokens, separated by commas. */
export const claims = form((text) =>
  everyItem(text, (item) => (/^[\x21-\x7e]+$/.test(item) ? item : undefined)),
);

export const databaseUrl = form((text) => (parseSqliteUrl(text) === undefined ? undefined : text));

/** Without control characters, which are most likely a slip of whoever wrote the file of variables. */
export const filePath = form((text) => (/[\p{Cc}]/u.test(text) ? undefined : text));

export const trustProxy = form((text): TrustProxy | undefined => {
  if (text === "off") return false;
  if (/^\d+$/.test(text)) return Number(text) >= 1 && Number(text) <= 100 ? Number(text) : undefined;
  return everyItem(text, (item) => (isProxy(item) ? item : undefined));
});

/** Who may ask: addresses and networks, in the form of CIDR. */
export const networks = form((text) => everyItem(text, (item) => (isNetwork(item) ? item : undefined)));

/** A proxy for `CONNECT`, which may want a user and a password. */
export const proxyUrl = form((text) => {
  if (!/^https?:\/\/[^\s?#\\]+$/i.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return url.pathname === "/" ? url.href : undefined;
});

/** Hosts that are asked without the proxy. What other programs read out of the variable is let through. */
export const proxyExceptions = form((text) =>
  /^[\w.*:[\]/-]+([, ]+[\w.*:[\]/-]+)*$/.test(text) ? Object.freeze(text.split(/[, ]+/)) : undefined,
);

export function integer(min: number, max: number) {
  const digits = z.string().regex(/^\d{1,9}$/);
  return digits.transform(Number).pipe(z.number().min(min).max(max));
}

/** How many of something may happen in an hour; undefined: any number. */
export const brakeLimit = z
  .literal("off")
  .transform(() => undefined)
  .or(integer(0, 1_000_000));

/** Text that `read` understands; undefined says that it does not. */
function form<T>(read: (text: string) => T | undefined) {
  return z.string().transform((text, context) => {
    const value = read(text);
    if (value !== undefined) return value;
    context.addIssue("is not of the form");
    return z.NEVER;
  });
}

function everyItem<T>(text: string, read: (item: string) => T | undefined): readonly T[] | undefined {
  const items = text.split(",").map((item) => read(item.trim()));
  const known = items.filter((item) => item !== undefined);
  return known.length === items.length ? Object.freeze(known) : undefined;
}

/** In lower case, as Twilio reports SIDs: a protected account in another form would be protected from nothing. */
function canonicalSid(text: string): AccountSid | undefined {
  const sid = parseAccountSid(text);
  return sid === undefined ? undefined : parseAccountSid(`AC${sid.slice(2).toLowerCase()}`);
}

function readRootUrl(text: string): string | undefined {
  if (!/^https?:\/\/[^\s?#@\\]+$/i.test(text) || !URL.canParse(text)) return undefined;
  return new URL(text).href.replace(/\/+$/, "");
}

/** RFC 1123 §2.1. */
function isHostName(text: string): boolean {
  const labels = text.split(".");
  return text.length <= 253 && labels.every((label) => /^(?!-)[A-Za-z0-9-]{1,63}(?<!-)$/.test(label));
}

function isProxy(text: string): boolean {
  if (text === "loopback" || text === "linklocal" || text === "uniquelocal") return true;
  // Not /0: that is everybody, and then any client chooses the address that it is seen with.
  return isNetwork(text) && !/\/0+$/.test(text);
}

function isNetwork(text: string): boolean {
  const [address = "", bits] = text.split(/\/(?=\d{1,3}$)/);
  const version = isIP(address);
  // A zone names an interface of this machine, and no network.
  if (version === 0 || address.includes("%")) return false;
  return bits === undefined || Number(bits) <= (version === 4 ? 32 : 128);
}
