/* The cases in which every byte has to come back: small partitions, for there are many of them. */
import type { Case } from './cases.ts'
import type { Damage, Place } from './targets.ts'
import {
  HEADER_FIELDS,
  LEGACY_CRC,
  changeMarkerByte,
  flipFieldBit,
  flipHighBaseOffsetBit,
  flipLowBaseOffsetBit,
  flipPayloadBit,
  insertBetween,
  insertInside,
  turnMarkerAround,
  zeroLeadingBytes,
  zeroLeadingMarkerBytes,
} from './undoable-damage.ts'

const PLACES: readonly Place[] = ['first', 'middle', 'last']

/** Of every codec, with producers of three clients. */
const SMALL: Record<Place, string> = {
  first: 'kafka-4.1.0/franzgo-zstd-0',
  middle: 'kafka-4.1.0/librdkafka-lz4-0',
  last: 'kafka-4.1.0/franzgo-none-0',
}

function undone(name: string, source: string, damage: Damage): Case {
  return { name, source, damage, missing: 'nothing' }
}

/** What the CRC does not cover; a broker loses most to the first of them. */
const fieldCases: readonly Case[] = PLACES.flatMap((place) => {
  const source = SMALL[place]
  const { crc, ...uncovered } = HEADER_FIELDS
  return [
    ...Object.entries(uncovered).map(([field, bytes]) =>
      undone(`a bit of ${field} flipped, ${place} batch`, source, flipFieldBit(bytes, place)),
    ),
    undone(`the leading 12 bytes zeroed, ${place} batch`, source, zeroLeadingBytes(place)),
    undone(`a bit of the CRC flipped, ${place} batch`, source, flipFieldBit(crc, place)),
  ]
})

const baseOffsetCases: readonly Case[] = [
  {
    ...undone(
      'a high bit of a baseOffset flipped',
      'kafka-4.1.0/orders-zstd-0',
      flipHighBaseOffsetBit,
    ),
    unrepaired: 'truncated',
  },
  undone(
    'a low bit of a baseOffset flipped, several leader epochs',
    'kafka-4.1.0/leader-epochs-0',
    flipLowBaseOffsetBit,
  ),
  undone(
    'a bit of partitionLeaderEpoch flipped, several leader epochs',
    'kafka-4.1.0/leader-epochs-0',
    flipFieldBit(HEADER_FIELDS.partitionLeaderEpoch, 'middle'),
  ),
]

const payloadCases: readonly Case[] = [
  {
    ...undone(
      'a bit of a payload flipped, no compression',
      'kafka-4.1.0/orders-none-0',
      flipPayloadBit,
    ),
    unrepaired: 'truncated',
  },
  ...(
    [
      ['snappy', 'kafka-4.1.0/orders-snappy-0'],
      ['gzip', 'kafka-4.1.0/audit-appendtime-gzip-0'],
      ['lz4', 'kafka-4.1.0/orders-lz4-0'],
      ['zstd', 'kafka-4.1.0/franzgo-zstd-0'],
      ['inside a transaction', 'kafka-4.1.0/payments-txn-0'],
      ['magic 0', 'kafka-2.8.2/legacy-v0-none-0'],
      ['magic 0 in lz4', 'kafka-2.8.2/legacy-v0-lz4-0'],
      ['magic 1', 'kafka-2.8.2/legacy-v1-none-0'],
      ['magic 1 in gzip', 'kafka-2.8.2/legacy-v1-gzip-appendtime-0'],
    ] as const
  ).map(([what, source]) => undone(`a bit of a payload flipped, ${what}`, source, flipPayloadBit)),
]

const insertionCases: readonly Case[] = [
  undone('junk between batches', 'kafka-4.1.0/orders-lz4-0', insertBetween),
  undone('junk between transactions', 'kafka-4.1.0/payments-txn-0', insertBetween),
  undone('junk inside a batch, no compression', 'kafka-4.1.0/franzgo-none-0', insertInside),
  undone('junk inside a batch, gzip', 'kafka-4.1.0/audit-appendtime-gzip-0', insertInside),
  undone('junk inside a batch, zstd', 'kafka-4.1.0/orders-zstd-0', insertInside),
  undone('junk inside a transaction', 'kafka-4.1.0/payments-txn-0', insertInside),
]

const { baseOffset, batchLength } = HEADER_FIELDS

/** Magic 0 and 1, single messages and compressed ones; both checksummed from the magic on. */
const legacyCases: readonly Case[] = [
  undone(
    'a bit of the offset flipped, magic 0',
    'kafka-2.8.2/legacy-v0-none-0',
    flipFieldBit(baseOffset, 'middle'),
  ),
  undone(
    'a bit of the size flipped, magic 1',
    'kafka-2.8.2/legacy-v1-none-0',
    flipFieldBit(batchLength, 'middle'),
  ),
  undone(
    'a bit of the offset flipped, magic 1 in gzip',
    'kafka-2.8.2/legacy-v1-gzip-appendtime-0',
    flipFieldBit(baseOffset, 'middle'),
  ),
  undone(
    'a bit of the size flipped, magic 0 in lz4',
    'kafka-2.8.2/legacy-v0-lz4-0',
    flipFieldBit(batchLength, 'middle'),
  ),
  undone(
    'a bit of the CRC flipped, magic 1',
    'kafka-2.8.2/legacy-v1-none-0',
    flipFieldBit(LEGACY_CRC, 'middle'),
  ),
]

/** read_committed has to give what it gave before: a lost or a turned marker would change that. */
const markerCases: readonly Case[] = (['commit', 'abort'] as const).flatMap((outcome) =>
  (
    [
      ['a byte changed', changeMarkerByte],
      ['the outcome turned around', turnMarkerAround],
      ['the leading 12 bytes zeroed', zeroLeadingMarkerBytes],
    ] as const
  ).map(([what, damage]) =>
    undone(`${what} in a marker of ${outcome}`, 'kafka-4.1.0/payments-txn-0', damage(outcome)),
  ),
)

export const undoCases: readonly Case[] = [
  ...fieldCases,
  ...baseOffsetCases,
  ...payloadCases,
  ...insertionCases,
  ...legacyCases,
  ...markerCases,
]
