/** Logs with damage outside the CRCs of several batches: those of which all comes back, and those of which some cannot. */
import { gzipSync } from 'node:zlib'
import type { Evidence } from '../../../src/recover/evidence.ts'
import { concat, joinedBatches, message, v2Batch } from '../../segment/build.ts'

export interface LogCase {
  readonly name: string
  readonly log: readonly Uint8Array[]
  /** By the place of a batch in the log. */
  readonly strike: Readonly<Record<number, (batch: DataView) => void>>
  readonly beside?: Partial<Evidence>
}

const GARBAGE = 0x1234_5678_9abc_def0n

const offset =
  (value: bigint) =>
  (batch: DataView): void => {
    batch.setBigInt64(0, value)
  }
const length =
  (value: number) =>
  (batch: DataView): void => {
    batch.setInt32(8, value)
  }
export const epoch =
  (value: number) =>
  (batch: DataView): void => {
    batch.setInt32(12, value)
  }
const magic =
  (value: number) =>
  (batch: DataView): void => {
    batch.setUint8(16, value)
  }

export const plain = (offsets: readonly number[]): Uint8Array[] =>
  offsets.map((at) => message({ magic: 1, offset: BigInt(at), value: `value ${at}` }))

export const upTo = (end: number): number[] => Array.from({ length: end }, (_, at) => at)

/** Of magic 1, three messages each. */
export const wrapper = (last: number, values: readonly number[] = [0, 1, 2]): Uint8Array => {
  const inner = values.map((at) =>
    message({ magic: 1, offset: BigInt(at), value: `value ${last} ${at}` }),
  )
  return message({
    magic: 1,
    offset: BigInt(last),
    attributes: 1,
    value: new Uint8Array(gzipSync(concat(...inner))),
  })
}
export const wrappers = (count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, at) => wrapper(at * 3 + 2))

/** One record a batch, of one idempotent producer. */
const sequenced = (count: number): Uint8Array[] =>
  upTo(count).map((at) =>
    v2Batch({ baseOffset: BigInt(at), producerId: 5n, producerEpoch: 0, baseSequence: at }),
  )

/** A compacted log of magic 2. */
export const sparse = (offsets: readonly number[]): Uint8Array[] =>
  offsets.map((at) => v2Batch({ baseOffset: BigInt(at), records: [{ value: `value ${at}` }] }))

const indexOf = (
  entries: readonly (readonly [offset: number, position: number])[],
): Evidence['offsetIndex'] => ({
  entryCount: entries.length,
  trustedCount: entries.length,
  relativeOffsets: Int32Array.from(entries, ([at]) => at),
  positions: Int32Array.from(entries, ([, position]) => position),
  zeroTailBytes: 0,
  problems: [],
})

