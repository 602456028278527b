/**
 * Every marker of real transactional segments, damaged in each way, must come back as it was or not at all: never with
 * another type or producer, and never with another field that is not named as inferred.
 */
import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SegmentReport } from '../../../src/kmend.ts'
import { repairSegment } from '../../../src/kmend.ts'
import { decodeMarker } from '../../../src/segment/end-transaction-marker.ts'
import { decodeBatchHeader } from '../../../src/segment/record-batch.ts'
import type { CorpusSegment, ExpectedBatch } from '../../support/corpus.ts'
import { hasSegment, loadSegment } from '../../support/corpus.ts'
import type { Prng } from '../../support/prng.ts'
import { prng, seedOf } from '../../support/prng.ts'
import { differOnlyIn } from '../../support/inferred.ts'
import { placeSource, withWorkspace } from '../../support/workspace.ts'

type Damage = (bytes: Uint8Array, batch: ExpectedBatch, random: Prng) => void

const fill = (bytes: Uint8Array, from: number, source: Uint8Array): void => {
  bytes.set(source.subarray(0, Math.max(0, bytes.length - from)), from)
}

const DAMAGES: readonly {
  readonly name: string
  readonly damage: Damage
  /** At least this share must be built again; over all markers it is above 0.9, but for the page. */
  readonly atLeast: number
}[] = [
  {
    name: 'one byte changed',
    damage: (bytes, { position, sizeInBytes }, random) => {
      const at = position + random.below(sizeInBytes)
      bytes[at] = bytes[at]! ^ (1 + random.below(255))
    },
    atLeast: 0.6,
  },
  {
    name: '8 random bytes',
    damage: (bytes, { position, sizeInBytes }, random) => {
      fill(bytes, position + random.below(sizeInBytes - 7), random.bytes(8))
    },
    atLeast: 0.6,
  },
  {
    name: 'zeroed wholly',
    damage: (bytes, { position, sizeInBytes }) => bytes.fill(0, position, position + sizeInBytes),
    atLeast: 0.6,
  },
  {
    name: 'zeroed CRC',
    damage: (bytes, { position }) => bytes.fill(0, position + 17, position + 21),
    atLeast: 0.6,
  },
  {
    name: 'random bytes from its middle on, up to its end',
    damage: (bytes, { position, sizeInBytes }, random) => {
      fill(bytes, position + 21, random.bytes(sizeInBytes - 21))
    },
    atLeast: 0.6,
  },
  {
    name: 'a random page over it',
    damage: (bytes, { position }, random) => {
      fill(bytes, Math.floor(position / 4096) * 4096, random.bytes(4096))
    },
    atLeast: 0,
  },
]

/** One marker in so many; each one where many seeds are asked for. */
const isThorough = Number(process.env['KMEND_TEST_SEEDS'] ?? 1) > 1

const SEGMENTS = [
  { name: 'kafka-4.1.0/payments-txn-0/00000000000000000040', step: isThorough ? 1 : 45 },
  { name: 'kafka-4.1.0-crashed/payments-txn-0/00000000000000000040', step: isThorough ? 1 : 179 },
].filter(({ name }) => hasSegment(name))

interface Outcome {
  readonly rebuilt: boolean
  readonly exact: boolean
  readonly report: SegmentReport
}

async function damageOne(
  segment: CorpusSegment,
  target: ExpectedBatch,
  damage: Damage,
  random: Prng,
): Promise<Outcome> {
  const bytes = segment.bytes.slice()
  damage(bytes, target, random)
  return await withWorkspace(async (folder) => {
    const source = placeSource(folder, segment, bytes, 'partition')
    const out = join(folder, 'out')
    const { segments, errors } = await repairSegment(source, { out })
    expect(errors).to.deep.equal([])
    const report = segments[0]!
    const output = new Uint8Array(readFileSync(join(out, report.output!)))
    let exact = true
    let rebuilt = false
    for (const entry of report.damage) {
      if (entry.outcome !== 'repaired') continue
      const was = segment.batches.find(({ baseOffset }) => baseOffset === entry.baseOffset)
      expect(was, `offset ${entry.baseOffset} is one that was there`).to.not.equal(undefined)
      const { position, sizeInBytes } = was!
      const original = segment.bytes.subarray(position, position + sizeInBytes)
      const written = output.subarray(entry.outputPosition, entry.outputPosition! + sizeInBytes)
      const { inferred } = entry.repair!
      expect(
        differOnlyIn(inferred, written, original),
        `offset ${entry.baseOffset}, ${entry.message}`,
      ).to.equal(true)
      if (was !== target) continue
      rebuilt = true
      exact = Buffer.compare(written, original) === 0
      const [is, truly] = [written, original].map((batch) =>
        decodeMarker(batch, decodeBatchHeader(batch, 0)!),
      )
      expect([is!.type, is!.producerId]).to.deep.equal([truly!.type, truly!.producerId])
    }
    return { rebuilt, exact, report }
  })
}

describe('damaged transaction markers of a broker', () => {
  for (const { name, step } of SEGMENTS) {
    const segment = loadSegment(name)
    const markers = segment.batches.filter(({ isControl }) => isControl)
    for (const { name: how, damage, atLeast } of DAMAGES)
      it(`${name}: ${how}`, async () => {
        const first = seedOf(how, 1) % step
        let [tried, rebuilt, exact] = [0, 0, 0]
        for (let index = first; index < markers.length; index += step) {
          const target = markers[index]!
          const random = prng(seedOf(`${name}/${how}`, index))
          const outcome = await damageOne(segment, target, damage, random)
          tried++
          if (outcome.rebuilt) {
            rebuilt++
            if (outcome.exact) exact++
            continue
          }
          const { lostMarkers } = outcome.report.transactions
          const known = lostMarkers.filter(({ offset }) => offset === target.baseOffset)
          for (const { producerId } of known)
            expect([null, target.producerId]).to.include(producerId)
          if (atLeast > 0) expect(known.length, `offset ${target.baseOffset} is told`).to.equal(1)
        }
        if (process.env['KMEND_TEST_VERBOSE'] !== undefined)
          console.log(`      ${tried} tried, ${rebuilt} rebuilt, ${exact} exact`)
        expect(rebuilt / tried).to.be.at.least(atLeast)
      })
  }
})
