/** A place in the order of lists: behind the item with this creation time and id, whether or not it is still there. */
export interface Position {
  /** Epoch milliseconds. */
  readonly created: number;
  readonly id: string;
}

/** The order of every list: by creation, then by id, so that pages stay stable while items come and go. */
export function comparePositions(a: Position, b: Position): number {
  return a.created - b.created || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}
