/**
 * gzip with damage in it: what precedes the damage, and where that is known, what can be decoded behind it of the same
 * member.
 */
import { gzip } from './gzip.ts'
import { resumeInflate } from './inflate-resume.ts'
import { uint32LittleEndian } from './little-endian.ts'
import type { Salvage } from './salvage.ts'
import { FragmentList, decodePrefix } from './salvage.ts'

/** Without any of the optional fields, as clients write it. */
const HEADER_BYTES = 10
const FLAGS_POSITION = 3
const TRAILER_BYTES = 8

export const salvageGzip: Salvage = (compressed, options) => {
  const list = new FragmentList()
  const before = decodePrefix('gzip', gzip, compressed, options)
  list.add(before)
  list.end(before.ending)
  const [first, last] = [options.suspect[0], options.suspect.at(-1)]
  const end = compressed.length - TRAILER_BYTES
  const isPlain = compressed[FLAGS_POSITION] === 0 && (last?.end ?? end) < end
  if (before.ending === 'suspect' && first !== undefined && last !== undefined && isPlain) {
    const stream = { start: HEADER_BYTES, end }
    const size = uint32LittleEndian(compressed, compressed.length - 4)
    const most = options.maxOutputBytes - before.bytes.length
    const hole = { start: first.start, end: last.end }
    const behind = resumeInflate(compressed, stream, hole, size, most)
    if (behind !== null) list.add(behind)
    list.end('whole')
  }
  return list.fragments()
}
