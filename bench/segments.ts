/**
 * Large segments for measuring, made from batches that brokers wrote: repeated, re-based (baseOffset is outside the
 * CRC), without producer (sequences would repeat) and under a fresh CRC; or records without compression, put together
 * into batches of a given size. With the indexes that a broker would have written.
 */
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { memorySource } from '../src/bytes/byte-source.ts'
import { crc32c } from '../src/bytes/crc.ts'
import { Window } from '../src/bytes/window.ts'
import { createIndexBuilder } from '../src/index/index-builder.ts'
import * as layout from '../src/segment/layout.ts'
import type { BatchHeader } from '../src/segment/record-batch.ts'
import { decodeBatchHeader, isControl } from '../src/segment/record-batch.ts'
import { walkHeaders } from '../src/segment/walk.ts'

const WRITE_BYTES = 4 * 1024 * 1024
const NAME = '00000000000000000000'

/** A batch to repeat: whole, with baseOffset 0. */
interface Template {
  readonly bytes: Uint8Array
  readonly header: BatchHeader
}

export interface SegmentSpec {
  /** A `topic-N` directory that a broker wrote. */
  readonly from: string
  /** Put uncompressed records together into batches of about this size; null repeats the broker's own. */
  readonly batchBytes: number | null
  readonly sizeInBytes: number
}

/** Writes one segment of at least the given size and its indexes into `directory`; returns the path of its log. */
export function buildSegment(directory: string, spec: SegmentSpec): string {
  mkdirSync(directory, { recursive: true })
  const source = new Uint8Array(readFileSync(join(spec.from, `${NAME}.log`)))
  const whole = readTemplates(source)
  const templates = spec.batchBytes === null ? whole : regroup(whole, spec.batchBytes)
  const path = join(directory, `${NAME}.log`)
  const descriptor = openSync(path, 'w')
  const indexes = createIndexBuilder(0n)
  const buffer = new Uint8Array(WRITE_BYTES)
  let [position, baseOffset, filled] = [0, 0n, 0]
  for (let next = 0; position < spec.sizeInBytes; next++) {
    const template = templates[next % templates.length]
    if (template === undefined) throw new Error(`${spec.from} has no batch to repeat`)
    const { bytes, header } = template
    if (filled + bytes.length > buffer.length) {
      writeSync(descriptor, buffer, 0, filled)
      filled = 0
    }
    buffer.set(bytes, filled)
    new DataView(buffer.buffer, filled).setBigInt64(0, baseOffset)
    const lastOffset = baseOffset + BigInt(header.lastOffsetDelta)
    indexes.onBatch({
      position,
      sizeInBytes: bytes.length,
      lastOffset,
      maxTimestamp: header.maxTimestamp,
    })
    filled += bytes.length
    position += bytes.length
    baseOffset = lastOffset + 1n
  }
  writeSync(descriptor, buffer, 0, filled)
  closeSync(descriptor)
  const { offsetIndex, timeIndex } = indexes.finish()
  writeFileSync(join(directory, `${NAME}.index`), offsetIndex)
  writeFileSync(join(directory, `${NAME}.timeindex`), timeIndex)
  return path
}

function readTemplates(source: Uint8Array): Template[] {
  const window = new Window(memorySource(source))
  return [...walkHeaders(window, 0, source.length)]
    .filter((header) => header.magic === 2 && !isControl(header) && (header.recordsCount ?? 0) > 0)
    .map(({ position, sizeInBytes }) => seal(source.slice(position, position + sizeInBytes)))
}

/** Takes the producer out, and writes the CRC of what is left. */
function seal(bytes: Uint8Array): Template {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  view.setBigInt64(0, 0n)
  view.setInt32(12, 0)
  view.setUint16(21, view.getUint16(21) & ~layout.TRANSACTIONAL_BIT)
  view.setBigInt64(43, layout.NO_PRODUCER_ID)
  view.setInt16(51, layout.NO_PRODUCER_EPOCH)
  view.setInt32(53, layout.NO_SEQUENCE)
  view.setUint32(layout.V2_CRC_POSITION, crc32c.update(0, bytes, layout.V2_CRC_START))
  const header = decodeBatchHeader(bytes, 0)
  if (header === null) throw new Error('a batch without a header')
  return { bytes, header }
}

/** The records of uncompressed batches in batches of another size, their offsets counted anew. */
function regroup(templates: readonly Template[], batchBytes: number): Template[] {
  const regrouped: Template[] = []
  let [bodies, size]: [Uint8Array[], number] = [[], layout.V2_HEADER_BYTES]
  for (const { bytes, header } of templates) {
    if ((header.attributes & layout.CODEC_MASK) !== 0) throw new Error('records are compressed')
    for (const body of recordBodies(bytes, header.recordsCount ?? 0)) {
      bodies.push(body)
      size += body.length + 3
      if (size < batchBytes) continue
      regrouped.push(assemble(bodies, bytes, header))
      bodies = []
      size = layout.V2_HEADER_BYTES
    }
  }
  return regrouped
}

/** What stands behind the length, attributes, timestampDelta and offsetDelta of each record. */
function recordBodies(bytes: Uint8Array, count: number): Uint8Array[] {
  const bodies: Uint8Array[] = []
  let at = layout.V2_HEADER_BYTES
  const varint = (): number => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] ?? 0
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
    }
  }
  for (let index = 0; index < count; index++) {
    const size = varint()
    const end = at + size
    at += 1
    varint()
    varint()
    bodies.push(bytes.subarray(at, end))
    at = end
  }
  return bodies
}

function pushVarint(target: number[], value: number): void {
  let rest = value * 2
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) target.push((rest & 0x7f) | 0x80)
  target.push(rest)
}

function assemble(bodies: readonly Uint8Array[], model: Uint8Array, header: BatchHeader): Template {
  const parts: Uint8Array[] = [model.slice(0, layout.V2_HEADER_BYTES)]
  bodies.forEach((body, offsetDelta) => {
    const head: number[] = [0, 0]
    pushVarint(head, offsetDelta)
    const length: number[] = []
    pushVarint(length, head.length + body.length)
    parts.push(Uint8Array.from([...length, ...head]), body)
  })
  const bytes = new Uint8Array(Buffer.concat(parts))
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  view.setInt32(8, bytes.length - layout.LOG_OVERHEAD)
  view.setInt32(23, bodies.length - 1)
  view.setBigInt64(35, header.baseTimestamp)
  view.setInt32(57, bodies.length)
  return seal(bytes)
}
