import { z } from "zod";
import { loadByAutocannon } from "../load/autocannon.js";
import type { Load } from "../load/load.js";
import { loadBySockets } from "../load/sockets.js";
import { PEER_NAMES, type PeerName } from "../peers/start.js";
import { type Population, userList } from "../users.js";

const PAGE = 100;
const CONNECTIONS = 8;
const TWILIO_USER = "urn:ietf:params:scim:schemas:extension:twilio:2.0:User";
const SCAN_DATES = 20;
const DAY_MS = 86_400_000;

/** A request, and whether an answer to it is the right one. */
export interface Question {
  /** Below the address of the SCIM service. */
  readonly path: string;
  isAnsweredBy(body: unknown): boolean;
}

/** One kind of read. */
export interface ReadWork {
  readonly name: string;
  readonly load: Load;
  readonly connections: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** What the floor sends in its place. */
  readonly floor?: "/user" | "/page";
  /** The peers that can do it. */
  readonly peers: readonly PeerName[];
  questions(population: Population): readonly Question[];
}

export const READ_WORKS: readonly ReadWork[] = [
  {
    name: "by-id",
    load: loadByAutocannon,
    connections: CONNECTIONS,
    floor: "/user",
    peers: PEER_NAMES,
    questions: ({ sample }) =>
      sample.map(({ id, userName }) => ({
        path: `/Users/${id}`,
        isAnsweredBy: (body) => isUser(body, { id, userName }),
      })),
  },
  {
    name: "user-name",
    load: loadByAutocannon,
    connections: CONNECTIONS,
    floor: "/user",
    peers: PEER_NAMES,
    questions: ({ sample }) => sample.map((user) => search(`userName eq "${user.userName}"`, user.id)),
  },
  {
    name: "external-id",
    load: loadByAutocannon,
    connections: CONNECTIONS,
    peers: ["scimmy-routers"],
    questions: ({ sample }) => sample.map((user) => search(`externalId eq "${user.externalId}"`, user.id)),
  },
  {
    name: "first-page",
    load: loadBySockets,
    connections: CONNECTIONS,
    floor: "/page",
    peers: PEER_NAMES,
    questions: ({ total }) => [page(1, total)],
  },
  {
    name: "last-page",
    load: loadBySockets,
    connections: CONNECTIONS,
    floor: "/page",
    peers: PEER_NAMES,
    questions: ({ total }) => [page(total - PAGE + 1, total)],
  },
  {
    name: "gzip-page",
    load: loadByAutocannon,
    connections: CONNECTIONS,
    headers: { "accept-encoding": "gzip" },
    peers: [],
    questions: ({ total }) => [page(1, total)],
  },
  {
    name: "names-page",
    load: loadByAutocannon,
    connections: CONNECTIONS,
    peers: ["scimmy-routers"],
    questions: ({ total }) => [
      {
        path: `/Users?startIndex=1&count=${PAGE}&attributes=userName`,
        isAnsweredBy: (body) => isListOf(nameOnly, body, total),
      },
    ],
  },
  {
    // One at a time: with more, the time would be that of waiting for each other.
    name: "scan",
    load: loadBySockets,
    connections: 1,
    peers: [],
    questions: () => Array.from({ length: SCAN_DATES }, (_, n) => scan(Date.now() - (60 + 17 * n) * DAY_MS)),
  },
];

const nameOnly = z.strictObject({ schemas: z.unknown().optional(), id: z.string(), userName: z.string() });

const dormantUser = z.looseObject({
  active: z.literal(true),
  [TWILIO_USER]: z.looseObject({ lastActivity: z.string() }),
});

function page(startIndex: number, total: number): Question {
  return {
    path: `/Users?startIndex=${startIndex}&count=${PAGE}`,
    isAnsweredBy: (body) => isListOf(z.looseObject({ userName: z.string() }), body, total),
  };
}

/** A filter that one user matches. */
function search(filter: string, id: string): Question {
  return {
    path: `/Users?filter=${encodeURIComponent(filter)}`,
    isAnsweredBy(body) {
      const { data } = userList.safeParse(body);
      return data?.totalResults === 1 && data.Resources[0]?.id === id;
    },
  };
}

/** A filter that no index serves: each date another one, so that no answer can be kept. */
function scan(before: number): Question {
  const limit = new Date(before).toISOString();
  const filter = `${TWILIO_USER}:lastActivity lt "${limit}" and active eq true`;
  const answer = z.object({ totalResults: z.number().min(1), Resources: z.array(dormantUser).min(1) });
  return {
    path: `/Users?count=${PAGE}&filter=${encodeURIComponent(filter)}`,
    isAnsweredBy(body) {
      const { data } = answer.safeParse(body);
      return data?.Resources.every((user) => user[TWILIO_USER].lastActivity < limit) ?? false;
    },
  };
}

function isUser(body: unknown, expected: { readonly id: string; readonly userName: string }): boolean {
  const { data } = z.looseObject({ id: z.string(), userName: z.string() }).safeParse(body);
  return data?.id === expected.id && data.userName === expected.userName;
}

function isListOf(resource: z.ZodType, body: unknown, total: number): boolean {
  const page = z.object({ totalResults: z.literal(total), Resources: z.array(resource).length(PAGE) });
  return page.safeParse(body).success;
}
