import type { z } from "zod";
import type { BenchContext } from "../context.js";
import type { BenchProcess } from "../processes.js";
import { type SdkCall, sdkAnswer } from "../sdk-calls.js";
import type { BenchSimulator } from "../servers.js";

/** What its rows are called. */
export const RAW_SDK = "raw SDK";

/** Twilio's SDK alone, which tells what a write costs without a bridge. */
export class RawSdk {
  readonly #process: BenchProcess;

  constructor(process: BenchProcess) {
    this.#process = process;
  }

  /** Makes the calls of each lane one after the other, and all lanes at the same time. */
  async run(lanes: readonly (readonly SdkCall[])[]): Promise<z.infer<typeof sdkAnswer>> {
    return sdkAnswer.parse(await this.#process.ask("run", { lanes }));
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }
}

export async function startRawSdk({ processes }: BenchContext, simulator: BenchSimulator): Promise<RawSdk> {
  const { url, accountSid, authToken } = simulator;
  const process = processes.startScript("twilio-sdk", "twilio-sdk.ts", [url, accountSid, authToken]);
  await process.printed(/ready/);
  return new RawSdk(process);
}
