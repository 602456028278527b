/** Builds index files in tests. */

export const concat = (...parts: Uint8Array[]): Uint8Array =>
  new Uint8Array(parts.flatMap((part) => [...part]))

export const zeros = (size: number): Uint8Array => new Uint8Array(size)

export const fromHex = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (byte) => parseInt(byte, 16))

export const text = (value: string): Uint8Array => new TextEncoder().encode(value)

/** A `.index` of [relativeOffset, position] pairs. */
export function offsetIndexOf(
  ...entries: [relativeOffset: number, position: number][]
): Uint8Array {
  const view = new DataView(new ArrayBuffer(entries.length * 8))
  entries.forEach(([relativeOffset, position], entry) => {
    view.setInt32(entry * 8, relativeOffset)
    view.setInt32(entry * 8 + 4, position)
  })
  return new Uint8Array(view.buffer)
}

/** A `.timeindex` of [timestamp, relativeOffset] pairs. */
export function timeIndexOf(...entries: [timestamp: bigint, relativeOffset: number][]): Uint8Array {
  const view = new DataView(new ArrayBuffer(entries.length * 12))
  entries.forEach(([timestamp, relativeOffset], entry) => {
    view.setBigInt64(entry * 12, timestamp)
    view.setInt32(entry * 12 + 8, relativeOffset)
  })
  return new Uint8Array(view.buffer)
}

export const messagesOf = (problems: readonly { readonly message: string }[]): string[] =>
  problems.map(({ message }) => message)
