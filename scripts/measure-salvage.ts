/**
 * Measures how much of damaged batches is salvaged, and how much of that is wrong: every batch of the corpus, with a
 * sector of the file zeroed or replaced by random bytes. `npx tsx scripts/measure-salvage.ts [NAMES] [TRIES]`, where
 * NAMES is a regular expression for segments and TRIES how many sectors of each batch are damaged, one at a time.
 */
import { listSegments, loadSegment } from '../test/support/corpus.ts'
import { prng, seedOf } from '../test/support/prng.ts'
import type { Tally } from '../test/recover/salvage/measure.ts'
import { measureBatch, newTally, percent } from '../test/recover/salvage/measure.ts'

/** In smaller batches a sector is most of what there is; the largest ones would take most of the time. */
const BATCH_BYTES_MIN = 1024
const BATCH_BYTES_MAX = 2_000_000

const names = new RegExp(process.argv[2] ?? '.')
const tries = Number(process.argv[3] ?? 5)
const tallies = new Map<string, Tally>()
const tallyOf = (key: string): Tally => {
  const tally = tallies.get(key) ?? newTally()
  tallies.set(key, tally)
  return tally
}

for (const name of listSegments().filter((segment) => names.test(segment))) {
  const { bytes, batches } = loadSegment(name)
  for (const { position, sizeInBytes, magic, codec, records, isControl } of batches) {
    const isPlain = magic < 2 && codec === 'none'
    const isWanted = sizeInBytes >= BATCH_BYTES_MIN && sizeInBytes <= BATCH_BYTES_MAX
    if (records === 0 || isControl || isPlain || !isWanted) continue
    const batch = bytes.subarray(position, position + sizeInBytes)
    for (const damage of ['zero', 'random'] as const) {
      for (const group of [name.split('/').slice(0, 2).join('/'), 'all']) {
        const tally = tallyOf(`${group}, magic ${magic}, ${codec}, ${damage}`)
        measureBatch(tally, batch, position, damage, prng(seedOf(name + damage, position)), tries)
      }
    }
  }
}

for (const [key, { batches, records, correct, timeless, wrong }] of [...tallies].sort()) {
  const shares = `correct ${percent(correct, records)}, right but for a lost time ${percent(timeless, records)}`
  console.log(`${key}: ${batches} batches, ${records} records: ${shares}, wrong ${wrong}`)
}
