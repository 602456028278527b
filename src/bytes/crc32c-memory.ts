/**
 * CRC-32C by WebAssembly SIMD (crc32c.wat), and the memory it works in. Bytes that lie in this memory are checked
 * without a copy, so windows read files straight into a part of it that is lent to them.
 */
import { buildCrcTables } from './crc-tables.ts'
import { CRC32C_MODULE } from './crc32c-module.ts'

const PAGE_BYTES = 65_536
/** Where the module's own tables and scratch end. */
const HOST_START = PAGE_BYTES
/** Bytes from elsewhere are copied here, a part at a time. */
const COPY_BYTES = PAGE_BYTES
const LOAN_BYTES = 1024 * 1024
/** The module reads a little beyond the end of what it is given. */
const SLACK_BYTES = 128
/** A source and an output are open at once, seldom more. Memory that nobody touches costs nothing. */
const LOANS = 4

const POLYNOMIAL = 0x82f63b78 | 0

/** A part of the memory that is its borrower's until it is given back. */
export interface Loan {
  readonly bytes: Uint8Array
  /** Nobody may look at the bytes any more. */
  giveBack(): void
}

export interface Crc32cMemory {
  /** Continues a CRC over bytes [start, end), wherever they lie. */
  readonly update: (crc: number, bytes: Uint8Array, start: number, end: number) => number
  /** Null when as much is not to be had. */
  borrow(size: number): Loan | null
  /**
   * The first place in [start, end) of lent bytes where a batch could start, by magic, attributes and the highest byte
   * of the length, or `end`. It lets some places through that cannot be, none the other way. The bytes go on for at
   * least 40 behind `end`.
   */
  findPlace(bytes: Uint8Array, start: number, end: number, highestLengthByte: number): number
  /**
   * The same for the fields under the CRC of a magic-2 header, of which CRC or recordsCount is not 0. The bytes go on for
   * at least 61 behind a place that is to be believed.
   */
  findFields(bytes: Uint8Array, start: number, end: number): number
}

interface Exports {
  crc32c(source: number, length: number, crc: number): number
  findPlace(start: number, end: number, highestLengthByte: number): number
  findFields(start: number, end: number): number
}

let instance: Crc32cMemory | null | undefined

/** The one instance of this thread, made at first use; null where WebAssembly SIMD is missing. */
export function crc32cMemory(): Crc32cMemory | null {
  return (instance ??= instantiateCrc32c())
}

const owners = new WeakMap<ArrayBufferLike, Crc32cMemory>()

/** The instance in whose memory bytes lie, if any. */
export const memoryHolding = (bytes: Uint8Array): Crc32cMemory | undefined =>
  owners.get(bytes.buffer)

/** Another instance, with memory of its own; null where WebAssembly SIMD is missing. */
export function instantiateCrc32c(): Crc32cMemory | null {
  const code = Buffer.from(CRC32C_MODULE, 'base64')
  if (typeof WebAssembly === 'undefined' || !WebAssembly.validate(code)) return null
  const loanPages = Math.ceil((LOAN_BYTES + SLACK_BYTES) / PAGE_BYTES)
  const initial = (HOST_START + COPY_BYTES) / PAGE_BYTES + 1 + LOANS * loanPages
  const memory = reserve(initial)
  if (memory === null) return null
  const module = new WebAssembly.Module(code)
  const { exports } = new WebAssembly.Instance(module, { host: { memory } })
  const functions = exports as Exports
  new Int32Array(memory.buffer, 0, 16 * 256).set(buildCrcTables(POLYNOMIAL))
  const copies = new Uint8Array(memory.buffer, HOST_START, COPY_BYTES)
  const free = Array.from(
    { length: LOANS },
    (_, index) => HOST_START + COPY_BYTES + PAGE_BYTES + index * loanPages * PAGE_BYTES,
  )
  const holds = (bytes: Uint8Array): boolean => bytes.buffer === memory.buffer
  const instantiated: Crc32cMemory = {
    update(crc, bytes, start, end) {
      if (holds(bytes)) return functions.crc32c(bytes.byteOffset + start, end - start, crc) >>> 0
      let value = crc
      for (let at = start; at < end; at += COPY_BYTES) {
        const part = bytes.subarray(at, Math.min(at + COPY_BYTES, end))
        copies.set(part)
        value = functions.crc32c(HOST_START, part.length, value)
      }
      return value >>> 0
    },
    borrow(size) {
      const place = size <= LOAN_BYTES ? free.pop() : undefined
      if (place === undefined) return null
      let lent = true
      return {
        bytes: new Uint8Array(memory.buffer, place, size),
        giveBack() {
          if (lent) free.push(place)
          lent = false
        },
      }
    },
    findPlace: (bytes, start, end, highestLengthByte) =>
      functions.findPlace(bytes.byteOffset + start, bytes.byteOffset + end, highestLengthByte) -
      bytes.byteOffset,
    findFields: (bytes, start, end) =>
      functions.findFields(bytes.byteOffset + start, bytes.byteOffset + end) - bytes.byteOffset,
  }
  owners.set(memory.buffer, instantiated)
  return instantiated
}

/** Null where so much address space is not to be had: then the tables do. */
function reserve(pages: number): WebAssembly.Memory | null {
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages })
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}
