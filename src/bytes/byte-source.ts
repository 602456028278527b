/**
 * Where bytes come from. A source knows its size and reads at any position; it knows nothing of Kafka.
 * Reading is synchronous: a positional read from the page cache costs less than a promise, and the
 * callers give the event loop its turn between steps.
 */

/** Random access to a fixed number of bytes. Whoever opened a source closes it. */
export interface ByteSource {
  /** For messages: a path, or what the caller calls these bytes. */
  readonly name: string
  /** Size in bytes when it was opened. Bytes that are appended later are not read. */
  readonly size: number
  /**
   * Fills `target` from `position` on and returns how many bytes it wrote: fewer only at the end.
   * Throws the operating system's error when the device refuses.
   */
  read(position: number, target: Uint8Array): number
  close(): void
}

/** Bytes that are in memory already. They are neither copied nor changed. */
export function memorySource(bytes: Uint8Array, name = '(memory)'): ByteSource {
  return {
    name,
    size: bytes.length,
    read(position, target) {
      const part = bytes.subarray(position, position + target.length)
      target.set(part)
      return part.length
    },
    close: () => undefined,
  }
}
