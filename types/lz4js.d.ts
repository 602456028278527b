/** The part of lz4js that is used; it ships no types. */
declare module 'lz4js' {
  export function compress(source: Uint8Array, maxSize?: number): Uint8Array
  export function decompress(source: Uint8Array, maxSize?: number): Uint8Array
  /** Returns the size written, 0 when nothing repeats. `hashTable` has 65536 entries, 0 at first. */
  export function compressBlock(
    source: Uint8Array,
    target: Uint8Array,
    start: number,
    size: number,
    hashTable: Uint32Array,
  ): number
}
