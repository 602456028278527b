/**
 * CRC-32C by WebAssembly SIMD (crc32c.wat), and the memory it works in. Bytes that lie in this memory are checked
 * without a copy, so windows read files straight into a part of it that is lent to them.
 */
import { crcTables } from './crc-tables.ts'
import { CRC32C_MODULE } from './crc32c-module.ts'

const PAGE_BYTES = 65_536
/** Where the module's own tables and scratch end. */
const HOST_START = PAGE_BYTES
/** Bytes from elsewhere are copied here, a part at a time. */
const COPY_BYTES = PAGE_BYTES
const LOAN_BYTES = 1024 * 1024
/** The most batches that are taken at a time, and what is written of them: four words, and three doubles for each. */
export const BATCHES_AT_ONCE = 2048
export const NUMBERS_OF_BATCH = 3
const TAKEN_BYTES = 16 + 8 * NUMBERS_OF_BATCH * BATCHES_AT_ONCE
const TAKEN_START = HOST_START + COPY_BYTES
const LOANS_START = TAKEN_START + Math.ceil(TAKEN_BYTES / PAGE_BYTES) * PAGE_BYTES
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

/** What the next batch has to be to be taken with those before it. */
export interface ExpectedBatch {
  /** Its baseOffset, in two halves: the upper one signed, the lower one not. */
  readonly upper: number
  readonly lower: number
  readonly partitionLeaderEpoch: number
  /** It and those that follow have no more records than that. */
  readonly room: number
  /** None of these bits are in its attributes. */
  readonly oddAttributes: number
  /** What its offsets are counted from: the last offset before it, as the caller counts. */
  readonly relative: number
}

/** Batches that were taken one behind the other. */
export interface TakenBatches {
  readonly batches: number
  /** Places in the bytes: behind the last one, and its start. */
  readonly end: number
  readonly lastStart: number
  /** All that is in the attributes of any. */
  readonly attributes: number
  readonly withoutProducers: boolean
  /** Three for each: its size, its last offset as the caller counts, its maxTimestamp. Valid until the next call. */
  readonly numbers: Float64Array
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
  /**
   * Batches of magic 2 from the start of lent bytes on, each proven by its CRC, that start before `startsBefore` and go
   * on as expected; at most BATCHES_AT_ONCE. What takeBatches in segment/take-batches.ts finds, faster.
   */
  takeBatches(bytes: Uint8Array, startsBefore: number, expected: ExpectedBatch): TakenBatches
}

interface Exports {
  crc32c(source: number, length: number, crc: number): number
  findPlace(start: number, end: number, highestLengthByte: number): number
  findFields(start: number, end: number): number
  takeBatches(
    start: number,
    end: number,
    startsBefore: number,
    upper: number,
    lower: number,
    partitionLeaderEpoch: number,
    room: number,
    oddAttributes: number,
    relative: number,
    target: number,
    most: number,
  ): number
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
  const initial = LOANS_START / PAGE_BYTES + LOANS * loanPages
  const memory = reserve(initial)
  if (memory === null) return null
  const module = new WebAssembly.Module(code)
  const { exports } = new WebAssembly.Instance(module, { host: { memory } })
  const functions = exports as Exports
  new Int32Array(memory.buffer, 0, 16 * 256).set(crcTables(POLYNOMIAL))
  const copies = new Uint8Array(memory.buffer, HOST_START, COPY_BYTES)
  const free = Array.from(
    { length: LOANS },
    (_, index) => LOANS_START + index * loanPages * PAGE_BYTES,
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
    takeBatches: batchTaker(functions, memory.buffer),
  }
  owners.set(memory.buffer, instantiated)
  return instantiated
}

function batchTaker(functions: Exports, buffer: ArrayBuffer): Crc32cMemory['takeBatches'] {
  const taken = new Int32Array(buffer, TAKEN_START, 4)
  const numbers = new Float64Array(buffer, TAKEN_START + taken.byteLength)
  return ({ byteOffset, length }, startsBefore, expected) => {
    const batches = functions.takeBatches(
      byteOffset,
      byteOffset + length,
      byteOffset + Math.max(0, Math.min(startsBefore, length)),
      expected.upper,
      expected.lower,
      expected.partitionLeaderEpoch,
      expected.room,
      expected.oddAttributes,
      expected.relative,
      TAKEN_START,
      BATCHES_AT_ONCE,
    )
    const [end = 0, lastStart = 0, attributes = 0, producers = 0] = taken
    return {
      batches,
      end: end - byteOffset,
      lastStart: lastStart - byteOffset,
      attributes,
      withoutProducers: producers === 0,
      numbers: numbers.subarray(0, NUMBERS_OF_BATCH * batches),
    }
  }
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
