/** Values that answers gave, by the names that they were captured under. */
export class Captures {
  readonly #values: Map<string, string>;

  constructor(values: Iterable<readonly [string, string]> = []) {
    this.#values = new Map(values);
  }

  copy(): Captures {
    return new Captures(this.#values);
  }

  /** Throws where the name is taken: a value that is known is expected as `{{name}}`. */
  set(name: string, value: string): void {
    if (this.#values.has(name)) throw new Error(`${name} is captured already; expect {{${name}}}.`);
    this.#values.set(name, value);
  }

  /**
   * Replaces `{{name}}` and `{{name in lower case}}` in every text of `value`. Throws for a name that nothing is
   * captured under.
   */
  fill<T>(value: T): T;
  fill(value: unknown): unknown {
    if (typeof value === "string")
      return value.replace(/\{\{(.*?)\}\}/g, (_, name: string) => this.#get(name));
    if (Array.isArray(value)) return value.map((element) => this.fill(element));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, this.fill(member)]));
  }

  #get(asked: string): string {
    const name = asked.replace(/ in lower case$/, "");
    const value = this.#values.get(name);
    if (value === undefined) throw new Error(`Nothing is captured as ${name}.`);
    return name === asked ? value : value.toLowerCase();
  }
}
