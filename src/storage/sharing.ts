/** More than there are that repeat, and few beside a directory's users. */
const MOST_VALUES = 20_000;

/**
 * Answers what makes equal values one, so that what is the same for thousands of users takes memory once. It begins anew
 * when there are too many different ones: those that repeat soon come again.
 *
 * @param keyOf equal for values that are, and for no others
 */
export function createSharing<T>(keyOf: (value: T) => string): (value: T) => T {
  const known = new Map<string, T>();
  return (value) => {
    const key = keyOf(value);
    const shared = known.get(key);
    if (shared !== undefined) return shared;
    if (known.size >= MOST_VALUES) known.clear();
    known.set(key, value);
    return value;
  };
}
