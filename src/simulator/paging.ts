/**
 * Paging by token, as Twilio does it: a token marks a place in the list (the last record seen, or the first one when
 * going back), not a count of records, so that nothing is skipped or repeated when the list grows in between.
 * `Page` is for the client's own state and selects nothing.
 */
export interface PageRequest {
  readonly size: number;
  readonly page: number;
  readonly token: PageToken | undefined;
}

export interface PageToken {
  readonly direction: "after" | "before";
  /** The place, as the list itself writes it. */
  readonly place: string;
}

export const DEFAULT_PAGE_SIZE = 50;
export const MAX_PAGE_SIZE = 1000;

/** Throws `invalidToken()` when there is a PageToken and it is none of ours. */
export function parsePageRequest(query: URLSearchParams, invalidToken: () => Error): PageRequest {
  const size = wholeNumber(query.get("PageSize")) ?? DEFAULT_PAGE_SIZE;
  const token = query.get("PageToken");
  return {
    size: Math.min(Math.max(size, 1), MAX_PAGE_SIZE),
    page: Math.max(wholeNumber(query.get("Page")) ?? 0, 0),
    token: token === null || token === "" ? undefined : parseToken(token, invalidToken),
  };
}

export interface PageOf<T> {
  readonly records: readonly T[];
  /** Places of the first and last record; undefined when there is nothing on that side. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/**
 * The envelope of a list answer.
 * @param path host-relative, without a query
 * @param filters the query parameters that select records, kept in all links
 * @param key the property that holds the records
 */
export function envelope<T>(
  path: string,
  filters: URLSearchParams,
  key: string,
  request: PageRequest,
  found: PageOf<T>,
): object {
  const link = (page: number, token: PageToken | undefined) => {
    const query = new URLSearchParams(filters);
    query.set("PageSize", String(request.size));
    query.set("Page", String(page));
    if (token !== undefined) query.set("PageToken", formatToken(token));
    return `${path}?${query}`;
  };
  const { page, size, token } = request;
  const start = page * size;
  return {
    first_page_uri: link(0, undefined),
    end: start + Math.max(found.records.length - 1, 0),
    previous_page_uri:
      found.before === undefined
        ? null
        : link(Math.max(page - 1, 0), { direction: "before", place: found.before }),
    [key]: found.records,
    uri: link(page, token),
    page_size: size,
    start,
    next_page_uri:
      found.after === undefined ? null : link(page + 1, { direction: "after", place: found.after }),
    page,
  };
}

function formatToken(token: PageToken): string {
  return (token.direction === "after" ? "PA" : "PB") + Buffer.from(token.place).toString("base64url");
}

function parseToken(text: string, invalidToken: () => Error): PageToken {
  const parts = /^P([AB])([A-Za-z0-9_-]+)$/.exec(text);
  if (parts === null) throw invalidToken();
  const token: PageToken = {
    direction: parts[1] === "A" ? "after" : "before",
    place: Buffer.from(parts[2] ?? "", "base64url").toString(),
  };
  if (formatToken(token) !== text) throw invalidToken();
  return token;
}

function wholeNumber(text: string | null): number | undefined {
  return text !== null && /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;
}
