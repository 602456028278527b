/** Bytes put in among the first fields of a batch, which no CRC covers, in logs with gaps. */
import { expect } from 'chai'
import { plannedBytes, planInMemory } from '../../../bench/recovery/block-plan.ts'
import type { Evidence } from '../../../src/recover/evidence.ts'
import type { Outcome } from '../../../src/recover/damage.ts'
import { concat, message, noise } from '../../segment/build.ts'
import { walkBatches } from '../../support/walk-batches.ts'
import { plain, sparse, wrapper } from './outside-crc-cases.ts'

const OFFSETS = [700, 1906, 2360, 2437, 2602, 2888, 3192]
const END: Partial<Evidence> = { nextSegmentBaseOffset: 3200n }

const LOGS: readonly { readonly name: string; readonly log: readonly Uint8Array[] }[] = [
  { name: 'magic 2', log: sparse(OFFSETS) },
  { name: 'messages of magic 1', log: plain(OFFSETS) },
  { name: 'wrappers of magic 1', log: OFFSETS.map((last) => wrapper(last, [0, 3, 54])) },
  {
    name: 'messages of magic 0',
    log: OFFSETS.map((at) => message({ magic: 0, offset: BigInt(at), value: `value ${at}` })),
  },
]

/** Where the bytes under the CRC begin. */
const areaStart = (batch: Uint8Array): number => (batch[16] === 2 ? 21 : 16)

interface Damaged {
  readonly log: readonly Uint8Array[]
  /** The batch that stands for the one in its place. */
  readonly instead: Uint8Array
  readonly at: number
  readonly beside?: Partial<Evidence>
}

async function repairOf({ log, instead, at, beside = END }: Damaged): Promise<{
  readonly output: Uint8Array
  readonly outcomes: readonly Outcome[]
}> {
  const bytes = concat(...log.slice(0, at), instead, ...log.slice(at + 1))
  const plan = await planInMemory(bytes, {}, beside)
  // A stretch of offsets that stays unknown between gaps is filled by an empty batch.
  const filled = walkBatches(plannedBytes(plan, bytes)).filter((batch) => !isEmpty(batch.bytes))
  return {
    output: concat(...filled.map((batch) => batch.bytes)),
    outcomes: plan.placed.map(({ damage }) => damage.outcome),
  }
}

const isEmpty = (batch: Uint8Array): boolean => batch[16] === 2 && batch.length === 61

const torn = (batch: Uint8Array, cut: number, piece: Uint8Array, rest = batch): Uint8Array =>
  concat(batch.subarray(0, cut), piece, rest.subarray(cut))

describe('bytes put in among the fields before the CRC, between gaps', () => {
  for (const { name, log } of LOGS) {
    const start = areaStart(log[0]!)
    for (const [index, place] of [
      [0, 'the first'],
      [2, 'a middle'],
      [6, 'the last'],
    ] as const) {
      const batch = log[index]!
      const other = log[(index + 3) % 7]!
      const pieces = {
        'bytes that are nothing': noise(40),
        'a whole copy of another batch': other,
        'bytes and a whole copy of another batch': concat(noise(33), other),
        'a copy of another batch but for its start': other.subarray(other[16] === 2 ? 17 : 12),
      }
      for (const [what, piece] of Object.entries(pieces))
        it(`gives back ${place} batch, ${name}: ${what} in its offset`, async () => {
          for (let cut = 1; cut <= 6; cut++) {
            const { output } = await repairOf({ log, at: index, instead: torn(batch, cut, piece) })
            expect(Buffer.compare(output, concat(...log)), `cut at ${cut}`).to.equal(0)
          }
        })
    }

    it(`gives back a batch whose whole header stands before what was put in, ${name}`, async () => {
      const instead = torn(log[2]!, start, noise(40))
      const { output } = await repairOf({ log, at: 2, instead })
      expect(Buffer.compare(output, concat(...log))).to.equal(0)
    })

    it(`never gives the offset of a lost batch to the rest of another one, ${name}`, async () => {
      // All of them are as long, so that the length field of one is that of the other.
      const [lost, rest] = [log[2]!, log[3]!]
      for (let cut = 1; cut < start; cut++) {
        const whole = [...log.slice(0, 3), ...log.slice(4)]
        const instead = torn(lost, cut, noise(40), rest)
        const { output, outcomes } = await repairOf({ log: whole, at: 2, instead })
        if (cut < 7) {
          const right = concat(...log.slice(0, 2), ...log.slice(3))
          expect(Buffer.compare(output, right), `cut at ${cut}`).to.equal(0)
        } else expect(outcomes, `cut at ${cut}`).not.to.include('repaired')
      }
    })
  }
})
