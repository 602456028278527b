/**
 * What can still be decoded of damaged compressed bytes. The formats have no checksum within a block, and a decoder
 * may go on through damage and give wrong bytes. So what comes out is cut into pieces that were decoded apart, each
 * knows which input its output came from, and whoever reads records out of it takes back what came from near a break.
 */
import type { CompressionType, Decompress } from './codec.ts'
import { CodecError } from './codec.ts'
import { OutputBuffer } from './output-buffer.ts'

/** Bytes [start, end). */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** The first of some ascending ranges that ends after a position. */
export function firstAfter<T extends ByteRange>(
  ranges: readonly T[],
  position: number,
): T | undefined {
  return ranges[indexAfter(ranges, position)]
}

function indexAfter(ranges: readonly ByteRange[], position: number): number {
  let [low, high] = [0, ranges.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ranges[middle]?.end ?? 0) > position) high = middle
    else low = middle + 1
  }
  return low
}

/** Whether a range shares a byte with any of some others, which are ascending and apart. */
export function overlapsAny(range: ByteRange, others: readonly ByteRange[]): boolean {
  const other = firstAfter(others, range.start)
  return other !== undefined && other.start < range.end
}

/** The parts of ascending ranges that lie in another. */
function within(ranges: readonly ByteRange[], { start, end }: ByteRange): ByteRange[] {
  const parts: ByteRange[] = []
  for (let index = indexAfter(ranges, start); index < ranges.length; index++) {
    const range = ranges[index]
    if (range === undefined || range.start >= end) break
    parts.push({ start: Math.max(range.start, start), end: Math.min(range.end, end) })
  }
  return parts
}

export interface SalvageOptions {
  /** Most bytes of output, over all fragments. */
  readonly maxOutputBytes: number
  /** Input that is not believed, ascending: sectors that hold no compressed data. Nothing is decoded across it. */
  readonly suspect: readonly ByteRange[]
}

/** Output of one block, or of a whole stream whose blocks lean on each other. */
export interface SalvagePiece {
  /** In the fragment's bytes. */
  readonly start: number
  readonly end: number
  readonly input: ByteRange
  /** Whether a wrong byte may be copied on to anywhere later in the piece. */
  readonly spreadsDamage: boolean
  /** How many bytes of the piece are decoded from the input before a position; decodes again to find out. */
  readonly outputBefore: (position: number) => number
}

/**
 * How a fragment ends: `whole` with the stream, `suspect` right before input that is not believed, so that its last
 * byte is as good as its first, `failure`, somewhere behind damage that the decoder did not notice at once, or
 * `unproven`, with the stream, whose own checksum then says that something in it is wrong.
 */
export type FragmentEnding = 'whole' | 'suspect' | 'failure' | 'unproven'

/** Output without a hole. The bytes are the fragment's own. */
export interface SalvageFragment {
  readonly bytes: Uint8Array
  /** The place in the decompressed stream, where it is certain. */
  readonly outputStart: number | null
  readonly pieces: readonly SalvagePiece[]
  /** Output that depends on suspect input, in the fragment's bytes: damage inside literals, and copies of it. */
  readonly untrusted: readonly ByteRange[]
  readonly ending: FragmentEnding
}

/** Never throws for what is in the bytes. No fragment is empty. */
export type Salvage = (
  compressed: Uint8Array,
  options: SalvageOptions,
) => readonly SalvageFragment[]

/** One decodable unit and how it decoded. */
export interface SalvageUnit {
  readonly bytes: Uint8Array
  readonly ending: FragmentEnding
  readonly untrusted: readonly ByteRange[]
  readonly input: ByteRange
  readonly outputBefore: (position: number) => number
  /** Whether all that damage has spoilt is in `untrusted`. */
  readonly isMarked?: true
  /** Where the input goes on behind what made it end. */
  readonly resumeAt: number
}

/** Decodes `bytes[unit.start, end)` into `output`, throws CodecError where it cannot go on. */
export type DecodeUnit = (bytes: Uint8Array, end: number, output: OutputBuffer) => void

/** A file system's block: damage that a decoder met may go on for as much. */
const PAGE_BYTES = 4096

interface Attempt {
  readonly bytes: Uint8Array
  readonly ending: 'whole' | 'failure' | 'unproven'
  /** Behind what was met. */
  readonly resumeAt: number
}

/**
 * Decodes one unit as far as it is believed. Suspect input that lies wholly inside literals does not end it: the rest
 * is decoded, and what depends on those literals is found by decoding once more with other bytes in their place.
 */
