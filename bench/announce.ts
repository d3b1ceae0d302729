import { createServer, type RequestListener } from "node:http";

/** Serves on a free port, and prints where. */
export function announce(app: RequestListener): void {
  const server = createServer({ keepAliveTimeout: 0 }, app);
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("listens on no port");
    process.stdout.write(`listening at http://127.0.0.1:${address.port}\n`);
  });
}
