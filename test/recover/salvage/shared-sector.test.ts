/** A sector that took the end of one batch and the beginning of the next: what stands in front of it is all there. */
import { expect } from 'chai'
import { knownBytes } from '../../../bench/recovery/provenance.ts'
import { concat } from '../../segment/build.ts'
import { prng } from '../../support/prng.ts'
import { CODECS, builtBatch, sizedBatch, textRecords } from './built.ts'
import type { BuiltCodec } from './built.ts'
import { HEADER_BYTES, SECTOR } from './measure.ts'
import { repair, upTo } from './repaired.ts'

const RECORDS = 60

function batchAt(index: number, codec: BuiltCodec): Uint8Array {
  const batch = builtBatch(textRecords(RECORDS, index + 40), codec)
  new DataView(batch.buffer).setBigInt64(0, BigInt(index * RECORDS))
  return batch
}

/** How many records of a batch end in front of a place in it. */
function recordsBefore(batch: Uint8Array, end: number, codec: BuiltCodec): number {
  const payload = batch.subarray(HEADER_BYTES)
  const known = knownBytes(codec, payload, (_, to) => to + HEADER_BYTES > end)!
  const plain = Uint8Array.from(known.bytes)
  let [count, at] = [0, 0]
  for (; at < plain.length; count++) {
    let [next, length] = [at, 0]
    for (let shift = 0, byte = 0x80; byte >= 0x80; shift += 7) {
      byte = plain[next++]!
      length += (byte & 0x7f) * 2 ** shift
    }
    next += length / 2
    if (!known.isKnown.slice(at, next).every(Boolean)) break
    at = next
  }
  return count
}

describe('repair of a batch that shares its lost sector with the next', () => {
  for (const codec of CODECS)
    for (const taken of [12, 40])
      for (const damage of ['zeros', 'random bytes'] as const)
        it(`keeps every record in front of it: ${codec}, ${taken} bytes, ${damage}`, async () => {
          const victim = batchAt(1, codec)
          const before = 2 * SECTOR + taken - (victim.length % SECTOR)
          const first = sizedBatch(before, { baseOffset: BigInt(RECORDS - 1) })
          const bytes = concat(first, victim, batchAt(2, codec), batchAt(3, codec))
          const sector = first.length + victim.length - taken
          bytes.set(damage === 'zeros' ? new Uint8Array(SECTOR) : prng(5).bytes(SECTOR), sector)
          const { lines } = await repair(bytes)
          const count = recordsBefore(victim, sector - first.length, codec)
          expect(count).to.be.within(RECORDS - 10, RECORDS)
          const own = lines.map(({ offset }) => offset).filter((offset) => offset < 2 * RECORDS)
          expect(own).to.deep.equal(upTo(RECORDS + count, RECORDS))
        })
})
