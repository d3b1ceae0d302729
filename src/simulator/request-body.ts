import type { IncomingMessage } from "node:http";

const MAX_BODY_BYTES = 1_048_576;

export class TooLargeError extends Error {
  override readonly name = "TooLargeError";
}

/** Reads the body as UTF-8. Throws TooLargeError when it is larger than 1 MiB. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length <= MAX_BODY_BYTES) chunks.push(bytes);
  }
  if (length > MAX_BODY_BYTES) throw new TooLargeError("The body is larger than 1 MiB.");
  return Buffer.concat(chunks).toString();
}