export const RETURNS: readonly LogCase[] = [
  {
    name: 'the first of three is two too high and fits',
    log: plain(upTo(20)),
    strike: { 12: offset(14n), 13: offset(GARBAGE), 14: length(9999) },
  },
  {
    name: 'the middle of three has its neighbour’s offset',
    log: plain(upTo(20)),
    strike: { 12: offset(GARBAGE), 13: offset(12n), 14: offset(GARBAGE) },
  },
  {
    name: 'the last of three is two too low and fits',
    log: plain(upTo(20)),
    strike: { 13: offset(GARBAGE), 14: offset(GARBAGE), 15: offset(13n) },
  },
  {
    name: 'a wrapper of magic 1 is one bit off in the field, not in its first offset',
    log: wrappers(8),
    strike: { 4: offset(14n ^ 1n) },
  },
  {
    name: 'a wrapper of magic 1 has lost its leading bytes',
    log: wrappers(8),
    strike: {
      0: (batch) => {
        batch.setBigInt64(0, 0n)
        batch.setInt32(8, 0)
      },
    },
  },
  {
    name: 'no batch of an old format is whole',
    log: plain([4, 9, 11]),
    strike: { 0: length(-5), 1: length(3000), 2: length(1 << 30) },
    beside: { nextSegmentBaseOffset: 12n },
  },
  {
    name: 'a batch fits two too high, others lost offset and magic',
    log: joinedBatches(9, 4),
    strike: { 3: offset(12n ^ 2n), 4: offset(GARBAGE), 5: magic(99), 6: magic(10) },
  },
  {
    name: 'what is missing reaches to the end of the log, which a snapshot tells',
    log: plain(upTo(8)),
    strike: { 6: offset(6n ^ 64n), 7: offset(-GARBAGE) },
    beside: { snapshotOffset: 8n },
  },
  {
    name: 'only the producer’s sequence tells, and the one whole batch is wrong',
    log: sequenced(3),
    strike: { 0: magic(104), 1: offset(1n ^ (1n << 20n)), 2: offset(2n ^ (1n << 60n)) },
  },
  {
    name: 'at the end all say offsets that cannot be in the segment, but one',
    log: sequenced(8),
    strike: {
      4: offset(4n ^ (1n << 25n)),
      5: offset(-GARBAGE),
      6: offset(6n ^ (1n << 51n)),
      7: length(9999),
    },
  },
  {
    name: 'a bit that no offset of the segment has, twice in a row between gaps',
    log: sparse([0, 7, 30, 31, 52, 80, 81]),
    strike: { 3: offset(31n ^ (1n << 38n)), 4: offset(52n ^ (1n << 57n)) },
  },
  {
    name: 'an index entry names the batch, between gaps',
    log: sparse([0, 7, 30, 31, 52, 80, 81]),
    strike: { 4: offset(GARBAGE) },
    beside: { offsetIndex: indexOf([[52, 4 * 76 - 2]]) },
  },
  {
    name: 'the one whole batch of a compacted log says an offset above the next segment',
    log: [5, 60, 91].map((at) =>
      v2Batch({ baseOffset: BigInt(at), lastOffsetDelta: 30, records: [{ value: `at ${at}` }] }),
    ),
    strike: { 0: offset(5n ^ (1n << 23n)), 1: length(-9), 2: length(9999) },
    beside: { nextSegmentBaseOffset: 122n },
  },
  {
    name: 'the epoch of the one whole batch is another than that of the rest',
    log: joinedBatches(3),
    strike: { 0: length(1 << 25), 1: epoch(540_559), 2: magic(6) },
  },
  {
    name: 'three epochs at the end say three different things',
    log: joinedBatches(6),
    strike: { 3: epoch(910_555_026), 4: epoch(-5), 5: epoch(0x7000_0000) },
  },
  {
    name: 'an epoch is contradicted by a checkpoint of which the front was cut',
    log: joinedBatches(6, 3, 0n),
    strike: { 5: epoch(1 << 20) },
    beside: { epochAt: (at) => (at < 9n ? null : at < 18n ? 0 : 4) },
  },
  {
    name: 'the first wrapper of magic 1 has no room for its messages',
    log: wrappers(8),
    strike: { 0: offset(2n ^ 2n) },
  },
  {
    name: 'a wrapper of magic 1 is lower than its messages are many',
    log: wrappers(8),
    strike: { 2: offset(8n ^ 8n) },
  },
  {
    name: 'of three epochs one is one more, one is none',
    log: joinedBatches(3),
    strike: { 1: epoch(1), 2: epoch(1_137_009_547) },
    beside: { epochAt: () => 0 },
  },
  {
    name: 'of three epochs two are wrong, and the checkpoint knows the third',
    log: joinedBatches(3),
    strike: { 0: epoch(-11_485_438), 1: epoch(65_536), 2: magic(109) },
    beside: { epochAt: () => 0 },
  },
  {
    name: 'a few elections more than the checkpoint has, before a clean stop',
    log: joinedBatches(6),
    strike: { 5: epoch(16) },
    beside: { epochAt: () => 0, snapshotOffset: 18n },
  },
]

export interface OutCase extends LogCase {
  /** Places in the log of batches that are not in the output. */
  readonly out: readonly number[]
}

/** More than one reading is possible, or the place is contradicted and nothing tells the right one. */
export const STAYS_OUT: readonly OutCase[] = [
  {
    name: 'fits and fills nothing, and does not look damaged',
    log: plain(upTo(20)),
    strike: { 6: offset(8n), 7: offset(GARBAGE), 8: offset(GARBAGE) },
    out: [6],
  },
  {
    name: 'could join either side, where a batch is missing',
    log: plain([0, 1, 2, 3, 4, 6, 7, 8, 9, 10]),
    strike: { 4: offset(GARBAGE) },
    out: [4],
  },
  {
    name: 'is one of two between gaps, one bit off within the segment',
    log: sparse([0, 7, 30, 31, 52, 80, 81]),
    strike: { 3: offset(31n + 4096n), 4: offset(52n + 8192n) },
    beside: { nextSegmentBaseOffset: 82n },
    out: [3, 4],
  },
  {
    name: 'has an index entry, which may be of all that was appended with it',
    log: sparse([0, 7, 30, 31, 52, 80, 81]),
    strike: {
      3: offset(GARBAGE),
      4: (batch) => {
        for (let at = 0; at < batch.byteLength; at++) batch.setUint8(at, 0xaa)
      },
    },
    beside: { offsetIndex: indexOf([[52, 3 * 77 - 2]]) },
    out: [3, 4],
  },
  {
    name: 'is a wrapper at offset 0 that has no room for its messages there',
    log: [wrapper(40), wrapper(90, [0, 2, 5]), wrapper(95, [0, 2])],
    strike: { 0: offset(0n) },
    beside: { nextSegmentBaseOffset: 96n },
    out: [0],
  },
]