export function decodeUnit(
  codec: CompressionType,
  input: Uint8Array,
  unit: ByteRange,
  options: SalvageOptions,
  decode: DecodeUnit,
): SalvageUnit {
  const literals: ByteRange[] = []
  const attempt = (bytes: Uint8Array, end: number, hears = false): Attempt => {
    const onOpaque = (start: number, spanEnd: number): void => {
      literals.push({ start, end: spanEnd })
    }
    const size = Math.max(0, end - unit.start)
    const output = new OutputBuffer(
      codec,
      options.maxOutputBytes,
      size,
      hears ? onOpaque : undefined,
    )
    try {
      decode(bytes, end, output)
      return { bytes: output.decoded(), ending: 'whole', resumeAt: end }
    } catch (error) {
      if (!(error instanceof CodecError)) throw error
      const ending = error.reason === 'checksum-mismatch' ? 'unproven' : 'failure'
      return { bytes: error.decodedSoFar, ending, resumeAt: error.position + PAGE_BYTES }
    }
  }
  const outputBefore = (position: number): number =>
    position <= unit.start ? 0 : attempt(input, Math.min(position, unit.end)).bytes.length
  const result = (
    { bytes, resumeAt }: Attempt,
    ending: FragmentEnding,
    untrusted: readonly ByteRange[] = [],
  ): SalvageUnit => ({ bytes, ending, untrusted, input: unit, outputBefore, resumeAt })

  const suspect = within(options.suspect, unit)
  const [first] = suspect
  const whole = attempt(input, unit.end, true)
  if (first === undefined) return result(whole, whole.ending)
  const inLiterals = suspect.every(({ start, end }) => {
    const literal = firstAfter(literals, start)
    return literal !== undefined && literal.start <= start && end <= literal.end
  })
  // What lies in literals explains a checksum that fails, too.
  if (whole.ending !== 'failure' && inLiterals) {
    const other = attempt(flipped(input, suspect), unit.end)
    if (other.ending === whole.ending && other.bytes.length === whole.bytes.length)
      return { ...result(whole, 'whole', differences(whole.bytes, other.bytes)), isMarked: true }
  }
  const before = attempt(input, Math.max(first.start, unit.start))
  return { ...result(before, 'suspect'), resumeAt: suspect.at(-1)?.end ?? unit.end }
}

/** A copy with every bit of some ranges turned. */
export function flipped(bytes: Uint8Array, ranges: readonly ByteRange[]): Uint8Array {
  const copy = bytes.slice()
  for (const { start, end } of ranges) {
    for (let at = start; at < end; at++) copy[at] = ~(copy[at] ?? 0)
  }
  return copy
}

/** Where two equally long byte strings differ, as ranges. */
export function differences(a: Uint8Array, b: Uint8Array): ByteRange[] {
  const ranges: ByteRange[] = []
  for (let at = 0; at < a.length; at++) {
    if (a[at] === b[at]) continue
    const start = at
    while (at < a.length && a[at] !== b[at]) at++
    ranges.push({ start, end: at })
  }
  return ranges
}

/** Collects the output of units into fragments: a new one after each hole. */
export class FragmentList {
  readonly #fragments: SalvageFragment[] = []
  #bytes: Uint8Array[] = []
  #size = 0
  #pieces: SalvagePiece[] = []
  #untrusted: ByteRange[] = []
  #outputStart: number | null = 0
  /** Over all fragments. */
  totalBytes = 0

  add(unit: SalvageUnit): void {
    const start = this.#size
    this.#bytes.push(unit.bytes)
    this.#size += unit.bytes.length
    this.totalBytes += unit.bytes.length
    const { input, outputBefore } = unit
    const spreadsDamage = unit.isMarked !== true
    this.#pieces.push({ start, end: this.#size, input, spreadsDamage, outputBefore })
    for (const range of unit.untrusted) {
      this.#untrusted.push({ start: start + range.start, end: start + range.end })
    }
  }

  /** Where the output so far ends in the stream, if that is certain. */
  get outputEnd(): number | null {
    return this.#outputStart === null ? null : this.#outputStart + this.#size
  }

  /** Ends the fragment; the next one begins at `outputStart`. */
  end(ending: FragmentEnding, outputStart: number | null = null): void {
    if (this.#size > 0) {
      const bytes = this.#bytes.length === 1 ? this.#bytes[0] : undefined
      this.#fragments.push({
        bytes: bytes ?? joined(this.#bytes, this.#size),
        outputStart: this.#outputStart,
        pieces: this.#pieces,
        untrusted: this.#untrusted,
        ending,
      })
    }
    this.#bytes = []
    this.#size = 0
    this.#pieces = []
    this.#untrusted = []
    this.#outputStart = outputStart
  }

  fragments(): readonly SalvageFragment[] {
    return this.#fragments
  }
}

function joined(parts: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/**
 * For formats whose blocks lean on those before them: what a decoder gives up to the damage. gzip's own CRC-32
 * settles it when it holds; elsewhere a stream with suspect input in it is decoded up to there.
 */
export function salvagePrefix(codec: CompressionType, decompress: Decompress): Salvage {
  return (compressed, options) => {
    const decode: DecodeUnit = (bytes, end, output) => {
      const { limit: maxOutputBytes, onOpaque } = output
      const given = { maxOutputBytes, allowOldLz4HeaderChecksum: true }
      const all = bytes.subarray(0, end)
      const result = decompress(all, onOpaque === undefined ? given : { ...given, onOpaque })
      output.bytes = result.bytes
      output.length = result.bytes.length
    }
    const unit = { start: 0, end: compressed.length }
    const proven =
      codec === 'gzip'
        ? decodeUnit(codec, compressed, unit, { ...options, suspect: [] }, decode)
        : null
    const list = new FragmentList()
    const decoded =
      proven?.ending === 'whole' ? proven : decodeUnit(codec, compressed, unit, options, decode)
    list.add(decoded)
    list.end(decoded.ending)
    return list.fragments()
  }
}
