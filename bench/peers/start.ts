import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { Client } from "../client.js";
import type { Processes } from "../processes.js";
import { type Server, startScriptServer } from "../servers.js";
import { userList } from "../users.js";

const PAGE = 1000;

const SCRIPTS = {
  "scimmy-routers": "peers/scimmy-routers.ts",
  "saml-jackson": "peers/saml-jackson.ts",
} as const;

export type PeerName = keyof typeof SCRIPTS;

export const PEER_NAMES: readonly PeerName[] = ["scimmy-routers", "saml-jackson"];

export interface PeersOptions {
  readonly processes: Processes;
  /** Whose users they get. */
  readonly bridge: Server;
  /** How many users that has. */
  readonly total: number;
  /** Where the users are written. */
  readonly usersPath: string;
}

/** Starts the peers, all with the same users as a bridge. */
export async function startPeers({ processes, ...from }: PeersOptions): Promise<readonly Server[]> {
  await writeUsers(from);
  const servers: Server[] = [];
  for (const name of PEER_NAMES) {
    const args = [from.usersPath];
    servers.push(await startScriptServer(processes, { name, script: SCRIPTS[name], args }));
  }
  return servers;
}

/** A line each. */
async function writeUsers({ bridge, total, usersPath }: Omit<PeersOptions, "processes">): Promise<void> {
  const file = createWriteStream(usersPath);
  const client = new Client(bridge);
  for (let startIndex = 1; startIndex <= total; startIndex += PAGE) {
    const page = await client.json(`${bridge.path}/Users?startIndex=${startIndex}&count=${PAGE}`);
    for (const user of userList.parse(page).Resources) file.write(`${JSON.stringify(user)}\n`);
  }
  client.close();
  file.end();
  await finished(file);
}
