/** The least value that so large a part of the values does not exceed. */
export function quantile(ascending: readonly number[], part: number): number {
  return ascending[Math.max(0, Math.ceil(ascending.length * part) - 1)] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  const ascending = [...values].sort((a, b) => a - b);
  const middle = ascending.length / 2;
  return (quantile(ascending, 0.5) + (ascending[Math.floor(middle)] ?? Number.NaN)) / 2;
}
