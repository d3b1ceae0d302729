import type { Times } from "../times.js";

export interface LoadOptions {
  /** Of the server, without a slash at its end. */
  readonly origin: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Path and query. Each connection asks for its own part of them, over and over. */
  readonly paths: readonly string[];
  readonly connections: number;
  readonly durationMs: number;
}

/**
 * Sends requests, each connection the next when it has the answer to the one before.
 *
 * @throws Error where one is answered with another status than 200, or not at all
 */
export type Load = (options: LoadOptions) => Promise<Times>;

/** The paths of one connection. */
export function partOf(paths: readonly string[], connection: number, connections: number): readonly string[] {
  const part = paths.filter((_, n) => n % connections === connection);
  return part.length > 0 ? part : paths;
}
