import { z } from "zod";
import { unknownWildcards } from "./wildcards.js";

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** A section of the notes on how identity providers call: 1 Okta, 2 Entra ID, 3 others, 4 standards, 5 common failures. */
const REFERENCE = /^(?:[12]\.(?:[1-9]|1[01])|[345])$/;
const NAME = /^[a-zA-Z]\w*$/;

const json: z.ZodType<Json> = z.json();
const expected = json.superRefine((value, context) => {
  for (const wildcard of unknownWildcards(value)) {
    context.addIssue({ code: "custom", message: `${wildcard} is no wildcard` });
  }
});

const accountCreation = z.strictObject({
  call: z.literal("accounts.create"),
  friendlyName: z.string(),
});

const accountUpdate = z.strictObject({
  call: z.literal("accounts.update"),
  /** The SID, as a rule `{{name}}`. */
  account: z.string(),
  status: z.enum(["active", "suspended", "closed"]).exactOptional(),
  friendlyName: z.string().exactOptional(),
});

/** A request to Twilio that changes something, with the parameters that are sent. */
const twilioWrite = z.discriminatedUnion("call", [accountCreation, accountUpdate]);

export type TwilioWrite = z.infer<typeof twilioWrite>;

const request = z.strictObject({
  method: z.enum(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]),
  /** Path and query below the base URL, escaped. */
  path: z.string().startsWith("/"),
  /** On top of the conversation's; null takes one away. */
  headers: z.record(z.string(), z.string().nullable()).optional(),
  body: json.optional(),
});

const answer = z
  .strictObject({
    status: z.int().min(200).max(599),
    /** Those that are looked at. */
    headers: z.record(z.string(), expected.pipe(z.string())).optional(),
    /** The whole body. */
    body: expected.optional(),
    /** What the body has among other things. */
    contains: expected.optional(),
  })
  .refine(({ body, contains }) => body === undefined || contains === undefined, {
    message: "body and contains exclude each other",
  });

const exchange = z.strictObject({
  /** What the client is about, as a verb in the third person. */
  does: z.string().min(1),
  request,
  answer,
  /** All writes that this causes, in their order; none when left out. */
  twilio: z.array(twilioWrite).optional(),
  /** How many requests to Twilio read accounts; not looked at when left out. */
  twilioReads: z.int().min(0).optional(),
});

export type Exchange = z.infer<typeof exchange>;

const account = z.strictObject({
  /** The name that its SID is known by. */
  as: z.string().regex(NAME).optional(),
  friendlyName: z.string().min(1),
  status: z.enum(["active", "suspended", "closed"]).default("active"),
  type: z.enum(["Full", "Trial"]).default("Full"),
  /** Makes so many of them, with a number behind the friendly name. */
  count: z.int().min(2).max(1000).optional(),
});

export type ExistingAccount = z.infer<typeof account>;

const conversation = z.strictObject({
  title: z.string().min(1),
  reference: z.string().regex(REFERENCE, "is no section of the reference, such as 1.6"),
  /** The bridge's variables, on top of those that point to the simulator. */
  env: z.record(z.string(), z.string()).optional(),
  /** Sent with every request. */
  headers: z.record(z.string(), z.string()).optional(),
  /** At Twilio before the bridge starts, oldest first, besides the owner account. */
  accounts: z.array(account).optional(),
  exchanges: z.array(exchange).min(1),
});

/** What a client and the bridge say to each other, and what the bridge then asks of Twilio. README.md has the format. */
export type Conversation = z.infer<typeof conversation>;

/** Reads a conversation. Throws an Error that says where it is malformed. */
export function parseConversation(text: string): Conversation {
  const read = conversation.safeParse(JSON.parse(text));
  if (!read.success) throw new Error(`The conversation is malformed.\n${z.prettifyError(read.error)}`);
  return read.data;
}
