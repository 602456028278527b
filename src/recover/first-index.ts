/**
 * The first of `count` indexes for which a condition holds that then holds for all behind it; `count` where it never
 * does. Asks log n times.
 */
export function firstIndex(count: number, holds: (index: number) => boolean): number {
  let [low, high] = [0, count]
  while (low < high) {
    const middle = (low + high) >> 1
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}
