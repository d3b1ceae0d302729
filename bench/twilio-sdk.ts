/** Twilio's SDK and nothing else, in a process of its own as the bridge is: `twilio-sdk.ts URL SID TOKEN`. */
import twilio from "twilio";
import RequestClient from "twilio/lib/base/RequestClient.js";
import { z } from "zod";
import { runLanes } from "./lanes.js";
import { type SdkCall, sdkCall } from "./sdk-calls.js";

const [url = "", accountSid = "", authToken = ""] = process.argv.slice(2);

/** Sends to the simulator what is meant for Twilio. */
class RedirectedClient extends RequestClient {
  override request<T>(
    options: RequestClient.RequestOptions<T>,
  ): ReturnType<typeof RequestClient.prototype.request<T>> {
    const { pathname, search } = new URL(options.uri);
    return super.request({ ...options, uri: `${url}${pathname}${search}` });
  }
}

const { accounts } = twilio(accountSid, authToken, { httpClient: new RedirectedClient({ keepAlive: true }) })
  .api.v2010;

const question = z.object({ id: z.number(), ask: z.literal("run"), lanes: z.array(z.array(sdkCall)) });

process.on("message", async (message) => {
  // The probe has questions of its own.
  const { data } = question.safeParse(message);
  if (data === undefined) return;
  const created: string[] = [];
  const lanes = data.lanes.map((calls) => calls.map((call) => () => make(call, created)));
  const { timesMs, elapsedMs } = await runLanes(lanes);
  process.send?.({ id: data.id, answer: { timesMs, elapsedMs, created } });
});
// The probe lets go of the channel, and nothing else keeps this process.
process.channel?.ref();
process.stdout.write("ready\n");

async function make(call: SdkCall, created: string[]): Promise<void> {
  if (call.kind === "create") created.push((await accounts.create({ friendlyName: call.friendlyName })).sid);
  else await accounts(call.sid).update(call.change);
}
