import { type AnswerContext, complaintsAboutAnswer, complaintsAboutSecrets } from "./answer-rules.js";
import { asksOf } from "./asked.js";
import { cellsOf } from "./coverage.js";
import { type Accounts, accountsAt, changedSids, complaintsAboutEffects } from "./effects.js";
import type { FuzzWorld } from "./fuzz-world.js";
import { complaintsAboutPaging } from "./paging-rules.js";
import { REACHABLE } from "./reachable.js";
import type { FuzzAnswer, FuzzRequest } from "./request.js";
import { labelOf } from "./routes.js";
import { complaintsAboutDirectory, complaintsAboutUser } from "./truth-rules.js";

/** A request, and its answer or why there is none. */
export interface Exchange {
  readonly request: FuzzRequest;
  readonly answer: FuzzAnswer | undefined;
  readonly error?: string;
}

/** What Twilio is asked where something is to change. */
const WRITING_ROUTES = ["accounts.create", "accounts.update"];

/** After how many batches without such a question it is looked all the same whether something has changed. */
const UNLOOKED_MOST = 20;

/** pino's number. */
const ERROR_LEVEL = 50;

/** Tells what is wrong with what a bridge answers and does, by what is so at Twilio. */
export class Judge {
  /** Whether Twilio or the database may fail, or the bridge has not read anything yet. */
  isFaulty = true;
  /** SIDs of accounts of which the bridge cannot know the latest. */
  readonly outdated = new Set<string>();
  readonly #world: FuzzWorld;
  /** SIDs of accounts whose creation was not brought to its end. */
  readonly #unfinished = new Set<string>();
  readonly #accountTokens = new Set<string>();
  #accounts: Accounts;
  #linesSeen = 0;
  #unlooked = 0;

  constructor(world: FuzzWorld) {
    this.#world = world;
    this.#accounts = this.#read();
  }

  /** Looks at some exchanges that went on at once. Only the first may have been asked to change something. */
  async judge(exchanges: readonly Exchange[]): Promise<readonly (readonly string[])[]> {
    const [first] = exchanges;
    if (first === undefined) return [];
    const before = this.#accounts;
    if (this.#mayHaveChanged()) this.#accounts = this.#read();
    const changed = before === this.#accounts ? [] : changedSids(before, this.#accounts);
    const ofFirst = [
      ...complaintsAboutEffects(before, this.#accounts, {
        asks: () => asksOf(first.request),
        status: first.answer?.status ?? 503,
        untouchable: this.#world.untouchable,
        unfinished: this.#unfinished,
      }),
      ...this.#complaintsAboutLog(),
      ...(await this.#complaintsAboutLocation(first)),
    ];
    if (this.#isLeftOpen(first)) this.#leaveOpen(changed, before);
    return exchanges.map((exchange, index) => [
      ...this.#complaintsAbout(exchange, changed.length === 0 || index === 0),
      ...(index === 0 ? ofFirst : []),
    ]);
  }

  /** Looks at what the bridge has done by itself. */
  judgeUnasked(): readonly string[] {
    const before = this.#accounts;
    this.lookAgain();
    return complaintsAboutEffects(before, this.#accounts, {
      asks: () => [],
      status: 200,
      untouchable: this.#world.untouchable,
      unfinished: this.#unfinished,
    });
  }

  /** Takes in what somebody has changed in Twilio's console. */
  lookAgain(): void {
    this.#accounts = this.#read();
  }

  /** After a pass: what the bridge tells is what Twilio has. */
  async judgeDirectory(): Promise<readonly string[]> {
    this.outdated.clear();
    return [
      ...(await complaintsAboutDirectory(this.#world, this.#accounts)),
      ...(await complaintsAboutPaging(this.#world, this.#world.dice)),
    ];
  }

  #complaintsAbout({ request, answer, error }: Exchange, isSettled: boolean): string[] {
    if (answer === undefined) return [error ?? "no answer"];
    return [
      ...cellsOf(request, answer)
        .filter((cell) => !REACHABLE.has(cell))
        .map((cell) => `nobody foresaw such an answer (reachable.ts): ${cell}`),
      ...complaintsAboutAnswer(request, answer, this.#context),
      // What is read while something is written may be seen before or after it.
      ...(isSettled ? complaintsAboutUser(request, answer, this.#accounts, this.outdated) : []),
    ];
  }

  /** Whether Twilio may have done something that the bridge was not told of. */
  #isLeftOpen({ request, answer }: Exchange): boolean {
    const isDone = answer !== undefined && answer.status < 300 && labelOf(request) !== "POST /Bulk";
    return this.isFaulty && !isDone;
  }

  #leaveOpen(changed: readonly string[], before: Accounts): void {
    for (const sid of changed) {
      this.outdated.add(sid);
      if (!before.has(sid)) this.#unfinished.add(sid);
    }
  }

  async #complaintsAboutLocation({ answer }: Exchange): Promise<string[]> {
    if (answer?.status !== 201 || this.isFaulty) return [];
    const { pathname } = new URL(String(answer.headers.location));
    const found = await this.#world.look(pathname.slice("/scim/v2".length));
    return found.status === 200 ? [] : [`what was created cannot be read: ${found.status} at ${pathname}`];
  }

  #complaintsAboutLog(): string[] {
    const { logged } = this.#world.bridge;
    const lines = logged.slice(this.#linesSeen);
    this.#linesSeen = logged.length;
    const isError = ({ level }: Readonly<Record<string, unknown>>) =>
      typeof level === "number" && level >= ERROR_LEVEL;
    const errors = this.isFaulty ? [] : lines.filter(isError);
    return [
      ...complaintsAboutSecrets(JSON.stringify(lines), this.#context).map(
        (complaint) => `${complaint} in the log`,
      ),
      ...errors.map((line) => `an error was logged: ${JSON.stringify(line).slice(0, 2000)}`),
    ];
  }

  get #context(): AnswerContext {
    return { isFaulty: this.isFaulty, secrets: this.#world.secrets, accountTokens: this.#accountTokens };
  }

  /** Whether Twilio was asked to change anything, or nobody has looked for a while: to look takes time. */
  #mayHaveChanged(): boolean {
    const { traffic } = this.#world.simulator.world;
    const { routes } = traffic.report();
    traffic.reset();
    this.#unlooked += 1;
    if (!WRITING_ROUTES.some((route) => route in routes) && this.#unlooked < UNLOOKED_MOST) return false;
    this.#unlooked = 0;
    return true;
  }

  #read(): Accounts {
    const accounts = this.#world.simulator.world.accounts.list();
    for (const { authToken } of accounts) this.#accountTokens.add(authToken);
    return accountsAt(accounts);
  }
}
