/** Several batches of one log with damage outside their CRCs: what comes back, and what must stay out. */
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { plannedBytes, planInMemory } from '../../../bench/recovery/block-plan.ts'
import type { Evidence } from '../../../src/recover/evidence.ts'
import type { RepairPlan } from '../../../src/recover/plan.ts'
import { concat, joinedBatches, message, v2Batch } from '../../segment/build.ts'

interface LogCase {
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
const epoch =
  (value: number) =>
  (batch: DataView): void => {
    batch.setInt32(12, value)
  }
const magic =
  (value: number) =>
  (batch: DataView): void => {
    batch.setUint8(16, value)
  }

const plain = (offsets: readonly number[]): Uint8Array[] =>
  offsets.map((at) => message({ magic: 1, offset: BigInt(at), value: `value ${at}` }))

const upTo = (end: number): number[] => Array.from({ length: end }, (_, at) => at)

/** Of magic 1, three messages each. */
const wrapper = (last: number, values: readonly number[] = [0, 1, 2]): Uint8Array => {
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
const wrappers = (count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, at) => wrapper(at * 3 + 2))

/** One record a batch, of one idempotent producer. */
const sequenced = (count: number): Uint8Array[] =>
  upTo(count).map((at) =>
    v2Batch({ baseOffset: BigInt(at), producerId: 5n, producerEpoch: 0, baseSequence: at }),
  )

/** A compacted log of magic 2. */
const sparse = (offsets: readonly number[]): Uint8Array[] =>
  offsets.map((at) => v2Batch({ baseOffset: BigInt(at), records: [{ value: `value ${at}` }] }))

function struck({ log, strike }: Pick<LogCase, 'log' | 'strike'>): Uint8Array {
  return concat(
    ...log.map((batch, at) => {
      const copy = batch.slice()
      strike[at]?.(new DataView(copy.buffer))
      return copy
    }),
  )
}

async function repaired(
  test: Omit<LogCase, 'name'>,
): Promise<{ readonly plan: RepairPlan; readonly output: Uint8Array }> {
  const damaged = struck(test)
  const plan = await planInMemory(damaged, {}, test.beside)
  return { plan, output: plannedBytes(plan, damaged) }
}

const inferredIn = ({ placed }: RepairPlan): readonly string[] =>
  placed.flatMap(({ damage }) => damage.repair?.inferred ?? [])

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

const RETURNS: readonly LogCase[] = [
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
    name: 'a few elections more than the checkpoint has, before a clean stop',
    log: joinedBatches(6),
    strike: { 5: epoch(16) },
    beside: { epochAt: () => 0, snapshotOffset: 18n },
  },
]

interface OutCase extends LogCase {
  /** Places in the log of batches that are not in the output. */
  readonly out: readonly number[]
}

/** More than one reading is possible, or the place is contradicted and nothing tells the right one. */
const STAYS_OUT: readonly OutCase[] = [
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

describe('undo of damage outside the CRC', () => {
  for (const test of STAYS_OUT)
    it(`stays out: what ${test.name}`, async () => {
      const { output } = await repaired(test)
      const written = Buffer.from(output).toString('latin1')
      const missing = test.log.flatMap((batch, at) =>
        written.includes(Buffer.from(batch.subarray(21)).toString('latin1')) ? [] : [at],
      )
      expect(missing).to.deep.equal(test.out)
    })

  it('changes no offset of batches that have changed places, one bit away from one another', async () => {
    const log = joinedBatches(9, 4)
    const swapped = [...log.slice(0, 4), log[5]!, log[4]!, ...log.slice(6)]
    const { output } = await repaired({ log: swapped, strike: {} })
    expect(Buffer.from(output).equals(Buffer.concat(log))).to.equal(true)
  })

  for (const { name, log, reach } of [
    { name: 'half of the offset', log: joinedBatches(300, 3), reach: 7 },
    { name: 'the offset', log: joinedBatches(300, 3), reach: 8 },
    { name: 'the length too', log: joinedBatches(300, 3), reach: 12 },
    { name: 'all before the CRC', log: joinedBatches(300, 3), reach: 17 },
    { name: 'the offset of a message', log: plain(upTo(300)), reach: 8 },
    { name: 'the offset of a wrapper', log: wrappers(300), reach: 8 },
  ])
    it(`zeros that end a batch and reach over ${name} of the next cost only the first`, async () => {
      const position = log.slice(0, 290).reduce((sum, batch) => sum + batch.length, 0)
      const zeros = (bytes: Uint8Array): Uint8Array =>
        bytes.fill(0, position - 30, position + reach)
      const damaged = zeros(concat(...log))
      const plan = await planInMemory(damaged, {})
      const output = Buffer.from(plannedBytes(plan, damaged))
      expect(output.includes(Buffer.from(concat(...log.slice(290)))), 'the rest').to.equal(true)
      expect(output.includes(Buffer.from(concat(...log.slice(0, 289)))), 'the start').to.equal(true)
    })

  it('takes a piece of the log’s own end for what was put in, not the end itself', async () => {
    const log = joinedBatches(6)
    const [damaged, end] = [log[3]!, concat(...log.slice(4))]
    const bytes = concat(
      ...log.slice(0, 3),
      damaged.subarray(0, 70),
      damaged.subarray(40),
      end,
      damaged.subarray(70),
      end,
    )
    const plan = await planInMemory(bytes, {})
    expect(Buffer.compare(plannedBytes(plan, bytes), concat(...log))).to.equal(0)
  })

  it('knows of a few elections more than the checkpoint, after a crash', async () => {
    const { plan } = await repaired({
      log: joinedBatches(6),
      strike: { 5: epoch(16) },
      beside: { epochAt: () => 0 },
    })
    expect(plan.placed).to.deep.equal([])
  })

  for (const test of RETURNS)
    it(`comes back whole: ${test.name}`, async () => {
      const { plan, output } = await repaired(test)
      expect(plan.placed.map(({ damage }) => damage.outcome)).to.not.include('skipped')
      expect(Buffer.compare(output, concat(...test.log))).to.equal(0)
    })

  it('lists what was chosen among several', async () => {
    const { plan } = await repaired(RETURNS.find(({ name }) => name.startsWith('three epochs'))!)
    expect(new Set(inferredIn(plan))).to.deep.equal(new Set(['partitionLeaderEpoch']))
  })
})
