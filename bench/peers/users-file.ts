import { readFileSync } from "node:fs";

/** A user as the bridge answers it. */
export interface PeerUser {
  readonly id: string;
  readonly userName: string;
  readonly externalId?: string;
}

/** Reads the users that a peer begins with. */
export function readUsersFile(path: string): readonly PeerUser[] {
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  return lines.map((line): PeerUser => JSON.parse(line));
}
