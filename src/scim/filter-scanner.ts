import { invalidFilter, type ScimError } from "./errors.js";

/** A value as it stands in a filter; its type is the attribute's business. */
export interface Literal {
  /** What is between the quotation marks, with its escapes resolved, or the bare text. */
  readonly text: string;
  readonly quoted: boolean;
  /** Where it begins. */
  readonly column: number;
}

const NAME_CHARACTER = /[\w$.:-]/;
/** What ends a value without quotation marks, apart from a space. */
const BARE_VALUE_END = /[()[\]"]/;
/** How much of the text an error message quotes. */
const EXCERPT_LENGTH = 20;

/** Cuts a filter into names, values and marks, from left to right; it never goes back. */
export class FilterScanner {
  readonly #text: string;
  readonly #spaces: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
    this.#spaces = usesPlusForSpace(text) ? " \t\r\n+" : " \t\r\n";
  }

  /** Where the next word, value or mark begins; 1 is the first character. */
  get column(): number {
    this.#skipSpaces();
    return this.#position + 1;
  }

  get atEnd(): boolean {
    return this.column > this.#text.length;
  }

  /** Passes `mark` where it comes next, and says whether it did. */
  take(mark: string): boolean {
    this.#skipSpaces();
    if (this.#text[this.#position] !== mark) return false;
    this.#position += 1;
    return true;
  }

  /** An attribute's name, an operator or a keyword; empty where none comes next. */
  word(): string {
    this.#skipSpaces();
    return this.#run((character) => NAME_CHARACTER.test(character));
  }

  /** The next word in lower case, without passing it. */
  peekKeyword(): string {
    this.#skipSpaces();
    const start = this.#position;
    const word = this.word().toLowerCase();
    this.#position = start;
    return word;
  }

  /** A value: a JSON string, or what stands bare until a space or bracket. */
  literal(): Literal {
    const column = this.column;
    if (this.#text[this.#position] === '"') return { text: this.#jsonString(), quoted: true, column };
    const text = this.#run((character) => !this.#isSpace(character) && !BARE_VALUE_END.test(character));
    if (text === "") throw this.expected("a value");
    return { text, quoted: false, column };
  }

  /** The error that something else was expected at `column`. */
  expected(what: string, column = this.column): ScimError {
    const rest = this.#text.slice(column - 1, column - 1 + EXCERPT_LENGTH);
    const found = rest === "" ? "the filter ends there" : `found ${JSON.stringify(rest)}`;
    return invalidFilter(`Filter, column ${column}: expected ${what}, but ${found}.`);
  }

  #jsonString(): string {
    const start = this.#position;
    let end = start + 1;
    while (end < this.#text.length && this.#text[end] !== '"') end += this.#text[end] === "\\" ? 2 : 1;
    this.#position = end + 1;
    try {
      return String(JSON.parse(this.#text.slice(start, end + 1)));
    } catch {
      throw this.expected("a JSON string with its closing quotation mark and valid escapes", start + 1);
    }
  }

  #run(belongs: (character: string) => boolean): string {
    const start = this.#position;
    for (;;) {
      const character = this.#text[this.#position];
      if (character === undefined || !belongs(character)) return this.#text.slice(start, this.#position);
      this.#position += 1;
    }
  }

  #skipSpaces(): void {
    this.#run((character) => this.#isSpace(character));
  }

  #isSpace(character: string): boolean {
    return this.#spaces.includes(character);
  }
}

/**
 * Whether `+` stands for a space, as in `userName+eq+"x"`: a client has encoded the query twice. Then no space comes
 * before the first value, which is where every filter has two.
 */
function usesPlusForSpace(text: string): boolean {
  const [beforeFirstString = ""] = text.trimStart().split('"', 1);
  return beforeFirstString.includes("+") && !beforeFirstString.includes(" ");
}
