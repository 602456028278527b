/**
 * Zig-zag varints as Kafka's ByteUtils writes them (the protobuf encoding of sint32 and sint64).
 * Reading is in cursor.ts, where the bounds are.
 */

/** 32 bits in groups of 7. */
export const VARINT_MAX_BYTES = 5
/** 64 bits in groups of 7. */
export const VARLONG_MAX_BYTES = 10

export const unzigzag32 = (value: number): number => (value >>> 1) ^ -(value & 1)

export const unzigzag64 = (value: bigint): bigint => (value >> 1n) ^ -(value & 1n)

/** Appends the zig-zag varint of a 32- or 64-bit integer to `target`. */
export function pushVarint(target: number[], value: bigint | number): void {
  const wide = BigInt(value)
  let rest = BigInt.asUintN(64, (wide << 1n) ^ (wide >> 63n))
  while (rest > 0x7fn) {
    target.push(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  target.push(Number(rest))
}
