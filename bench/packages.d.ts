/**
 * What the benchmarks use of the packages that only they have. They are declared here so that types can be checked where
 * those are not installed.
 */
declare module "autocannon" {
  import type { EventEmitter } from "node:events";

  interface Client {
    setRequests(requests: readonly { readonly path: string }[]): void;
  }

  interface Options {
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly connections: number;
    /** In seconds. */
    readonly duration: number;
    /** How often it looks whether the time is over, in milliseconds. */
    readonly sampleInt: number;
    readonly setupClient: (client: Client) => void;
  }

  interface Result {
    readonly non2xx: number;
    readonly errors: number;
    readonly statusCodeStats: Readonly<Record<string, { readonly count: number }>>;
  }

  type Running = EventEmitter<{ response: [client: Client, status: number, bytes: number, ms: number] }>;

  export default function autocannon(
    options: Options,
    done: (error: Error | null, result: Result) => void,
  ): Running;
}

declare module "scimmy-routers" {
  import type { Request, RequestHandler } from "express";

  interface AuthenticationScheme {
    readonly type: "bearer";
    readonly handler: (request: Request) => string;
    readonly baseUri: (request: Request) => string;
  }

  const SCIMMYRouters: new (scheme: AuthenticationScheme) => RequestHandler;
  export default SCIMMYRouters;
}

declare module "@boxyhq/saml-jackson" {
  interface DirectoryRequest {
    readonly method: string;
    readonly body: object | undefined;
    readonly directoryId: string;
    readonly resourceType: "users";
    readonly resourceId: string | undefined;
    readonly apiSecret: string;
    readonly query: {
      readonly count?: number;
      readonly startIndex?: number;
      readonly filter?: string;
    };
  }

  interface Directory {
    readonly id: string;
    readonly scim: { readonly secret: string };
  }

  interface Controllers {
    readonly directorySyncController: {
      readonly directories: {
        create(directory: {
          readonly tenant: string;
          readonly product: string;
          readonly name: string;
          readonly type: "generic-scim-v2";
        }): Promise<{ readonly data: Directory | null }>;
      };
      readonly requests: {
        handle(
          request: DirectoryRequest,
          onEvent: () => Promise<void>,
        ): Promise<{ readonly status: number; readonly data?: unknown }>;
      };
    };
  }

  interface Options {
    readonly externalUrl: string;
    readonly samlAudience: string;
    readonly samlPath: string;
    readonly scimPath: string;
    readonly noAnalytics: boolean;
    readonly db: { readonly engine: "mem"; readonly pageLimit: number };
  }

  const jackson: { readonly controllers: (options: Options) => Promise<Controllers> };
  export default jackson;
}
