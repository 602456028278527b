/** The rows of the tables: what is done to a segment, and what of it is promised to come back. */
import { pick } from '../../test/recover/damages.ts'
import type { ExpectedBatch } from '../../test/support/corpus.ts'
import type { Truth } from '../../test/support/lost-groups.ts'
import type { OriginalBatch } from './original.ts'
import * as promises from './promises.ts'
import type { Strike } from './strike.ts'
import {
  blockOf,
  flipField,
  headerBytes,
  logUniform,
  otherBlock,
  OUTSIDE_FIELDS,
  PAGE,
  placeUnderCrc,
  randomField,
  SECTOR,
  strikeOutside,
  xorByte,
} from './strike.ts'

export interface DamageKind {
  /** For the command line. */
  readonly slug: string
  readonly name: string
  /** Which batches can be struck. Default: those with records that are no markers. */
  readonly candidates?: (batches: readonly ExpectedBatch[]) => readonly ExpectedBatch[]
  readonly strike: (strike: Strike) => void
  /** Whether all records of this batch must come back. */
  readonly promised?: (batch: OriginalBatch, truth: Truth) => boolean
}

const isData = ({ records, isControl }: ExpectedBatch): boolean => records > 0 && !isControl

export const candidatesOf = (
  { candidates }: DamageKind,
  batches: readonly ExpectedBatch[],
): readonly ExpectedBatch[] => candidates?.(batches) ?? batches.filter(isData)

const kind = (
  slug: string,
  name: string,
  strike: DamageKind['strike'],
  more: Partial<DamageKind> = {},
): DamageKind => ({ slug, name, strike, ...more })

const INSIDE: readonly DamageKind[] = [
  kind(
    'bit-in-records',
    'one bit in the records',
    ({ damaged, target, random }) => {
      const start = headerBytes(target)
      const place = target.position + start + random.below(target.sizeInBytes - start)
      damaged.flipBit(place, random.below(8))
    },
    { promised: promises.oneBit },
  ),
  kind(
    'bit',
    'one bit under the CRC',
    (strike) => {
      strike.damaged.flipBit(placeUnderCrc(strike), strike.random.below(8))
    },
    { promised: promises.oneBit },
  ),
  kind(
    'byte',
    'one byte under the CRC',
    (strike) => {
      xorByte(strike.damaged, placeUnderCrc(strike), strike.random)
    },
    { promised: promises.oneByte },
  ),
  kind('two-bits', 'two bits under the CRC', (strike) => {
    for (let count = 0; count < 2; count++)
      strike.damaged.flipBit(placeUnderCrc(strike), strike.random.below(8))
  }),
  kind('scattered', '2 to 4 scattered bytes', (strike) => {
    const count = 2 + strike.random.below(3)
    for (let done = 0; done < count; done++)
      xorByte(strike.damaged, placeUnderCrc(strike), strike.random)
  }),
  kind('burst', 'a burst of up to 16 bits', (strike) => {
    const { damaged, random, target } = strike
    const length = 2 + random.below(15)
    const first = placeUnderCrc(strike) * 8 + random.below(8)
    const end = (target.position + target.sizeInBytes) * 8
    // Both ends of a burst are wrong, what lies between is wrong by chance.
    for (let bit = 0; bit < length && first + bit < end; bit++)
      if (bit === 0 || bit === length - 1 || random.below(2) === 1)
        damaged.flipBit((first + bit) >> 3, 7 - ((first + bit) & 7))
  }),
  kind(
    'crc',
    'the CRC field, 1 to 3 bits',
    ({ damaged, target, random }) => {
      const at = target.position + (target.magic === 2 ? 17 : 12)
      const bits = new Set<number>()
      const count = 1 + random.below(3)
      while (bits.size < count) bits.add(random.below(32))
      for (const bit of bits) damaged.flipBit(at + (bit >> 3), bit & 7)
    },
    { promised: promises.always },
  ),
]

const OUTSIDE: readonly DamageKind[] = [
  ...OUTSIDE_FIELDS.flatMap((field) => {
    const more: Partial<DamageKind> = {
      candidates: (batches) =>
        batches.filter((batch) => isData(batch) && field.magics.includes(batch.magic)),
      promised: promises.always,
    }
    return [
      kind(
        `${field.name}-bit`,
        `${field.name}, one bit`,
        (strike) => {
          flipField(strike, strike.target, field)
        },
        more,
      ),
      kind(
        `${field.name}-random`,
        `${field.name}, random`,
        (strike) => {
          randomField(strike, strike.target, field)
        },
        more,
      ),
    ]
  }),
  kind(
    'leading-zeros',
    'the 12 leading bytes zeroed',
    ({ damaged, target }) => {
      damaged.zeroRange(target.position, 12)
    },
    { promised: promises.always },
  ),
  kind(
    'outside-row',
    'fields outside the CRC, 2 to 4 batches in a row',
    (strike) => {
      const from = strike.batches.indexOf(strike.target)
      const row = strike.batches.slice(from, from + 2 + strike.random.below(3))
      for (const batch of row) strikeOutside(strike, batch)
    },
    { promised: promises.always },
  ),
  ...(['first', 'last'] as const).map((which) =>
    kind(
      `outside-${which}`,
      `fields outside the CRC, the ${which} batch`,
      (strike) => {
        strikeOutside(strike, strike.target)
      },
      {
        candidates: (batches) =>
          batches.slice(...(which === 'first' ? [0, 1] : [-1])).filter(isData),
        promised: promises.always,
      },
    ),
  ),
]

