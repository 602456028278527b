/** Batches at given offsets, for small logs with gaps, and which of them are in an output. */
import { v2Batch } from '../segment/build.ts'
import { walkBatches } from '../support/walk-batches.ts'

export interface BatchAt {
  readonly at: number
  /** One record each. */
  readonly offsets: number
  readonly baseSequence?: number
}

export const batchAt = ({ at, offsets, baseSequence }: BatchAt): Uint8Array =>
  v2Batch({
    baseOffset: BigInt(at),
    records: Array.from({ length: offsets }, (_, index) => ({ value: `value ${at + index}` })),
    ...(baseSequence === undefined ? {} : { producerId: 5n, producerEpoch: 0, baseSequence }),
  })

const EMPTY_BATCH_BYTES = 61

/** The batches of the output, but for those that fill a hole. */
export const batchesIn = (output: Uint8Array): Uint8Array[] =>
  walkBatches(output)
    .map(({ bytes }) => bytes)
    .filter(({ length }) => length !== EMPTY_BATCH_BYTES)

/** The offset that a batch says. */
export const offsetOf = (bytes: Uint8Array): number =>
  Number(new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(0))
