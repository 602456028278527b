/**
 * LZ4 frames with damage in them. Kafka's blocks are independent, so a block that does not decode costs itself only;
 * its length tells where the next one is, or, when that is damaged too, the chain of lengths that leads to the end.
 */
import { lz4 } from './lz4.ts'
import { decodeLz4Block } from './lz4-block.ts'
import { blockChain } from './block-chain.ts'
import type { BlockChain } from './block-chain.ts'
import { littleEndian, uint32LittleEndian } from './little-endian.ts'
import type { DecodeUnit, FragmentEnding, Salvage, SalvageOptions, SalvageUnit } from './salvage.ts'
import { FragmentList, decodeUnit, overlapsAny, salvagePrefix } from './salvage.ts'
import { readLz4Sequence, resumeBlock } from './salvage-resume.ts'
import { xxhash32 } from '../bytes/xxhash32.ts'

const LENGTH_BYTES = 4
const BLOCK_STORED = 0x80000000

interface Frame {
  /** Where the first block begins. */
  readonly start: number
  readonly blockBytesMax: number
  readonly checksumBytes: number
  readonly contentChecksumBytes: number
  /** Linked blocks copy from those before them: nothing is to be had behind a hole. */
  readonly isLinked: boolean
}

/** What the Java client writes: magic, FLG 60, BD 40, checksum. */
const USUAL: Frame = {
  start: 7,
  blockBytesMax: 64 * 1024,
  checksumBytes: 0,
  contentChecksumBytes: 0,
  isLinked: false,
}

export const salvageLz4: Salvage = (compressed, options) => {
  const frame = readFrame(compressed) ?? USUAL
  if (frame.isLinked) return salvagePrefix('lz4', lz4)(compressed, options)
  const chain = chainOf(compressed, frame)
  const list = new FragmentList()
  let ending: FragmentEnding = 'suspect'
  for (let position = frame.start; position + LENGTH_BYTES <= compressed.length;) {
    if (uint32LittleEndian(compressed, position) === 0 && chain.has(position)) {
      ending = 'whole'
      break
    }
    const left = { ...options, maxOutputBytes: options.maxOutputBytes - list.totalBytes }
    const block = blockAt(compressed, position, frame)
    const next =
      left.maxOutputBytes > 0
        ? salvageBlock(compressed, position, block, frame, chain, left, list)
        : undefined
    if (next === undefined) break
    position = next
  }
  list.end(ending)
  return list.fragments()
}

/** Adds what can be had of the block at `position` and returns where to go on. */
function salvageBlock(
  input: Uint8Array,
  position: number,
  block: Block | undefined,
  frame: Frame,
  chain: BlockChain,
  options: SalvageOptions,
  list: FragmentList,
): number | undefined {
  const length = { start: position, end: position + LENGTH_BYTES }
  const lengthIsSuspect = overlapsAny(length, options.suspect)
  // A length that leads to the end is believed, another one only when its block then decodes to its full size.
  const isChained = block !== undefined && !lengthIsSuspect && chain.has(position)
  if (block !== undefined && !lengthIsSuspect) {
    const unit = decodeBlock(input, block, frame, options)
    const isLast = chain.has(block.next) && blockAt(input, block.next, frame) === undefined
    const isFull = unit.bytes.length === frame.blockBytesMax
    const isWhole = unit.ending === 'whole' && (isFull || isLast)
    if (isWhole && (isChained || isFull)) {
      list.add(unit)
      return block.next
    }
    const start = list.outputEnd
    list.add(unit)
    const nextStart = isChained && start !== null && !isLast ? start + frame.blockBytesMax : null
    const rest = isChained && !block.isStored ? restOf(input, block, unit, options) : null
    const outputStart = nextStart === null ? null : nextStart - (rest?.bytes.length ?? 0)
    list.end(unit.ending === 'suspect' ? 'suspect' : 'failure', outputStart)
    if (rest !== null) list.add(rest)
    if (isChained) return block.next
  } else list.end('suspect')
  return chain.next(position + 1)
}