/** Where the file has no second block there is none to take bytes from. */
const inFilesOfTwo =
  (size: number) =>
  (batches: readonly ExpectedBatch[]): readonly ExpectedBatch[] => {
    const last = batches.at(-1)
    const whole = last !== undefined && last.position + last.sizeInBytes >= 2 * size
    return whole ? batches.filter(isData) : []
  }

const BLOCKS: readonly DamageKind[] = [
  ...[SECTOR, PAGE].flatMap((size) => [
    kind(`zeroed-${size}`, `${size} bytes zeroed`, (strike) => {
      strike.damaged.zeroRange(blockOf(strike, size), size)
    }),
    kind(`random-${size}`, `${size} bytes random`, (strike) => {
      strike.damaged.randomPage(blockOf(strike, size), size, strike.random)
    }),
  ]),
  kind(
    'foreign-page',
    'a page from elsewhere in the file',
    (strike) => {
      const place = blockOf(strike, PAGE)
      strike.damaged.copyPageWithin(otherBlock(strike, place, PAGE), place, PAGE)
    },
    { candidates: inFilesOfTwo(PAGE) },
  ),
  kind(
    'sector-swap',
    'a sector swapped with another',
    (strike) => {
      const { damaged } = strike
      const place = blockOf(strike, SECTOR)
      const other = otherBlock(strike, place, SECTOR)
      // At the end of the file a sector may be cut off: what is swapped is as long in both.
      const size = Math.min(SECTOR, damaged.bytes.length - Math.max(place, other))
      const [here, there] = [place, other].map((from) => damaged.bytes.slice(from, from + size))
      damaged.overwrite(place, there!).overwrite(other, here!)
    },
    { candidates: inFilesOfTwo(SECTOR) },
  ),
]

const MOST_INSERTED = 64 * 1024

/** Random bytes, zeros, or a piece of the file itself. */
function foreignBytes({ damaged, random }: Strike): Uint8Array {
  const size = logUniform(MOST_INSERTED, random)
  const sort = random.below(3)
  if (sort === 0) return new Uint8Array(size)
  if (sort === 1) return random.bytes(size)
  const from = random.below(damaged.bytes.length)
  return damaged.bytes.slice(from, from + size)
}

const STRUCTURE: readonly DamageKind[] = [
  kind(
    'inserted-between',
    'bytes inserted between batches, up to 64 KiB',
    (strike) => {
      strike.damaged.insertBytes(strike.target.position, foreignBytes(strike))
    },
    { promised: promises.always },
  ),
  kind(
    'inserted-inside',
    'bytes inserted inside a batch, up to 64 KiB',
    (strike) => {
      const { damaged, target, random } = strike
      const place = target.position + 1 + random.below(target.sizeInBytes - 1)
      damaged.insertBytes(place, foreignBytes(strike))
    },
    { promised: promises.insertedInside },
  ),
  kind('removed', 'bytes removed', ({ damaged, target, random }) => {
    const place = target.position + random.below(target.sizeInBytes)
    const left = damaged.bytes.length - place
    damaged.removeBytes(place, logUniform(Math.min(MOST_INSERTED, left), random))
  }),
  kind(
    'neighbours-swapped',
    'two neighbouring batches swapped',
    ({ damaged, batches, target }) => {
      const next = batches[batches.indexOf(target) + 1]!
      const [left, right] = [target, next].map(({ position, sizeInBytes }) =>
        damaged.bytes.slice(position, position + sizeInBytes),
      )
      damaged.overwrite(target.position, Buffer.concat([right!, left!]))
    },
    {
      candidates: (batches) => batches.slice(0, -1).filter(isData),
      promised: promises.inLogWithoutGaps,
    },
  ),
  kind('control', 'a damaged transaction marker', strikeControl, {
    candidates: (batches) =>
      batches.filter(
        ({ isControl, records, producerId }) => isControl && records > 0 && producerId >= 0n,
      ),
  }),
  kind(
    'torn-tail',
    'a torn tail',
    ({ damaged, target, random }) => {
      damaged.truncateTo(target.position + 1 + random.below(target.sizeInBytes - 1))
    },
    { candidates: (batches) => batches.slice(-1).filter(isData) },
  ),
  kind(
    'fresh-crc',
    'a corrupt payload under a fresh CRC',
    ({ damaged, target }) => {
      damaged.corruptPayloadWithFreshCrc(target)
    },
    {
      // Room for the bytes that no reader accepts.
      candidates: (batches) => batches.filter((batch) => isData(batch) && batch.sizeInBytes > 77),
    },
  ),
]

function strikeControl(strike: Strike): void {
  const { damaged, target, random } = strike
  const { position, sizeInBytes } = target
  const damage = pick(
    [
      () => damaged.flipBit(placeUnderCrc(strike), random.below(8)),
      () => {
        xorByte(damaged, placeUnderCrc(strike), random)
      },
      () => damaged.zeroRange(position, sizeInBytes),
      () => damaged.randomPage(position, sizeInBytes, random),
      () => damaged.zeroRange(Math.floor(position / SECTOR) * SECTOR, SECTOR),
    ],
    random,
  )
  damage()
}

/** Kinds that lose what stood in one sector, or in one page. */
export const SECTOR_KINDS: readonly string[] = [`zeroed-${SECTOR}`, `random-${SECTOR}`]
export const LOST_BLOCK_KINDS: readonly string[] = [
  ...SECTOR_KINDS,
  `zeroed-${PAGE}`,
  `random-${PAGE}`,
]

export const KINDS: readonly DamageKind[] = [...INSIDE, ...OUTSIDE, ...BLOCKS, ...STRUCTURE]
