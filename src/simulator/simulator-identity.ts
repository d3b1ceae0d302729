import type { ApiKey } from "./credentials.js";

/** Where the simulator is and which credentials it takes. */
export interface SimulatorIdentity {
  readonly url: string;
  readonly port: number;
  readonly accountSid: string;
  readonly authToken: string;
  readonly mainKey: ApiKey;
  readonly standardKey: ApiKey;
}
