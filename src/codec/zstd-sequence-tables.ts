/**
 * The codes of zstd sequences (RFC 8878, sections 3.1.1.3.2.1.1 and 3.1.1.3.2.2): what lengths they stand for, and
 * the FSE table that is in force for each of the three kinds.
 */
import type { OutputBuffer } from './output-buffer.ts'
import { buildFseTable, newFseTable, readFseTable, setFseRepeat } from './zstd-fse.ts'
import type { FseTable } from './zstd-fse.ts'

export const OFFSET_CODE_MAX = 31

/** The extra bits of each code, and the lengths where they begin: each code goes on where the last ended. */
function buildCodes(firstLength: number, extraBits: readonly number[]): CodeLengths {
  const bases = new Int32Array(extraBits.length)
  let base = firstLength
  for (const [code, bits] of extraBits.entries()) {
    bases[code] = base
    base += 2 ** bits
  }
  return { bases, extraBits: Uint8Array.from(extraBits) }
}

interface CodeLengths {
  readonly bases: Int32Array
  readonly extraBits: Uint8Array
}

/** An offset of code n has n bits below its highest. */
const offsetExtraBits = Uint8Array.from({ length: OFFSET_CODE_MAX + 1 }, (_, code) => code)

const zeros = (count: number): number[] => new Array<number>(count).fill(0)

// prettier-ignore
export const literalLengthCodes: CodeLengths = buildCodes(0, [
  ...zeros(16), 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
])
// prettier-ignore
export const matchLengthCodes: CodeLengths = buildCodes(3, [
  ...zeros(32), 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
])

/** One of the three kinds of code: its limits, its predefined table, and the table in force. */
export interface CodeTable {
  readonly name: string
  readonly maxLog: number
  readonly maxCode: number
  /** How many more bits each code takes. */
  readonly extraBits: Uint8Array
  readonly predefined: FseTable
  readonly own: FseTable
  /** What a block with mode "repeat" uses; none before the first block. */
  current: FseTable | undefined
}

function predefinedTable(
  log: number,
  extraBits: Uint8Array,
  distribution: readonly number[],
): FseTable {
  const table = newFseTable(log)
  buildFseTable(table, log, Int16Array.from(distribution), distribution.length, extraBits)
  return table
}

// prettier-ignore
const predefinedLiteralLengths = predefinedTable(6, literalLengthCodes.extraBits, [
  4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1,
  -1, -1, -1, -1,
])
// prettier-ignore
const predefinedOffsets = predefinedTable(5, offsetExtraBits, [
  1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1,
])
// prettier-ignore
const predefinedMatchLengths = predefinedTable(6, matchLengthCodes.extraBits, [
  1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1,
])

const newCodeTable = (
  name: string,
  maxLog: number,
  extraBits: Uint8Array,
  predefined: FseTable,
): CodeTable => ({
  name,
  maxLog,
  maxCode: extraBits.length - 1,
  extraBits,
  predefined,
  own: newFseTable(maxLog),
  current: undefined,
})

/** In the order of their descriptions in a block. */
export interface SequenceTables {
  readonly literalLengths: CodeTable
  readonly offsets: CodeTable
  readonly matchLengths: CodeTable
}

export const newSequenceTables = (): SequenceTables => ({
  literalLengths: newCodeTable(
    'literal length',
    9,
    literalLengthCodes.extraBits,
    predefinedLiteralLengths,
  ),
  offsets: newCodeTable('offset', 8, offsetExtraBits, predefinedOffsets),
  matchLengths: newCodeTable('match length', 9, matchLengthCodes.extraBits, predefinedMatchLengths),
})

/** As before the first block of a frame. */
export function forgetTables({ literalLengths, offsets, matchLengths }: SequenceTables): void {
  for (const table of [literalLengths, offsets, matchLengths]) table.current = undefined
}

const MODE_PREDEFINED = 0
const MODE_REPEATED_CODE = 1
const MODE_DESCRIBED = 2

/** Puts the table that `mode` asks for in force; returns the position after its description. */
export function readCodeTable(
  table: CodeTable,
  mode: number,
  input: Uint8Array,
  start: number,
  end: number,
  output: OutputBuffer,
): number {
  const failure = (message: string): Error =>
    output.failure('block-invalid', start, `${table.name} codes: ${message}`)
  if (mode === MODE_PREDEFINED) {
    table.current = table.predefined
    return start
  }
  if (mode === MODE_REPEATED_CODE) {
    const code = start < end ? (input[start] ?? 0) : table.maxCode + 1
    if (code > table.maxCode) throw failure('no such code')
    setFseRepeat(table.own, code, table.extraBits[code] ?? 0)
    table.current = table.own
    return start + 1
  }
  if (mode === MODE_DESCRIBED) {
    const { maxLog, maxCode, own, extraBits } = table
    const position = readFseTable(input, start, end, maxLog, maxCode, own, extraBits)
    if (position < 0) throw failure('invalid table')
    table.current = table.own
    return position
  }
  if (table.current === undefined) throw failure('no table to use again')
  return start
}
