/**
 * The first index in a list at which a condition holds that then holds for all behind it; the list's length where it
 * never does. Asks log n times.
 */
export function firstIndex<T>(items: ArrayLike<T>, holds: (item: T) => boolean): number {
  let [low, high] = [0, items.length]
  while (low < high) {
    const middle = (low + high) >> 1
    // Always inside the list.
    if (holds(items[middle] as T)) high = middle
    else low = middle + 1
  }
  return low
}
