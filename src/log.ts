import { type DestinationStream, type Logger, pino } from "pino";
import type { AuditLog } from "./lifecycle/audit.js";

export interface LogOptions {
  readonly level: string;
  /** What must never be seen, wherever it turns up: tokens and keys. */
  readonly secrets: readonly string[];
  /** Where lines go; standard output by default. */
  readonly destination?: DestinationStream;
}

const MASK = "[secret]";

/** JSON lines, with all secrets masked by value: no path through the code has to remember to leave them out. */
export function createLog({ level, secrets, destination }: LogOptions): Logger {
  const forms = [...new Set(secrets.flatMap(writtenForms))].sort((a, b) => b.length - a.length);
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    hooks: {
      streamWrite: (line: string) => forms.reduce((text, secret) => text.replaceAll(secret, MASK), line),
    },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** Writes each audit entry as one line, whatever the level of the log: who turns that down does not mean the audit. */
export function createAuditLog(log: Logger): AuditLog {
  const always = log.child({}, { level: "info" });
  return { record: (entry) => always.info({ audit: entry }, "audit") };
}

/** How a secret may stand in a line: as it is, escaped for JSON, escaped for a URL. */
function writtenForms(secret: string): string[] {
  if (secret === "") return [];
  return [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)];
}
