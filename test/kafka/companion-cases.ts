/*
 * Damaged files beside whole segments. A repair leaves them out of its output, and every byte of the log
 * is what it was; what a broker does with each that stays in place is the reason.
 */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Case } from './cases.ts'
import type { Damage } from './targets.ts'

/** The file, or the end of its name. */
export type CompanionName = 'leader-epoch-checkpoint' | 'partition.metadata' | '.snapshot'

/**
 * What the broker does with the damaged file in place: `offline`, it gives up the whole log dir, and ends
 * where it has no other; `no-start`, it never comes as far as that; `wrong-epochs`, it serves the log
 * and goes by leader epochs that are not those of the batches; `dropped`, it deletes the file.
 */
export type InPlace = 'offline' | 'no-start' | 'wrong-epochs' | 'dropped'

export interface DamagedCompanion {
  readonly file: CompanionName
  readonly inPlace: InPlace
}

/** Of whole segments nothing may be given up. */
const NO_OFFSETS = { firstOffset: 0n, lastOffset: -1n, boundFirst: 0n, boundLast: -1n }

const change =
  (file: CompanionName, changed: (bytes: Buffer) => Buffer): Damage =>
  (directory) => {
    for (const name of readdirSync(directory).filter((each) => each.endsWith(file))) {
      const path = join(directory, name)
      writeFileSync(path, changed(readFileSync(path)))
    }
    return NO_OFFSETS
  }

const replace = (pattern: RegExp, text: string) => (bytes: Buffer) =>
  Buffer.from(bytes.toString().replace(pattern, text))

/** In the producer ids, under the CRC. */
const flipSnapshotBit = (bytes: Buffer): Buffer => {
  bytes[bytes.length >> 1]! ^= 1
  return bytes
}

const companionCase = (
  name: string,
  source: string,
  companion: DamagedCompanion,
  changed: (bytes: Buffer) => Buffer,
): Case => ({
  name: `beside the segments: ${companion.file} ${name}`,
  source,
  damage: change(companion.file, changed),
  missing: 'nothing',
  companion,
})

export const companionCases: readonly Case[] = [
  companionCase(
    'without its last line, several leader epochs',
    'kafka-4.1.0/leader-epochs-0',
    { file: 'leader-epoch-checkpoint', inPlace: 'offline' },
    replace(/\n[^\n]+\n$/, '\n'),
  ),
  companionCase(
    'with a word that is no number',
    'kafka-4.1.0/franzgo-none-0',
    { file: 'leader-epoch-checkpoint', inPlace: 'no-start' },
    replace(/ \d+\n$/, ' 1x\n'),
  ),
  companionCase(
    'with an epoch out of order',
    'kafka-4.1.0/leader-epochs-0',
    { file: 'leader-epoch-checkpoint', inPlace: 'wrong-epochs' },
    replace(/\n2 2000\n/, '\n6 2000\n'),
  ),
  companionCase(
    'of zeros',
    'kafka-4.1.0/librdkafka-lz4-0',
    { file: 'partition.metadata', inPlace: 'offline' },
    (bytes) => Buffer.alloc(bytes.length),
  ),
  companionCase(
    'emptied',
    'kafka-4.1.0/franzgo-none-0',
    { file: 'partition.metadata', inPlace: 'no-start' },
    () => Buffer.alloc(0),
  ),
  companionCase(
    'damaged, transactions',
    'kafka-4.1.0/payments-txn-0',
    { file: '.snapshot', inPlace: 'dropped' },
    flipSnapshotBit,
  ),
]
