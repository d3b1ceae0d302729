/** Room for a page of some hundred users. A larger answer gets a buffer of its own. */
const BUFFER_BYTES = 512 * 1024;

/** So many are kept for the next answers. */
const MOST_KEPT = 16;

/**
 * Buffers that answers are put together in, and that serve again for the next ones: the system takes longer to hand out
 * the memory for a page of users than it takes to fill it.
 */
export class AnswerBuffers {
  readonly #free: Buffer[] = [];

  /** A buffer with room for so many bytes. */
  take(bytes: number): Buffer {
    if (bytes > BUFFER_BYTES) return Buffer.allocUnsafeSlow(bytes);
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES);
  }

  /** Gives back a buffer that nobody reads any more. */
  giveBack(buffer: Buffer): void {
    if (buffer.length === BUFFER_BYTES && this.#free.length < MOST_KEPT) this.#free.push(buffer);
  }
}
