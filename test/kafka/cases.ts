/*
 * The cases: a partition that a real broker wrote, one damage, and what a repair owes.
 * kafka-log-format.md's rules say how the broker itself treats each of these: it truncates there.
 */
import {
  destroyFirstBatch,
  flipHighBaseOffsetBit,
  flipLowBaseOffsetBit,
  flipPayloadBit,
  insertJunk,
  makeUndecodable,
  tearLastBatch,
  zeroPage,
  zeroSector,
} from './damage.ts'
import type { Damage } from './damage.ts'

export interface Case {
  readonly name: string
  /** Partition directory inside the corpus. */
  readonly source: string
  readonly damage: Damage
  /**
   * What may be missing afterwards: `nothing`; `damaged`, exactly the damaged batches, because nothing
   * can bring them back; `damaged-at-most`, where a proven undo is as good as a skip.
   */
  readonly missing: 'nothing' | 'damaged' | 'damaged-at-most'
  /**
   * The damaged directory is served too, without repair: `stuck`, the consumer never passes the damaged
   * batch; `truncated`, the broker cuts the log there (this also shows that the checks can fail).
   */
  readonly unrepaired?: 'stuck' | 'truncated'
}

export const cases: readonly Case[] = [
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
    name: 'a bit of a payload flipped, no compression',
    source: 'kafka-4.1.0/orders-none-0',
    damage: flipPayloadBit,
    missing: 'damaged-at-most',
    unrepaired: 'truncated',
  },
  {
    name: 'a bit of a payload flipped, snappy',
    source: 'kafka-4.1.0/orders-snappy-0',
    damage: flipPayloadBit,
    missing: 'damaged-at-most',
  },
  {
    name: 'a bit of a payload flipped inside a transaction',
    source: 'kafka-4.1.0/payments-txn-0',
    damage: flipPayloadBit,
    missing: 'damaged-at-most',
  },
  {
    name: 'a bit of a payload flipped, magic 1',
    source: 'kafka-2.8.2/legacy-v1-none-0',
    damage: flipPayloadBit,
    missing: 'damaged-at-most',
  },
  {
    name: 'a high bit of a baseOffset flipped',
    source: 'kafka-4.1.0/orders-zstd-0',
    damage: flipHighBaseOffsetBit,
    missing: 'damaged-at-most',
    unrepaired: 'truncated',
  },
  {
    name: 'a low bit of a baseOffset flipped, several leader epochs',
    source: 'kafka-4.1.0/leader-epochs-0',
    damage: flipLowBaseOffsetBit,
    missing: 'damaged-at-most',
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
  {
    name: '100 bytes of junk between batches',
    source: 'kafka-4.1.0/orders-lz4-0',
    damage: insertJunk,
    missing: 'nothing',
  },
  {
    name: '100 bytes of junk between transactions',
    source: 'kafka-4.1.0/payments-txn-0',
    damage: insertJunk,
    missing: 'nothing',
  },
]
