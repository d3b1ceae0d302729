import { METHODS } from "node:http";
import type { Memory } from "./acquaintances.js";
import { type Bombs, type EncodedBody, encodeBadly, encodeWell } from "./body-mutations.js";
import { bulkBody } from "./bulk-bodies.js";
import type { Dice, Weighted } from "./dice.js";
import { groupBody } from "./group-bodies.js";
import type { JsonMembers } from "./json.js";
import { mutated, writeJson } from "./json-mutations.js";
import { encodeQuery, listParameters, namesAt, projectionParameters, searchBody } from "./list-queries.js";
import { activePatch, groupPatch, userPatch } from "./patch-bodies.js";
import type { FuzzRequest } from "./request.js";
import { commonHeaders, preconditions } from "./request-headers.js";
import { FUZZ_ROUTES } from "./routes.js";
import type { ResourceDefinitions } from "./schema-files.js";
import { idOf } from "./targets.js";
import { userBody, withoutPassword } from "./user-bodies.js";
import { recased } from "./values.js";

export interface RequestSources {
  readonly definitions: ResourceDefinitions;
  readonly memory: Memory;
  readonly bombs: Bombs;
  readonly dice: Dice;
}

/** How many requests of 33 or so have a wrong token, and as many an Accept header that cannot be fulfilled. */
const SELDOM_ODD = 0.03;
/** The same for routes that are seldom asked. */
const OFTEN_ODD = 0.18;

/** Every method that a request line may have; CONNECT is for proxies. */
const ALL_METHODS = METHODS.filter((method) => method !== "CONNECT");

/** Makes up requests. All that it decides, it decides by dice and by what is remembered. */
export class RequestSource {
  readonly #sources: RequestSources;
  readonly #kinds: readonly Weighted<() => FuzzRequest>[];

