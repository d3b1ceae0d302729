import { type DestinationStream, type Logger, type LoggerOptions, pino } from "pino";
import { TOKENS_IN_TEXT } from "./access/token.js";
import type { ChainHead } from "./lifecycle/audit-store.js";
import type { AuditLines } from "./lifecycle/audit-trail.js";

export interface LogOptions {
  readonly level: string;
  /** What must never be seen, wherever it turns up: tokens and keys. */
  readonly secrets: readonly string[];
  /** Where lines go; standard output by default. */
  readonly destination?: DestinationStream;
}

const MASK = "[secret]";
const STANDARD_OUTPUT_FD = 1;

/** In characters. A container's log takes 16 KiB in one piece. */
const GATHERED_LENGTH = 8 * 1024;
const GATHERED_MS = 1000;

/** pino's number for it. */
const WARNING_LEVEL = 40;

/**
 * JSON lines, with all secrets masked by value, and the tokens of the database, which only their holders know, by their form:
 * no path through the code has to remember to leave them out. A
 * destination that gathers lines is told to flush after a warning or an error.
 */
export function createLog({ level, secrets, destination }: LogOptions): Logger {
  const forms = [...new Set(secrets.flatMap(writtenForms))].sort((a, b) => b.length - a.length);
  const options: LoggerOptions = {
    level,
    base: null,
    timestamp: createTimestamp(),
    hooks: {
      streamWrite: (line) =>
        forms.reduce((text, secret) => text.replaceAll(secret, MASK), line).replace(TOKENS_IN_TEXT, MASK),
      logMethod(args, write, lineLevel) {
        write.apply(this, args);
        if (lineLevel >= WARNING_LEVEL) this.flush();
      },
    },
  };
  return pino(options, destination ?? gatherLines(STANDARD_OUTPUT_FD));
}

/** Writes each audit entry as one line, whatever the level of the log: who turns that down does not mean the audit. */
export function createAuditLines(log: Logger): AuditLines {
  const always = log.child({}, { level: "info" });
  function write(fields: object, message: string): void {
    always.info(fields, message);
    // Nobody may be told of a change that a crash could still keep out of the audit.
    always.flush();
  }
  return {
    asked: (entry, row) => write({ audit: entry, ...placeOf(row) }, "audit asked"),
    outcome: (entry, row) => write({ audit: entry, ...placeOf(row) }, "audit"),
    head: ({ number, mac }) => write({ number, mac }, "audit head"),
  };
}

function placeOf(row: ChainHead | undefined): object {
  return row === undefined ? {} : { row: { number: row.number, mac: row.mac } };
}

/**
 * Writes many lines at once, as a write for each would cost more than the request that it tells of. A line waits for a
 * second at most, and for a flush; what waits is lost if the process is killed.
 *
 * It writes synchronously: two writes under way could tear a line, and a reader that is too slow holds the bridge up
 * rather than filling its memory.
 *
 * @param fd of a file or pipe that is open for writing
 */
export function gatherLines(fd: number): DestinationStream & { flush(): void } {
  const output = pino.destination({ dest: fd, sync: true });
  let gathered = "";
  function flush(): void {
    if (gathered === "") return;
    const lines = gathered;
    gathered = "";
    output.write(lines);
  }
  setInterval(flush, GATHERED_MS).unref();
  return {
    write(line) {
      gathered += line;
      if (gathered.length >= GATHERED_LENGTH) flush();
    },
    flush,
  };
}

/** Writes the time as pino's `isoTime` does, but makes it once a millisecond: in a busy one there are several lines. */
function createTimestamp(): () => string {
  let madeAt: number | undefined;
  let timestamp = "";
  return () => {
    const now = Date.now();
    if (now !== madeAt) {
      madeAt = now;
      timestamp = `,"time":"${new Date(now).toISOString()}"`;
    }
    return timestamp;
  };
}

/** How a secret may stand in a line: as it is, escaped for JSON, escaped for a URL. */
function writtenForms(secret: string): string[] {
  if (secret === "") return [];
  return [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)];
}
