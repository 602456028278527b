/** A report as text. */

/** JSON with plain integers; those that a double cannot hold become strings. */
export function toJson(value: unknown, indent?: number): string {
  const replace = (_key: string, item: unknown): unknown => {
    if (typeof item !== 'bigint') return item
    const number = Number(item)
    return Number.isSafeInteger(number) ? number : item.toString()
  }
  return JSON.stringify(value, replace, indent)
}
