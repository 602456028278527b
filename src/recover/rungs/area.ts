/** The part of an entry that its CRC covers, and by how much the stored CRC is wrong about it. */
import type { Crc } from '../../bytes/crc.ts'
import { syndromeOf } from '../../bytes/crc-locate.ts'
import { LOG_OVERHEAD } from '../../segment/layout.ts'
import { crcCoverage } from '../../segment/record-batch.ts'
import type { Attempt } from './rung.ts'

export interface CoveredArea {
  readonly crc: Crc
  /** Where the CRC stands in the entry, 4 bytes. */
  readonly stored: number
  /** The first byte under the CRC; the last one is the entry's last. */
  readonly start: number
  readonly size: number
  readonly storedCrc: number
  readonly computedCrc: number
  readonly syndrome: number
}

export const uint32At = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] ?? 0) << 24) |
    ((bytes[at + 1] ?? 0) << 16) |
    ((bytes[at + 2] ?? 0) << 8) |
    (bytes[at + 3] ?? 0)) >>>
  0

/** The size that the length field claims for the whole entry, whatever its magic. */
export const claimedSize = (bytes: Uint8Array): number => (uint32At(bytes, 8) | 0) + LOG_OVERHEAD

/** The area of an entry read as one of this magic. One CRC over it. */
export function coveredArea({ entry, ledger }: Attempt, magic: number): CoveredArea {
  const { crc, start, stored } = crcCoverage(magic)
  const { bytes } = entry
  const storedCrc = uint32At(bytes, stored)
  const computedCrc = crc.update(0, bytes, start)
  ledger.spend(bytes.length)
  return {
    crc,
    stored,
    start,
    size: bytes.length - start,
    storedCrc,
    computedCrc,
    syndrome: syndromeOf(storedCrc, computedCrc),
  }
}
