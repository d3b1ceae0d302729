import { startSimulator } from "../simulator/simulator.js";
import { type Command, UsageError } from "./command.js";
import { readOptions, visibleAscii, wholeNumber } from "./options.js";

export const simulator: Command = {
  name: "simulator",
  summary: "Runs a Twilio to try the bridge with.",
  help: [
    "Usage: twilio-scim-bridge simulator [options]",
    "",
    "Runs a simulator of Twilio's accounts and usage records, in memory, until it is stopped.",
    "",
    "  --port N             the port to listen on; 0 takes a free one (default: 8081)",
    "  --accounts N         how many subaccounts there are (default: 25)",
    "  --seed N             which world is made: the same number, the same world (default: 1)",
    "  --account-sid SID    the owner account's SID (default: made from the seed)",
    "  --auth-token TOKEN   the owner account's token (default: made from the seed)",
    "  --latency-ms N       how long each answer takes at least (default: 0)",
    "  --max-concurrency N  more requests at once are answered 429 (default: no limit)",
  ].join("\n"),

  async run(args, terminal) {
    const options = readOptions(args, [
      "port",
      "accounts",
      "seed",
      "account-sid",
      "auth-token",
      "latency-ms",
      "max-concurrency",
    ]);
    const { "account-sid": accountSid, "auth-token": authToken, "max-concurrency": ceiling } = options;
    if (accountSid !== undefined && !/^AC[0-9a-f]{32}$/.test(accountSid)) {
      throw new UsageError("--account-sid takes AC and 32 hexadecimal digits in lower case");
    }
    const running = await startSimulator({
      port: wholeNumber("port", options.port, { least: 0, most: 65_535, otherwise: 8081 }),
      accounts: wholeNumber("accounts", options.accounts, { least: 0, most: 1_000_000, otherwise: 25 }),
      seed: wholeNumber("seed", options.seed, { least: 0, most: 2 ** 31, otherwise: 1 }),
      latencyMs: wholeNumber("latency-ms", options["latency-ms"], { least: 0, most: 60_000, otherwise: 0 }),
      ...(accountSid !== undefined && { accountSid }),
      ...(authToken !== undefined && { authToken: visibleAscii("auth-token", authToken) }),
      ...(ceiling !== undefined && {
        maxConcurrency: wholeNumber("max-concurrency", ceiling, { least: 1, most: 10_000, otherwise: 1 }),
      }),
    });
    terminal.out(
      [
        `The simulated Twilio answers at ${running.url}`,
        "",
        "To point the bridge at it:",
        "",
        `  export TWILIO_API_URL=${running.url}`,
        `  export TWILIO_ACCOUNT_SID=${running.accountSid}`,
        `  export TWILIO_AUTH_TOKEN=${running.authToken}`,
      ].join("\n"),
    );
    terminal.up();
    await terminal.untilStopped();
    await running.close();
    return 0;
  },
};
