/** DEFLATE (RFC 1951) bit by bit, with the provenance of each byte. The input is whole and valid. */
import type { IsGone, KnownBytes } from './provenance.ts'

interface Code {
  /** How many codes there are of each length. */
  readonly counts: readonly number[]
  /** In the order of their codes. */
  readonly symbols: readonly number[]
}

const MAX_BITS = 15
const LENGTHS_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
const END_OF_BLOCK = 256

/** Base and extra bits of each symbol: `step` symbols share a number of extra bits, from the second group on. */
function bases(first: number, count: number, step: number): readonly (readonly [number, number])[] {
  let base = first
  return Array.from({ length: count }, (_, symbol) => {
    const extra = symbol < 2 * step ? 0 : Math.floor(symbol / step) - 1
    const here = [base, extra] as const
    base += 2 ** extra
    return here
  })
}
const LENGTHS = [...bases(3, 28, 4), [258, 0] as const]
const DISTANCES = bases(1, 30, 2)

function codeOf(lengths: readonly number[]): Code {
  const counts = Array.from({ length: MAX_BITS + 1 }, (_, length) =>
    length === 0 ? 0 : lengths.filter((one) => one === length).length,
  )
  const symbols = lengths
    .map((length, symbol) => ({ length, symbol }))
    .filter(({ length }) => length > 0)
    .sort((a, b) => a.length - b.length || a.symbol - b.symbol)
    .map(({ symbol }) => symbol)
  return { counts, symbols }
}

const fill = (count: number, length: number): number[] => new Array<number>(count).fill(length)
const FIXED_LITERALS = codeOf([...fill(144, 8), ...fill(112, 9), ...fill(24, 7), ...fill(8, 8)])
const FIXED_DISTANCES = codeOf(fill(30, 5))

class Bits {
  readonly #input: Uint8Array
  position: number

  constructor(input: Uint8Array, start: number) {
    this.#input = input
    this.position = start * 8
  }

  take(count: number): number {
    let value = 0
    for (let index = 0; index < count; index++, this.position++)
      value |= ((this.#input[this.position >> 3]! >> (this.position & 7)) & 1) << index
    return value
  }

  symbol({ counts, symbols }: Code): number {
    let [code, first, index] = [0, 0, 0]
    for (let length = 1; length <= MAX_BITS; length++) {
      code |= this.take(1)
      const count = counts[length]!
      if (code - first < count) return symbols[index + code - first]!
      index += count
      first = (first + count) << 1
      code <<= 1
    }
    throw new Error('no such code: the input is not valid')
  }
}

export function inflateKnown(
  input: Uint8Array,
  start: number,
  isGone: IsGone,
  output: KnownBytes,
): void {
  const bits = new Bits(input, start)
  const isWhole = (from: number): boolean => !isGone(from >> 3, ((bits.position - 1) >> 3) + 1)
  for (let isLast = false; !isLast;) {
    const header = bits.position
    isLast = bits.take(1) === 1
    const type = bits.take(2)
    if (type === 0) {
      copyStored(input, bits, isGone, output)
      continue
    }
    const [literals, distances] =
      type === 1 ? [FIXED_LITERALS, FIXED_DISTANCES] : dynamicCodes(bits)
    const tablesKnown = isWhole(header)
    for (;;) {
      const from = bits.position
      const symbol = bits.symbol(literals)
      if (symbol === END_OF_BLOCK) break
      if (symbol < END_OF_BLOCK) {
        output.literal(symbol, tablesKnown && isWhole(from))
        continue
      }
      const [base, extra] = LENGTHS[symbol - END_OF_BLOCK - 1]!
      const length = base + bits.take(extra)
      const [nearest, more] = DISTANCES[bits.symbol(distances)]!
      const distance = nearest + bits.take(more)
      output.copy(distance, length, tablesKnown && isWhole(from))
    }
  }
}

function copyStored(input: Uint8Array, bits: Bits, isGone: IsGone, output: KnownBytes): void {
  const lengthAt = (bits.position + 7) >> 3
  const start = lengthAt + 4
  const end = start + (input[lengthAt]! | (input[lengthAt + 1]! << 8))
  for (let at = start; at < end; at++) output.literal(input[at]!, !isGone(at, at + 1))
  bits.position = end * 8
}

function dynamicCodes(bits: Bits): [Code, Code] {
  const literals = bits.take(5) + 257
  const distances = bits.take(5) + 1
  const sent = bits.take(4) + 4
  const lengthsOfLengths = fill(19, 0)
  for (const symbol of LENGTHS_ORDER.slice(0, sent)) lengthsOfLengths[symbol] = bits.take(3)
  const code = codeOf(lengthsOfLengths)
  const lengths: number[] = []
  while (lengths.length < literals + distances) {
    const symbol = bits.symbol(code)
    if (symbol < 16) lengths.push(symbol)
    else if (symbol === 16) lengths.push(...fill(3 + bits.take(2), lengths.at(-1)!))
    else lengths.push(...fill(symbol === 17 ? 3 + bits.take(3) : 11 + bits.take(7), 0))
  }
  return [codeOf(lengths.slice(0, literals)), codeOf(lengths.slice(literals))]
}
