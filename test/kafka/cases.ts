/*
 * The cases: a partition that a real broker wrote, one damage, and what a repair owes.
 * kafka-log-format.md's rules say how the broker itself treats each of these: it truncates there.
 */
import {
  destroyFirstBatch,
  destroyHalfPayload,
  makeUndecodable,
  tearLastBatch,
  zeroLastSector,
  zeroPage,
  zeroSector,
} from './damage.ts'
import { companionCases } from './companion-cases.ts'
import type { DamagedCompanion } from './companion-cases.ts'
import type { Damage } from './targets.ts'
import { undoCases } from './undo-cases.ts'

export interface Case {
  readonly name: string
  /** Partition directory inside the corpus. */
  readonly source: string
  readonly damage: Damage
  /**
   * What is missing afterwards: `nothing`, and then the log is what it was, byte for byte; `damaged`,
   * exactly the damaged batches, because nothing can bring them back; `part`, some of their records,
   * because `--salvage data` puts the others into the log.
   */
  readonly missing: 'nothing' | 'damaged' | 'part'
  /**
   * The damaged directory is served too, without repair: `stuck`, the consumer never passes the damaged
   * batch; `truncated`, the broker cuts the log there (this also shows that the checks can fail).
   */
  readonly unrepaired?: 'stuck' | 'truncated'
  /** The damage is in a file beside the segments, and in none of them. */
  readonly companion?: DamagedCompanion
}

const lossCases: readonly Case[] = [
  {
    name: 'undecodable batch under a valid CRC, zstd',
    source: 'kafka-4.1.0/orders-zstd-0',
    damage: makeUndecodable,
    missing: 'damaged',
    unrepaired: 'stuck',
  },
  {
    name: 'undecodable batch under a valid CRC, lz4',
    source: 'kafka-4.1.0/orders-lz4-0',
    damage: makeUndecodable,
    missing: 'damaged',
    unrepaired: 'stuck',
  },
  {
    name: 'undecodable batch under a valid CRC, snappy',
    source: 'kafka-4.1.0/orders-snappy-0',
    damage: makeUndecodable,
    missing: 'damaged',
    unrepaired: 'stuck',
  },
  {
    name: 'undecodable batch under a valid CRC, gzip with append times',
    source: 'kafka-4.1.0/audit-appendtime-gzip-0',
    damage: makeUndecodable,
    missing: 'damaged',
    unrepaired: 'stuck',
  },
  {
    name: 'half the records overwritten, no compression',
    source: 'kafka-4.1.0/orders-none-0',
    damage: destroyHalfPayload,
    missing: 'damaged',
    unrepaired: 'truncated',
  },
  {
    name: 'half the records overwritten inside a transaction',
    source: 'kafka-4.1.0/payments-txn-0',
    damage: destroyHalfPayload,
    missing: 'damaged',
  },
  {
    name: 'a page of zeros, lz4',
    source: 'kafka-4.1.0/orders-lz4-0',
    damage: zeroPage,
    missing: 'damaged',
  },
  {
    name: 'a sector of zeros, compacted',
    source: 'kafka-4.1.0/customers-compacted-0',
    damage: zeroSector,
    missing: 'damaged',
  },
  {
    name: 'a page of zeros, magic 0 in lz4',
    source: 'kafka-2.8.2/legacy-v0-lz4-0',
    damage: zeroPage,
    missing: 'damaged',
  },
  {
    name: 'the first batch destroyed',
    source: 'kafka-4.1.0/orders-none-0',
    damage: destroyFirstBatch,
    missing: 'damaged',
  },
  {
    name: 'the last batch torn',
    source: 'kafka-4.1.0/orders-snappy-0',
    damage: tearLastBatch,
    missing: 'damaged',
  },
  {
    name: 'the last batch torn after deleted records',
    source: 'kafka-4.1.0/trimmed-0',
    damage: tearLastBatch,
    missing: 'damaged',
  },
]

/** The records before the hole are written back; uncompressed, those behind it as well. */
const salvageCases: readonly Case[] = (
  [
    ['middle', 'kafka-4.1.0/audit-appendtime-none-0'],
    ['middle', 'kafka-4.1.0/audit-appendtime-gzip-0'],
    ['middle', 'kafka-4.1.0/audit-appendtime-snappy-0'],
    ['middle', 'kafka-4.1.0/audit-appendtime-lz4-0'],
    ['middle', 'kafka-4.1.0/big-batches-zstd-0'],
    ['last', 'kafka-4.1.0/librdkafka-none-0'],
  ] as const
).map(([place, source]) => ({
  name: `records salvaged out of the ${place} batch of ${source}`,
  source,
  damage: zeroLastSector(place),
  missing: 'part',
}))

export const cases: readonly Case[] = [
  ...lossCases,
  ...salvageCases,
  ...undoCases,
  ...companionCases,
]
