/**
 * Little-endian numbers of the codecs' own formats; Kafka's are big-endian, see bytes/cursor.ts.
 * A byte past the end counts as 0: the caller has compared the position with the end.
 */

/** Unsigned, of `count` bytes. Exact up to 6 bytes; above 2^53 the nearest number. */
export function littleEndian(bytes: Uint8Array, position: number, count: number): number {
  let value = 0
  for (let index = count - 1; index >= 0; index--) {
    value = value * 256 + (bytes[position + index] ?? 0)
  }
  return value
}

export const uint32LittleEndian = (bytes: Uint8Array, position: number): number =>
  littleEndian(bytes, position, 4)
