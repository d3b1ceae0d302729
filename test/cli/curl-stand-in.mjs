/** The few options of curl that the demo prints: -s, -H, -X and -d. */
import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    silent: { type: "boolean", short: "s" },
    header: { type: "string", short: "H", multiple: true },
    request: { type: "string", short: "X" },
    data: { type: "string", short: "d" },
  },
});
const headers = (values.header ?? []).map((header) => header.split(/: (.*)/, 2));
const response = await fetch(positionals[0], { method: values.request, headers, body: values.data });
process.stdout.write(await response.text());
