/**
 * Reflected 32-bit CRCs and the algebra to join them: CRC-32C (Castagnoli) guards magic 2, CRC-32 (IEEE) guards
 * magic 0 and 1 and gzip. `update` continues a CRC, so a range of any size is checked through a window.
 * The fastest way the running Node has is taken at first use: WebAssembly SIMD for the one, zlib's for the other, and
 * tables in JavaScript for either.
 */
import process from 'node:process'
import { crcTables, updateSliced } from './crc-tables.ts'
import { crc32cMemory } from './crc32c-memory.ts'

type Update = (crc: number, bytes: Uint8Array, start: number, end: number) => number

/** One CRC: start with 0, feed bytes, the returned number is the CRC so far (unsigned). */
export interface Crc {
  readonly polynomial: number
  update(crc: number, bytes: Uint8Array, start?: number, end?: number): number
  /** The CRC of A followed by B, from the CRCs of A and B and B's size in bytes. */
  combine(crcOfA: number, crcOfB: number, sizeOfB: number): number
  /** The CRC of B, from the CRCs of A and of A followed by B, and B's size in bytes. */
  suffix(crcOfA: number, crcOfAB: number, sizeOfB: number): number
}

/** Product of two polynomials modulo the CRC's, both in reflected bit order. */
function multiply(a: number, b: number, polynomial: number): number {
  let product = 0
  let shifted = b | 0
  // Without a branch on the bits, which nothing could predict.
  for (let rest = a | 0; rest !== 0; rest <<= 1) {
    product ^= shifted & (rest >> 31)
    shifted = (shifted >>> 1) ^ (polynomial & -(shifted & 1))
  }
  return product
}

/** Sizes are taken apart into bytes; 7 of them hold any size that a number holds exactly. */
const SIZE_BYTES = 7

/** x^(8·digit·256^k) at [256k + digit]: the factors of "append this many zero bytes". */
function buildZeroByteFactors(polynomial: number): Int32Array {
  const factors = new Int32Array(256 * SIZE_BYTES)
  let step = 0x00800000 // x^8
  for (let k = 0; k < SIZE_BYTES; k++) {
    let factor = 0x80000000 | 0 // x^0
    for (let digit = 0; digit < 256; digit++) {
      factors[256 * k + digit] = factor
      factor = multiply(factor, step, polynomial)
    }
    step = factor
  }
  return factors
}

/** Nothing is built before it is used: a process that only prints its version needs no tables. */
function createCrc(polynomial: number, chooseUpdate: () => Update): Crc {
  let update: Update | undefined
  let factors: Int32Array | undefined
  // Searches ask for one size many times over.
  let lastSize = 0
  let lastFactor = 0x80000000 | 0
  const zerosFactor = (size: number): number => {
    if (size === lastSize) return lastFactor
    factors ??= buildZeroByteFactors(polynomial)
    let factor = 0x80000000 | 0
    for (let k = 0, rest = size; rest > 0; k++, rest = Math.floor(rest / 256)) {
      const digit = rest % 256
      if (digit !== 0) factor = multiply(factor, factors[256 * k + digit] ?? 0, polynomial)
    }
    lastSize = size
    lastFactor = factor
    return factor
  }
  /** `crcOfA` after `sizeOfB` zero bytes, without the CRC's own inversions, joined with B's. */
  const combine = (crcOfA: number, crcOfB: number, sizeOfB: number): number =>
    (multiply(zerosFactor(sizeOfB), crcOfA, polynomial) ^ crcOfB) >>> 0
  return {
    polynomial,
    update: (crc, bytes, start = 0, end = bytes.length) =>
      (update ??= chooseUpdate())(crc, bytes, start, end),
    combine,
    // Joining is XOR, which is its own inverse.
    suffix: combine,
  }
}

const CASTAGNOLI = 0x82f63b78 | 0
const IEEE = 0xedb88320 | 0

/** Tables alone: works everywhere, and is what the faster ways are held against. */
export function updateByTables(polynomial: number): Update {
  const tables = crcTables(polynomial)
  return (crc, bytes, start, end) => updateSliced(tables, crc, bytes, start, end)
}

/** Below this many bytes a call out of JavaScript costs more than the tables. */
const SHORT_BYTES = 64

function updateBest(polynomial: number, long: Update | undefined): Update {
  const short = updateByTables(polynomial)
  if (long === undefined) return short
  return (crc, bytes, start, end) =>
    (end - start < SHORT_BYTES ? short : long)(crc, bytes, start, end)
}

/**
 * In Node from 20.15 and 22.2 on. Asked for when the first message of magic 0 or 1 is: to load it takes as long as
 * reading 20 MB, and most logs have none.
 */
function zlibCrc32(): Update | undefined {
  const zlib = (process as Partial<NodeJS.Process>).getBuiltinModule?.('node:zlib')
  const update = (zlib as { crc32?: (bytes: Uint8Array, crc: number) => number } | undefined)?.crc32
  return update && ((crc, bytes, start, end) => update(bytes.subarray(start, end), crc))
}

/** CRC-32C (Castagnoli), over everything from `attributes` on in a magic-2 batch. */
export const crc32c: Crc = createCrc(CASTAGNOLI, () =>
  updateBest(CASTAGNOLI, crc32cMemory()?.update),
)

/** CRC-32 (IEEE, as in zlib), over everything from `magic` on in a magic-0 or -1 message. */
export const crc32: Crc = createCrc(IEEE, () => updateBest(IEEE, zlibCrc32()))
