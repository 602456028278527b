import { expect } from 'chai'
import { writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { newFolder } from '../commands/support.ts'
import { hasSegment, loadSegment } from '../support/corpus.ts'
import { DamagedSegment } from '../support/damage.ts'
import { prng, seedOf } from '../support/prng.ts'
import { runDump } from './support.ts'

const NAMES = [
  'kafka-4.1.0/payments-txn-0/00000000000000000040',
  'kafka-4.1.0/franzgo-zstd-0/00000000000000000000',
  'kafka-4.1.0/customers-compacted-0/00000000000000007242',
  'kafka-2.8.2/legacy-v1-none-0/00000000000000001320',
  'kafka-2.8.2/legacy-v1-gzip-appendtime-0/00000000000000000000',
].filter(hasSegment)

const SEEDS = 6

/** Several kinds of damage, anywhere, one after the other. */
function damage(bytes: Uint8Array, seed: number): DamagedSegment {
  const random = prng(seed)
  const damaged = new DamagedSegment(bytes)
  for (let count = 1 + random.below(4); count > 0; count--) {
    const position = random.below(damaged.bytes.length)
    switch (random.below(5)) {
      case 0:
        damaged.flipBit(position, random.below(8))
        break
      case 1:
        damaged.zeroRange(position, 1 + random.below(3000))
        break
      case 2:
        damaged.randomPage(position, 1 + random.below(2000), random)
        break
      case 3:
        damaged.removeBytes(position, 1 + random.below(900))
        break
      default:
        damaged.copyPageWithin(random.below(damaged.bytes.length), position, 512)
    }
  }
  return damaged
}

describe('dump, whatever the damage', () => {
  for (const name of NAMES) {
    const segment = loadSegment(name)
    for (let number = 0; number < SEEDS; number++) {
      it(`shows every batch of ${name} that still stands, and accounts for the rest: ${number}`, async () => {
        const damaged = damage(segment.bytes, seedOf(name, number))
        const path = join(newFolder(), `${basename(name)}.log`)
        writeFileSync(path, damaged.bytes)
        const { code, lines } = await runDump(path, { printDataLog: true })
        expect(code).to.equal(0)
        const shown = new Map<number, string>()
        let end = 0
        for (const line of lines) {
          const match =
            /^(?:! damage: .*?|(?:baseOffset|offset): .*?)position: (\d+) .*?size: (\d+)/.exec(line)
          if (match === null) continue
          const [position, size] = [Number(match[1]), Number(match[2])]
          if (line.startsWith('!') || line.endsWith('isvalid: true')) {
            // Good batches and damage tile the file; a remark on a batch repeats its place.
            expect(position, line).to.be.at.most(end)
            end = Math.max(end, position + size)
          }
          if (line.endsWith('isvalid: true')) shown.set(position, line)
        }
        expect(end).to.equal(damaged.bytes.length)
        for (const batch of segment.batches) {
          const place = damaged.placeOf(batch)
          if (place !== null)
            expect(shown.get(place)).to.contain(`size: ${batch.sizeInBytes} magic`)
        }
      })
    }
  }
})
