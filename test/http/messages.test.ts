import type { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { describe, expect, it } from "@jest/globals";
import express from "express";
import { messagesOf } from "../../src/http/messages.js";

type MessageClasses = {
  readonly IncomingMessage: new (socket: Socket) => IncomingMessage;
  readonly ServerResponse: new (request: IncomingMessage) => ServerResponse;
};

describe("the messages of an Express app", () => {
  it("are Express's from the start, so that no prototype changes while a request is served", () => {
    const app = express();
    const { IncomingMessage, ServerResponse } = messagesOf(app) as MessageClasses;
    const request = new IncomingMessage(new Socket());
    const response = new ServerResponse(request);

    expect(Object.getPrototypeOf(request)).toBe(app.request);
    expect(Object.getPrototypeOf(response)).toBe(app.response);
    expect(request).toHaveProperty("get", expect.any(Function));
    expect(response).toHaveProperty("json", expect.any(Function));
    expect(app.request).toHaveProperty("app", app);
  });

  it("are Node's own for another listener", () => {
    expect(messagesOf(() => undefined)).toEqual({});
  });
});
