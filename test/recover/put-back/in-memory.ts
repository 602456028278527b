/** A repair of bytes in memory: what would be written, and what is said of it. */
import { expect } from 'chai'
import { memorySource } from '../../../src/bytes/byte-source.ts'
import { Window } from '../../../src/bytes/window.ts'
import { bytesOf } from '../../../src/recover/apply.ts'
import { diagnose } from '../../../src/recover/diagnose.ts'
import type { SegmentDiagnosis } from '../../../src/recover/diagnose.ts'
import type { Evidence } from '../../../src/recover/evidence.ts'
import { NO_EVIDENCE } from '../../../src/recover/evidence.ts'
import { resolveOptions } from '../../../src/recover/options.ts'
import type { ScanOptions } from '../../../src/recover/options.ts'
import type { PlacedDamage } from '../../../src/recover/plan.ts'
import { planRepair } from '../../../src/recover/plan.ts'
import { v2Batch } from '../../segment/build.ts'

export interface InMemory {
  readonly output: Uint8Array
  readonly diagnosis: SegmentDiagnosis
  readonly placed: readonly PlacedDamage[]
}

/** Also holds what every repair must satisfy: entries tile the file, and stand in the output where they say. */
export async function repairBytes(
  bytes: Uint8Array,
  evidence: Partial<Evidence> = {},
  options: ScanOptions = {},
): Promise<InMemory> {
  const window = new Window(memorySource(bytes), 64 * 1024)
  const diagnosis = await diagnose(
    window,
    { ...NO_EVIDENCE, ...evidence },
    { ...resolveOptions(options, true), onProgress: () => undefined },
  )
  const { pieces, placed, outputSizeInBytes } = planRepair(diagnosis, {
    fill: 'empty-batch',
    isMetadata: false,
    isLast: true,
    allowMetadataLoss: false,
  })
  const parts: Uint8Array[] = []
  for (const piece of pieces) for (const part of bytesOf(window, piece)) parts.push(part.slice())
  const output = new Uint8Array(Buffer.concat(parts))
  expect(output.length, 'outputSizeInBytes').to.equal(outputSizeInBytes)
  expect(placed.map(({ damage }) => damage)).to.deep.equal(diagnosis.damage)
  let [position, intact] = [0, 0]
  for (const { damage, outputPosition, outputSizeInBytes: size } of placed) {
    expect(damage.position, 'entries do not overlap').to.be.at.least(position)
    intact += damage.position - position
    position = damage.position + damage.sizeInBytes
    if (damage.outcome !== 'repaired' || damage.repair!.edits.length > 0) continue
    expect(
      Buffer.compare(
        output.subarray(outputPosition, outputPosition + size),
        bytes.subarray(damage.position, position),
      ),
      `the batch at ${damage.position} in the output`,
    ).to.equal(0)
  }
  intact += bytes.length - position
  const standing = diagnosis.kept.filter((run) => run.repair === null && run.failure === null)
  expect(standing.reduce((sum, run) => sum + run.end - run.position, 0)).to.equal(intact)
  return { output, diagnosis, placed }
}

export interface LogBatch {
  readonly from: number
  readonly records?: number
  /** Offsets it spans, where the cleaner has left fewer records. */
  readonly span?: number
  readonly producer?: number
  readonly sequence?: number
  readonly epoch?: number
  readonly leaderEpoch?: number
  readonly size?: number
}

/** A batch of ten records, of producer 7, whose sequences are its offsets. */
export function logBatch(spec: LogBatch): Uint8Array {
  const { from, records = 10, span = records, producer = 7, sequence = from, epoch = 0 } = spec
  return v2Batch({
    baseOffset: BigInt(from),
    records: Array.from({ length: records }, (_, index) => ({
      value: `${producer}/${from + index} `.repeat(spec.size ?? 1),
    })),
    lastOffsetDelta: span - 1,
    baseTimestamp: 1_700_000_000_000n + BigInt(from),
    producerId: BigInt(producer),
    producerEpoch: producer < 0 ? -1 : epoch,
    baseSequence: producer < 0 ? -1 : sequence,
    partitionLeaderEpoch: spec.leaderEpoch ?? 0,
  })
}

/** `count` batches that join, from offset 0 on, a little different in size. */
export const logOf = (count: number, more: Omit<LogBatch, 'from'> = {}): Uint8Array[] =>
  Array.from({ length: count }, (_, index) =>
    logBatch({ ...more, from: index * (more.span ?? more.records ?? 10), size: 1 + (index % 3) }),
  )

export const together = (parts: readonly Uint8Array[]): Uint8Array =>
  new Uint8Array(Buffer.concat(parts))

export const outcomes = ({ diagnosis }: InMemory): string[] =>
  diagnosis.damage.map(({ outcome, reason }) => `${outcome} ${reason}`)

export const swap = <T>(items: readonly T[], a: number, b: number): T[] =>
  items.map((item, index) => items[index === a ? b : index === b ? a : index] ?? item)

export const rotate = <T>(items: readonly T[], by: number): T[] => [
  ...items.slice(by),
  ...items.slice(0, by),
]