  constructor(sources: RequestSources) {
    this.#sources = sources;
    this.#kinds = [
      [7, () => this.#list("/Users")],
      [10, () => this.#read("/Users")],
      [9, () => this.#create("/Users")],
      [8, () => this.#replace("/Users")],
      [13, () => this.#patch("/Users")],
      [3, () => this.#remove("/Users")],
      [4, () => this.#list("/Groups")],
      [4, () => this.#read("/Groups")],
      [5, () => this.#create("/Groups")],
      [4, () => this.#replace("/Groups")],
      [7, () => this.#patch("/Groups")],
      [2, () => this.#remove("/Groups")],
      [3, () => this.#list("/")],
      [
        9,
        () => this.#search(this.#dice.pick(["", "/Users", "/Groups", "/AccountTypes", "/AccountServices"])),
      ],
      [6, () => this.#list(this.#dice.pick(["/AccountTypes", "/AccountServices"]))],
      [6, () => this.#bulk()],
      [6, () => this.#discover()],
      [4, () => this.#readEntitlement()],
      [3, () => this.#options()],
      [4, () => this.#wrongMethod()],
      [1.5, () => this.#unknownPath()],
    ];
  }

  next(): FuzzRequest {
    return this.#dice.weighted(this.#kinds)();
  }

  get #dice(): Dice {
    return this.#sources.dice;
  }

  #list(path: string): FuzzRequest {
    const { definitions, memory } = this.#sources;
    const parameters = listParameters(path, namesAt(path, definitions, this.#dice), memory, this.#dice);
    const query = encodeQuery(parameters, this.#dice);
    const isSeldom = path.startsWith("/Account");
    const headers = this.#common(isSeldom ? OFTEN_ODD / 2 : SELDOM_ODD);
    return this.#bare(this.#getOrHead(isSeldom ? 0.3 : undefined), `${path}${query}`, headers);
  }

  #read(path: "/Users" | "/Groups"): FuzzRequest {
    const id = this.#idAt(path);
    const headers = { ...this.#common(SELDOM_ODD), ...this.#conditions(path, id) };
    return this.#bare(this.#getOrHead(), `${path}/${id}${this.#projection(path)}`, headers);
  }

  #create(path: "/Users" | "/Groups"): FuzzRequest {
    return this.#withBody("POST", `${path}${this.#seldomProjection(path)}`, this.#resource(path));
  }

  #replace(path: "/Users" | "/Groups"): FuzzRequest {
    const id = this.#idAt(path);
    const { memory } = this.#sources;
    const own = path === "/Users" ? memory.users.nameOf(id) : memory.groups.nameOf(id);
    const name = path === "/Users" ? "userName" : "displayName";
    const body = this.#resource(path);
    const kept = own !== undefined && this.#dice.chance(0.6) ? { ...body, [name]: own } : body;
    return this.#withBody(
      "PUT",
      `${path}/${id}${this.#seldomProjection(path)}`,
      kept,
      this.#conditions(path, id),
    );
  }

  #patch(path: "/Users" | "/Groups"): FuzzRequest {
    const { definitions, memory } = this.#sources;
    const id = this.#idAt(path);
    const target = `${path}/${id}${this.#seldomProjection(path)}`;
    const conditions = this.#conditions(path, id);
    if (path === "/Groups") {
      return this.#withBody("PATCH", target, groupPatch(definitions.group, memory, this.#dice), conditions);
    }
    if (this.#dice.chance(0.7)) {
      return this.#withBody("PATCH", target, userPatch(definitions.user, memory, this.#dice), conditions);
    }
    const { body, expectsActive } = activePatch(this.#dice);
    if (this.#dice.chance(0.5)) return this.#withBody("PATCH", target, body, conditions);
    const encoded = encodeWell(writeJson(body), this.#dice);
    const request = this.#whole("PATCH", target, encoded, conditions);
    return expectsActive === undefined ? request : { ...request, expectsActive };
  }

  #remove(path: "/Users" | "/Groups"): FuzzRequest {
    const id = this.#idAt(path);
    const headers = { ...this.#common(SELDOM_ODD), ...this.#conditions(path, id) };
    return this.#bare("DELETE", `${path}/${id}`, headers);
  }

  #search(path: string): FuzzRequest {
    const { definitions, memory } = this.#sources;
    const target = `${path}/.search`;
    const parameters = listParameters(target, namesAt(path, definitions, this.#dice), memory, this.#dice);
    return this.#withBody("POST", target, searchBody(parameters, this.#dice), {}, 0.06);
  }

  #bulk(): FuzzRequest {
    const { definitions, memory } = this.#sources;
    return this.#withBody("POST", "/Bulk", bulkBody(definitions, memory, this.#dice));
  }

  #discover(): FuzzRequest {
    const { definitions } = this.#sources;
    const path = this.#dice.pick([
      "/ServiceProviderConfig",
      "/Schemas",
      "/ResourceTypes",
      `/Schemas/${this.#dice.pick([definitions.user.core.id, definitions.group.core.id.toUpperCase(), "none", "%zz", "urn:x"])}`,
      `/ResourceTypes/${this.#dice.pick(["User", "group", "AccountType", "none", "..", "__proto__"])}`,
      "/Me",
    ]);
    const query = this.#dice.chance(0.25)
      ? this.#dice.pick(["?filter=id%20pr", "?filter=", "?filter=a&filter=b", "?count=1"])
      : "";
    const method =
      path === "/Me"
        ? this.#dice.pick(["GET", "HEAD", "PUT", "PATCH", "DELETE", "POST"])
        : this.#getOrHead(0.3);
    return this.#bare(method, `${path}${query}`, this.#common(OFTEN_ODD));
  }

  #readEntitlement(): FuzzRequest {
    const path = this.#dice.pick([
      `/AccountTypes/${this.#dice.pick(["account-type-full", "account-type-trial", "none", "%00"])}`,
      `/AccountServices/${this.#dice.pick(["service-sms", "service-verify", "service-none", "__proto__"])}`,
    ]);
    return this.#bare(this.#getOrHead(0.3), `${path}${this.#projection(path)}`, this.#common(OFTEN_ODD));
  }

  #options(): FuzzRequest {
    return this.#bare("OPTIONS", this.#anyPath(), this.#common(OFTEN_ODD));
  }

  #wrongMethod(): FuzzRequest {
    const { template, methods } = this.#dice.pick(FUZZ_ROUTES);
    const others = ALL_METHODS.filter((method) => method !== "OPTIONS" && !methods.includes(method));
    const usual = others.filter((method) => ["GET", "POST", "PUT", "PATCH", "DELETE"].includes(method));
    const method = this.#dice.chance(0.7) ? this.#dice.pickOr(usual, "TRACE") : this.#dice.pick(others);
    const path = this.#filledIn(template);
    if (!this.#dice.chance(0.3)) return this.#bare(method, path, this.#common(OFTEN_ODD));
    return this.#withBody(method, path, { userName: "nobody", active: false }, {}, OFTEN_ODD);
  }

  #unknownPath(): FuzzRequest {
    const path = this.#dice.pick([
      "/Users/x/y",
      "/User",
      "//Users",
      "/Users.json",
      "/Groups/a/members",
      "/Bulk/1",
      "/.search/x",
      "/%",
      "/../Users",
      "/Users#",
      "/Entitlements",
      "/__proto__",
    ]);
    return this.#bare(
      this.#dice.pick(["GET", "POST", "DELETE", "OPTIONS", "HEAD"]),
      path,
      this.#common(OFTEN_ODD),
    );
  }

  #anyPath(): string {
    return this.#filledIn(this.#dice.pick(FUZZ_ROUTES).template);
  }

  #filledIn(template: string): string {
    const { users, groups } = this.#sources.memory;
    const { ids } = template.startsWith("/Groups") ? groups : users;
    return recased(template, this.#dice).replace(/\{id\}/i, this.#dice.pickOr(ids, "none"));
  }

  #idAt(path: "/Users" | "/Groups"): string {
    return idOf(this.#sources.memory, path === "/Users" ? "users" : "groups", this.#dice);
  }

  #conditions(path: "/Users" | "/Groups", id: string): Readonly<Record<string, string>> {
    const { users, groups } = this.#sources.memory;
    return preconditions(path === "/Users" ? users : groups, id, this.#dice);
  }

  #resource(path: "/Users" | "/Groups"): JsonMembers {
    const { definitions, memory } = this.#sources;
    return path === "/Users"
      ? userBody(definitions.user, memory, this.#dice)
      : groupBody(definitions.group, memory, this.#dice);
  }

  #projection(path: string): string {
    const parameters = projectionParameters(namesAt(path, this.#sources.definitions, this.#dice), this.#dice);
    return encodeQuery(parameters, this.#dice);
  }

  #seldomProjection(path: string): string {
    return this.#dice.chance(0.25) ? this.#projection(path) : "";
  }

  #getOrHead(heads = 0.15): string {
    return this.#dice.chance(heads) ? "HEAD" : "GET";
  }

  #common(oddness: number): Readonly<Record<string, string>> {
    return commonHeaders(oddness, this.#dice);
  }

  /** Whole, or with something wrong about what it says or how it is sent. */
  #withBody(
    method: string,
    path: string,
    body: JsonMembers,
    headers: Readonly<Record<string, string>> = {},
    oddness = SELDOM_ODD,
  ): FuzzRequest {
    const { bombs, dice } = this.#sources;
    const isLarge = path.startsWith("/Groups") && !path.endsWith("/.search");
    const encoded = dice.weighted<() => EncodedBody>([
      [50, () => encodeWell(writeJson(body), dice)],
      [38, () => encodeWell(writeJson(mutated(withoutPassword(body), dice)), dice)],
      [12, () => encodeBadly(writeJson(withoutPassword(body)), bombs, isLarge, dice)],
    ])();
    return this.#whole(method, path, encoded, headers, oddness);
  }

  #whole(
    method: string,
    path: string,
    { bytes, headers }: EncodedBody,
    others: Readonly<Record<string, string>>,
    oddness = SELDOM_ODD,
  ): FuzzRequest {
    return {
      method,
      path: `/scim/v2${path}`,
      headers: { ...this.#common(oddness), ...others, ...headers },
      body: bytes,
    };
  }

  #bare(method: string, path: string, headers: Readonly<Record<string, string>>): FuzzRequest {
    return { method, path: `/scim/v2${path}`, headers, body: undefined };
  }
}
