import type { Response } from "express";
import type { JsonBytes } from "../scim/json-bytes.js";
import type { Search, Searchable, SearchQuery } from "../scim/search.js";
import { AnswerBuffers } from "./answer-buffers.js";
import { sendScimBytes } from "./answers.js";

/** Answers with a list or the result of a search. */
export type ServeList = (
  response: Response,
  types: readonly Searchable[],
  request: SearchQuery,
) => Promise<void>;

/** A list that is shorter is sent as one string. */
const SHORT_BYTES = 16 * 1024;

export function createListService(search: Search): ServeList {
  const buffers = new AnswerBuffers();

  function send(response: Response, pieces: readonly JsonBytes[]): void {
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    if (length < SHORT_BYTES) {
      sendScimBytes(response, 200, pieces.join(""));
      return;
    }
    const buffer = buffers.take(length);
    // Until then it is being sent, or compressed.
    response.once("close", () => buffers.giveBack(buffer));
    let end = 0;
    for (const piece of pieces) end += buffer.write(piece, end, "latin1");
    sendScimBytes(response, 200, buffer.subarray(0, end));
  }

  return async (response, types, request) => send(response, await search(types, request));
}
