/**
 * Makes examples/orders-0: a partition that a broker wrote, cut down to three small segments, and then damaged in
 * known places. Run with `npx tsx scripts/make-example.ts [PARTITION]`, where PARTITION is a directory of lz4 batches
 * that Apache Kafka 4.1.0 wrote; by default the one of the corpus beside the repository. Always gives the same bytes.
 */
import { mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { memorySource } from '../src/bytes/byte-source.ts'
import { crc32c } from '../src/bytes/crc.ts'
import { Window } from '../src/bytes/window.ts'
import { decodeOffsetIndex } from '../src/index/offset-index.ts'
import { encodeProducerSnapshot, NO_OPEN_TXN } from '../src/index/producer-snapshot.ts'
import { decodeTimeIndex } from '../src/index/time-index.ts'
import { V2_CRC_POSITION, V2_CRC_START, V2_HEADER_BYTES } from '../src/segment/layout.ts'
import type { BatchHeader } from '../src/segment/record-batch.ts'
import { lastSequence } from '../src/segment/record-batch.ts'
import { baseOffsetDigits } from '../src/segment/segment-name.ts'
import { walkHeaders } from '../src/segment/walk.ts'

const fromHere = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const SOURCE = process.argv[2] ?? fromHere('../../shared/corpus/kafka-4.1.0/orders-lz4-0')
const TARGET = fromHere('../examples/orders-0')

const SEGMENTS = 3
const BATCHES_PER_SEGMENT = 15
const SECTOR_BYTES = 512

interface Cut {
  readonly headers: readonly BatchHeader[]
  readonly base: bigint
  readonly position: number
  readonly bytes: Uint8Array
}

const original = new Uint8Array(readFileSync(join(SOURCE, `${baseOffsetDigits(0n)}.log`)))
const broker = {
  index: decodeOffsetIndex(readFileSync(join(SOURCE, `${baseOffsetDigits(0n)}.index`))),
  times: decodeTimeIndex(readFileSync(join(SOURCE, `${baseOffsetDigits(0n)}.timeindex`))),
}

/** Whole batches only, so that each cut is a segment that the broker could have rolled there. */
function cutSegments(): Cut[] {
  const window = new Window(memorySource(original))
  const all = [...walkHeaders(window, 0, original.length)]
  return Array.from({ length: SEGMENTS }, (_, index) => {
    const headers = all.slice(index * BATCHES_PER_SEGMENT, (index + 1) * BATCHES_PER_SEGMENT)
    const [first, last] = [headers[0]!, headers.at(-1)!]
    const end = last.position + last.sizeInBytes
    return {
      headers,
      base: first.baseOffset,
      position: first.position,
      bytes: original.slice(first.position, end),
    }
  })
}

/** The broker's own entries for these batches, relative to the cut. The first batch of a segment has none. */
function offsetIndexFor({ base, position, bytes }: Cut): Uint8Array {
  const entries: number[] = []
  broker.index.positions.forEach((at, entry) => {
    const inCut = at > position && at < position + bytes.length
    if (inCut)
      entries.push(Number(BigInt(broker.index.relativeOffsets[entry]!) - base), at - position)
  })
  const view = new DataView(new ArrayBuffer(entries.length * 4))
  entries.forEach((value, index) => {
    view.setInt32(index * 4, value)
  })
  return new Uint8Array(view.buffer)
}

/** A closed segment ends with an entry for its largest timestamp; the last segment was still being written. */
function timeIndexFor({ base, headers }: Cut, isClosed: boolean): Uint8Array {
  const last = headers.at(-1)!
  const entries: [time: bigint, relativeOffset: number][] = []
  broker.times.relativeOffsets.forEach((relative, entry) => {
    const offset = BigInt(relative)
    if (offset > headers[0]!.lastOffset && offset <= last.lastOffset)
      entries.push([broker.times.timestamps[entry]!, Number(offset - base)])
  })
  const top = headers.reduce((a, b) => (b.maxTimestamp > a.maxTimestamp ? b : a))
  if (isClosed && (entries.at(-1)?.[0] ?? -1n) < top.maxTimestamp)
    entries.push([top.maxTimestamp, Number(top.lastOffset - base)])
  const view = new DataView(new ArrayBuffer(entries.length * 12))
  entries.forEach(([time, offset], index) => {
    view.setBigInt64(index * 12, time)
    view.setInt32(index * 12 + 8, offset)
  })
  return new Uint8Array(view.buffer)
}

/** The state below a segment: what its one producer wrote last before it. */
const snapshotAfter = (last: BatchHeader): Uint8Array =>
  encodeProducerSnapshot([
    {
      producerId: last.producerId,
      producerEpoch: last.producerEpoch,
      lastSequence: lastSequence(last),
      lastOffset: last.lastOffset,
      offsetDelta: last.lastOffsetDelta,
      timestamp: last.maxTimestamp,
      coordinatorEpoch: -1,
      currentTxnFirstOffset: NO_OPEN_TXN,
    },
  ])

const place = ({ headers, position }: Cut, batch: number): number =>
  headers[batch]!.position - position

/** A producer that compressed badly: the lz4 block is nonsense, and the CRC was computed over the nonsense. */
function breakPayload(cut: Cut, batch: number): void {
  const start = place(cut, batch)
  const size = cut.headers[batch]!.sizeInBytes
  // Behind the lz4 frame header: tokens of literals and matches become matches that reach back before the start.
  cut.bytes.fill(0, start + V2_HEADER_BYTES + 40, start + V2_HEADER_BYTES + 72)
  const crc = crc32c.update(0, cut.bytes.subarray(start + V2_CRC_START, start + size))
  new DataView(cut.bytes.buffer).setUint32(start + V2_CRC_POSITION, crc)
}

function flipBit(cut: Cut, batch: number): void {
  cut.bytes[place(cut, batch) + 1000]! ^= 0x10
}

/** A disk that answers zeros for one sector inside the records of a batch. */
function zeroSector(cut: Cut, batch: number): void {
  const inside = place(cut, batch) + 1024
  const start = Math.ceil(inside / SECTOR_BYTES) * SECTOR_BYTES
  cut.bytes.fill(0, start, start + SECTOR_BYTES)
}

const cuts = cutSegments()
breakPayload(cuts[0]!, 4)
flipBit(cuts[0]!, 10)
zeroSector(cuts[1]!, 7)
// The broker was killed while it wrote: half of the last batch is there.
const tornSize = place(cuts[2]!, BATCHES_PER_SEGMENT - 1) + 3000

rmSync(TARGET, { recursive: true, force: true })
mkdirSync(TARGET, { recursive: true })
cuts.forEach((cut, index) => {
  const isLast = index === SEGMENTS - 1
  const write = (suffix: string, bytes: Uint8Array): void => {
    const path = join(TARGET, `${baseOffsetDigits(cut.base)}${suffix}`)
    writeFileSync(path, bytes)
    const written = new Date(Number(cut.headers.at(-1)!.maxTimestamp))
    utimesSync(path, written, written)
  }
  write('.log', isLast ? cut.bytes.subarray(0, tornSize) : cut.bytes)
  write('.index', offsetIndexFor(cut))
  write('.timeindex', timeIndexFor(cut, !isLast))
  const before = cuts[index - 1]?.headers.at(-1)
  if (before !== undefined) write('.snapshot', snapshotAfter(before))
})
writeFileSync(join(TARGET, 'leader-epoch-checkpoint'), '0\n1\n0 0\n')
writeFileSync(join(TARGET, 'partition.metadata'), readFileSync(join(SOURCE, 'partition.metadata')))
