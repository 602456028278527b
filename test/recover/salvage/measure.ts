/**
 * How much of damaged batches is salvaged, and how much of that is wrong: damages batches in a given way, salvages
 * them with what a caller would believe, and compares each record with the original.
 */
import { expect } from 'chai'
import { defaultCodecs } from '../../../src/codec/default-codecs.ts'
import type { SalvageEntry, Salvaged } from '../../../src/recover/salvage/entry.ts'
import { entryOf } from '../../../src/recover/salvage/entry.ts'
import { salvageRecords } from '../../../src/recover/salvage/salvage-records.ts'
import { DEFAULT_MAX_DECOMPRESSED_BYTES, decodeBatch } from '../../../src/segment/decode-batch.ts'
import { decodeBatchHeader } from '../../../src/segment/record-batch.ts'
import type { Record } from '../../../src/segment/record.ts'
import type { Prng } from '../../support/prng.ts'

export const SECTOR = 512
export const HEADER_BYTES = 61

export interface Tally {
  batches: number
  /** In the batches that were hit. */
  records: number
  correct: number
  wrong: number
  /** Right but for a time that nobody knows any more. */
  timeless: number
}

export const newTally = (): Tally => ({ batches: 0, records: 0, correct: 0, wrong: 0, timeless: 0 })

export type Damage = 'zero' | 'random'

/** The bytes with one sector of the file replaced; they stand at `position` in it. */
export function damageSector(
  bytes: Uint8Array,
  position: number,
  sector: number,
  damage: Damage,
  random: Prng,
): Uint8Array {
  const copy = bytes.slice()
  const start = Math.max(0, sector * SECTOR - position)
  const end = Math.min(bytes.length, (sector + 1) * SECTOR - position)
  const noise = random.bytes(SECTOR)
  for (let at = start; at < end; at++) copy[at] = damage === 'zero' ? 0 : (noise[at - start] ?? 0)
  return copy
}

export function decodeWhole(bytes: Uint8Array, position: number): readonly Record[] {
  const header = decodeBatchHeader(bytes, position)!
  const options = { codecs: defaultCodecs, maxDecompressedBytes: DEFAULT_MAX_DECOMPRESSED_BYTES }
  const result = decodeBatch(bytes, header, options)
  if (!result.ok) throw new Error(result.message)
  return result.records
}

/**
 * What a caller believes: the header where the damage left it alone, else only what neighbours tell, which is the
 * first and the last offset.
 */
export function believedEntry(
  original: Uint8Array,
  damaged: Uint8Array,
  position: number,
): SalvageEntry {
  const header = decodeBatchHeader(original, position)!
  const { offset: baseOffset } = decodeWhole(original, position)[0]!
  const entry = { ...entryOf(damaged, header, DEFAULT_MAX_DECOMPRESSED_BYTES), baseOffset }
  const headerBytes = header.magic === 2 ? HEADER_BYTES : header.magic === 1 ? 34 : 26
  const isWhole =
    Buffer.compare(original.subarray(0, headerBytes), damaged.subarray(0, headerBytes)) === 0
  if (isWhole) return entry
  return { ...entry, codec: null, recordsCount: null, times: null }
}

const same = (a: Uint8Array | null, b: Uint8Array | null): boolean =>
  a === null || b === null ? a === b : Buffer.compare(a, b) === 0

export function sameRecord(
  a: Pick<Record, 'key' | 'value' | 'headers'>,
  b: Pick<Record, 'key' | 'value' | 'headers'>,
): boolean {
  return (
    same(a.key, b.key) &&
    same(a.value, b.value) &&
    a.headers.length === b.headers.length &&
    a.headers.every(
      ({ key, value }, index) =>
        same(key, b.headers[index]!.key) && same(value, b.headers[index]!.value),
    )
  )
}

export function count(tally: Tally, original: readonly Record[], salvaged: Salvaged): void {
  const byOffset = new Map(original.map((record) => [record.offset, record]))
  tally.batches++
  tally.records += original.length
  let previous = -1n
  for (const record of salvaged.records) {
    expect(record.offset > previous, 'offsets ascend').to.be.true
    previous = record.offset
    const right = byOffset.get(record.offset)
    if (right === undefined || !sameRecord(record, right)) tally.wrong++
    else if (record.timestamp === null) tally.timeless++
    else if (record.timestamp !== right.timestamp) tally.wrong++
    else tally.correct++
  }
}

/** Damages a batch once in each of some of its sectors. */
export function measureBatch(
  tally: Tally,
  original: Uint8Array,
  position: number,
  damage: Damage,
  random: Prng,
  tries: number,
): void {
  const records = decodeWhole(original, position)
  const first = Math.floor(position / SECTOR)
  const count_ = Math.floor((position + original.length - 1) / SECTOR) - first + 1
  for (let attempt = 0; attempt < tries; attempt++) {
    const sector = first + random.below(count_)
    const damaged = damageSector(original, position, sector, damage, random)
    if (Buffer.compare(damaged, original) === 0) continue
    count(tally, records, salvageRecords(believedEntry(original, damaged, position)))
  }
}

export const percent = (part: number, whole: number): string =>
  whole === 0 ? '-' : `${((100 * part) / whole).toFixed(2)} %`
