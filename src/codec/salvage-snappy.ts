/**
 * Snappy with damage in it. In snappy-java's framing each chunk stands for itself, so one that does not decode costs
 * itself only; bytes without that framing are one block, of which the part before the damage is left.
 */
import { blockChain } from './block-chain.ts'
import type { ByteRange, DecodeUnit, Salvage } from './salvage.ts'
import { FragmentList, decodeUnit, overlapsAny, salvagePrefix } from './salvage.ts'
import { readSnappyElement, resumeBlock } from './salvage-resume.ts'
import { decodeSnappyBlock } from './snappy-block.ts'
import { snappy } from './snappy.ts'

const HEADER_BYTES = 16
const LENGTH_BYTES = 4
const XERIAL_HEAD = 0x82534e41

export const salvageSnappy: Salvage = (compressed, options) => {
  const view = new DataView(compressed.buffer, compressed.byteOffset, compressed.byteLength)
  const chunkAt = (position: number): ByteRange | undefined => {
    if (position + LENGTH_BYTES > compressed.length) return undefined
    const length = view.getUint32(position)
    // A further header between chunks is passed as a chunk of nothing.
    const start = position + (length === XERIAL_HEAD ? HEADER_BYTES : LENGTH_BYTES)
    const end = length === XERIAL_HEAD ? start : start + length
    return length === 0 || end > compressed.length ? undefined : { start, end }
  }
  const chain = blockChain(compressed.length, [compressed.length], (at) => chunkAt(at)?.end)
  if (!hasHeader(compressed) && !chain.has(HEADER_BYTES))
    return salvagePrefix('snappy', snappy)(compressed, options)

  const list = new FragmentList()
  let position: number | undefined = HEADER_BYTES
  while (position !== undefined && position < compressed.length) {
    const here: number = position
    const left = { ...options, maxOutputBytes: options.maxOutputBytes - list.totalBytes }
    if (left.maxOutputBytes <= 0) break
    const chunk = chunkAt(here)
    const length = { start: here, end: here + LENGTH_BYTES }
    const lengthIsSuspect = overlapsAny(length, options.suspect)
    if (chunk === undefined || lengthIsSuspect) {
      list.end('suspect')
      position = chain.next(here + 1)
      continue
    }
    if (chunk.start === chunk.end) {
      position = chunk.end
      continue
    }
    const decode: DecodeUnit = (bytes, end, output) => {
      decodeSnappyBlock(bytes, chunk.start, end, output, 'truncated')
    }
    const unit = decodeUnit('snappy', compressed, chunk, left, decode)
    list.add(unit)
    const isChained = chain.has(here)
    if (unit.ending !== 'whole') {
      list.end(unit.ending)
      const rest = { start: unit.resumeAt, end: chunk.end }
      const most = left.maxOutputBytes - unit.bytes.length
      const resumed = isChained ? resumeBlock(compressed, rest, readSnappyElement, most) : null
      if (resumed !== null) list.add(resumed)
    }
    position = unit.ending === 'whole' || isChained ? chunk.end : chain.next(here + 1)
  }
  list.end(position === compressed.length ? 'whole' : 'suspect')
  return list.fragments()
}

/** Six of the eight bytes of the magic are enough to tell it from a raw block. */
function hasHeader(input: Uint8Array): boolean {
  const magic = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]
  return magic.filter((byte, index) => input[index] === byte).length >= 6
}