/** What can be had of a block behind the place where it stopped decoding. */
function restOf(
  input: Uint8Array,
  { end }: Block,
  { ending, resumeAt, bytes }: SalvageUnit,
  { maxOutputBytes }: SalvageOptions,
): SalvageUnit | null {
  if (ending === 'whole') return null
  const unit = { start: resumeAt, end }
  return resumeBlock(input, unit, readLz4Sequence, maxOutputBytes - bytes.length)
}

function decodeBlock(
  input: Uint8Array,
  block: Block,
  frame: Frame,
  options: SalvageOptions,
): SalvageUnit {
  const decode: DecodeUnit = (bytes, end, output) => {
    if (!block.isStored) {
      const windowStart = output.length
      const { blockBytesMax } = frame
      decodeLz4Block(bytes, block.start, end, output, windowStart, blockBytesMax, 'truncated')
      return
    }
    output.append(bytes, block.start, end)
    output.onOpaque?.(block.start, end)
    if (end < block.end) throw output.failure('truncated', end, 'a stored block ends early')
  }
  const unit = decodeUnit('lz4', input, block, options, decode)
  const isWrong =
    frame.checksumBytes > 0 &&
    unit.ending === 'whole' &&
    xxhash32(input, block.start, block.end) !== uint32LittleEndian(input, block.end)
  // It decodes, so nothing tells where in it the damage is.
  if (isWrong) return { ...unit, bytes: new Uint8Array(), ending: 'failure' }
  return block.isStored ? { ...unit, isMarked: true } : unit
}

interface Block {
  readonly start: number
  readonly end: number
  readonly isStored: boolean
  /** Where the next length stands. */
  readonly next: number
}

function blockAt(input: Uint8Array, position: number, frame: Frame): Block | undefined {
  if (position + LENGTH_BYTES > input.length) return undefined
  const field = littleEndian(input, position, LENGTH_BYTES)
  const isStored = field >= BLOCK_STORED
  const size = isStored ? field - BLOCK_STORED : field
  const start = position + LENGTH_BYTES
  const next = start + size + frame.checksumBytes
  if (size === 0 || size > frame.blockBytesMax || next > input.length) return undefined
  return { start, end: start + size, isStored, next }
}

/** A frame ends with four zero bytes, and a checksum of its content where it has one, or where the data is cut off. */
function chainOf(input: Uint8Array, frame: Frame): BlockChain {
  const endMark = input.length - LENGTH_BYTES - frame.contentChecksumBytes
  const ends = [input.length]
  if (endMark >= frame.start && uint32LittleEndian(input, endMark) === 0) ends.push(endMark)
  return blockChain(input.length, ends, (position) => blockAt(input, position, frame)?.next)
}

/** The frame's header, if its checksum (KAFKA-3160: of either kind) says that it is whole. */
function readFrame(input: Uint8Array): Frame | undefined {
  const flags = input[4] ?? 0
  const blockDescriptor = input[5] ?? 0
  const checksumAt = 6 + ((flags & 0x08) !== 0 ? 8 : 0)
  const isChecked = [0, 4].some(
    (from) => ((xxhash32(input, from, checksumAt) >>> 8) & 0xff) === input[checksumAt],
  )
  const sizeCode = blockDescriptor >>> 4
  if (!isChecked || flags >>> 6 !== 1 || (flags & 1) !== 0 || sizeCode < 4 || sizeCode > 7)
    return undefined
  return {
    start: checksumAt + 1,
    blockBytesMax: 2 ** (8 + 2 * sizeCode),
    checksumBytes: (flags & 0x10) !== 0 ? 4 : 0,
    contentChecksumBytes: (flags & 0x04) !== 0 ? 4 : 0,
    isLinked: (flags & 0x20) === 0,
  }
}
