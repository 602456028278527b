/**
 * A CRC register as an element of GF(2)[x] modulo the CRC's polynomial: moving it over bytes in both directions.
 * Everything here works on raw registers, without the inversions at the start and the end of a CRC. The
 * difference (XOR) of two finished CRCs of equally many bytes is such a raw register, because they cancel.
 */
import type { Crc } from './crc.ts'

/** The tables and powers of one polynomial. Registers are 32-bit integers; their sign means nothing. */
export interface CrcAlgebra {
  readonly polynomial: number
  /** The register after one byte, from zero. */
  readonly table: Int32Array
  /** The byte whose table entry has this top byte: the top bytes of the table are a permutation. */
  readonly byteOfTop: Uint8Array
  /** What to XOR into `register << 8` to take one zero byte back, by the register's top byte. */
  readonly unstep: Int32Array
  /** The register `size` zero bytes later. Logarithmic in `size`. */
  advance(register: number, size: number): number
  /** The register `size` zero bytes earlier: the inverse of `advance`. */
  retreat(register: number, size: number): number
  /** The register after `bytes` from `start` to `end`. */
  feed(register: number, bytes: Uint8Array, start: number, end: number): number
}

/** x^0 in reflected bit order. */
const ONE = 0x80000000 | 0

function multiply(a: number, b: number, polynomial: number): number {
  let product = 0
  let shifted = b
  for (let mask = 0x80000000; mask !== 0; mask >>>= 1) {
    if (a & mask) product ^= shifted
    shifted = (shifted >>> 1) ^ (-(shifted & 1) & polynomial)
  }
  return product
}

/** `step`, its square, the square of that and so on: enough for sizes below 2^53. */
function repeatedSquares(step: number, polynomial: number): Int32Array {
  const squares = new Int32Array(53)
  let power = step
  for (let k = 0; k < squares.length; k++) {
    squares[k] = power
    power = multiply(power, power, polynomial)
  }
  return squares
}

function buildAlgebra(polynomial: number): CrcAlgebra {
  const table = new Int32Array(256)
  const byteOfTop = new Uint8Array(256)
  const unstep = new Int32Array(256)
  for (let byte = 0; byte < 256; byte++) {
    let register = byte
    for (let bit = 0; bit < 8; bit++) register = (register >>> 1) ^ (-(register & 1) & polynomial)
    table[byte] = register
    byteOfTop[register >>> 24] = byte
  }
  for (let top = 0; top < 256; top++) {
    const byte = byteOfTop[top] ?? 0
    unstep[top] = ((table[byte] ?? 0) << 8) | byte
  }
  const forwards = repeatedSquares(0x00800000, polynomial)
  const backwards = repeatedSquares((ONE << 8) ^ (unstep[ONE >>> 24] ?? 0), polynomial)
  const shift = (powers: Int32Array, register: number, size: number): number => {
    let result = register | 0
    for (let k = 0, rest = size; rest > 0; k++, rest = Math.floor(rest / 2))
      if (rest % 2 === 1) result = multiply(result, powers[k] ?? 0, polynomial)
    return result
  }
  return {
    polynomial,
    table,
    byteOfTop,
    unstep,
    advance: (register, size) => shift(forwards, register, size),
    retreat: (register, size) => shift(backwards, register, size),
    feed: (register, bytes, start, end) => feed(table, register, bytes, start, end),
  }
}

/* eslint-disable @typescript-eslint/no-non-null-assertion -- the index is masked, the range is the caller's; a check per byte would halve the speed */
function feed(
  table: Int32Array,
  register: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  let c = register | 0
  for (let at = start; at < end; at++) c = table[(c ^ bytes[at]!) & 255]! ^ (c >>> 8)
  return c
}
/* eslint-enable @typescript-eslint/no-non-null-assertion */

const algebras = new Map<number, CrcAlgebra>()

/** The algebra of a CRC's polynomial; built once for each. */
export function crcAlgebra(crc: Crc): CrcAlgebra {
  const polynomial = crc.polynomial | 0
  let algebra = algebras.get(polynomial)
  if (algebra === undefined) algebras.set(polynomial, (algebra = buildAlgebra(polynomial)))
  return algebra
}
