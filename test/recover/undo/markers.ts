/** Segments with transactions as a test wants them, in a partition directory with or without a .txnindex. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeProducerSnapshot } from '../../../src/index/producer-snapshot.ts'
import type { ProducerStateEntry } from '../../../src/index/producer-snapshot.ts'
import { encodeTransactionIndex } from '../../../src/index/transaction-index.ts'
import { encodeMarker, MARKER_ATTRIBUTES } from '../../../src/segment/end-transaction-marker.ts'
import type { MarkerType } from '../../../src/segment/end-transaction-marker.ts'
import { encodeSalvagedBatch } from '../../../src/recover/salvage/encode-batch.ts'

/** One batch: `p` its producer, `e` its epoch. Of data, `records` of them, one each; of markers the outcome. */
export interface Step {
  readonly p: bigint
  readonly e: number
  readonly ends?: MarkerType
  readonly records?: number
  /** Length of each value. */
  readonly value?: number
}

export interface Built {
  readonly bytes: Uint8Array
  readonly positions: readonly number[]
  readonly offsets: readonly bigint[]
}

const START = 1_700_000_000_000n

/** One batch after the other; the clock goes on 7 ms a batch. */
export function build(steps: readonly Step[], baseOffset = 0n): Built {
  const parts: Uint8Array[] = []
  const positions: number[] = []
  const offsets: bigint[] = []
  const sequences = new Map<string, number>()
  let [offset, position] = [baseOffset, 0]
  steps.forEach((step, index) => {
    const time = START + BigInt(index) * 7n
    const records = step.ends === undefined ? (step.records ?? 1) : 1
    const key = `${step.p}/${step.e}`
    const sequence = sequences.get(key) ?? 0
    const bytes =
      step.ends === undefined
        ? dataBatch(step, { offset, time, records, sequence })
        : encodeMarker({
            baseOffset: offset,
            partitionLeaderEpoch: 0,
            attributes: MARKER_ATTRIBUTES,
            baseTimestamp: time,
            maxTimestamp: time,
            producerId: step.p,
            producerEpoch: step.e,
            type: step.ends,
            coordinatorEpoch: 3,
          })
    if (step.ends === undefined) sequences.set(key, sequence + records)
    parts.push(bytes)
    positions.push(position)
    offsets.push(offset)
    position += bytes.length
    offset += BigInt(records)
  })
  return { bytes: Uint8Array.from(Buffer.concat(parts)), positions, offsets }
}

function dataBatch(
  { p, e, value }: Step,
  at: { offset: bigint; time: bigint; records: number; sequence: number },
): Uint8Array {
  const records = Array.from({ length: at.records }, (_, index) => ({
    offset: at.offset + BigInt(index),
    timestamp: at.time,
    key: null,
    value: new Uint8Array(value ?? 100).fill(0x61),
    headers: [],
  }))
  return encodeSalvagedBatch(records, {
    baseOffset: at.offset,
    lastOffsetDelta: at.records - 1,
    partitionLeaderEpoch: 0,
    codec: 'none',
    isLogAppendTime: false,
    isTransactional: p >= 0n,
    baseTimestamp: at.time,
    maxTimestamp: at.time,
    producerId: p,
    producerEpoch: p < 0n ? -1 : e,
    baseSequence: p < 0n ? -1 : at.sequence,
  })
}

export interface Beside {
  /** `[producerId, firstOffset, lastOffset]` of each aborted transaction; absent: no file. */
  readonly aborted?: readonly (readonly [bigint, bigint, bigint])[]
  readonly producers?: readonly ProducerStateEntry[]
}

/** Returns the segment's path. */
export function place(folder: string, bytes: Uint8Array, beside: Beside, baseOffset = 0n): string {
  const directory = join(folder, 'orders-0')
  mkdirSync(directory)
  const stem = join(directory, baseOffset.toString().padStart(20, '0'))
  writeFileSync(`${stem}.log`, bytes)
  if (beside.aborted !== undefined) {
    const entries = beside.aborted.map(([producerId, firstOffset, lastOffset]) => ({
      version: 0,
      producerId,
      firstOffset,
      lastOffset,
      lastStableOffset: lastOffset + 1n,
    }))
    writeFileSync(`${stem}.txnindex`, encodeTransactionIndex(entries))
  }
  if (beside.producers !== undefined)
    writeFileSync(`${stem}.snapshot`, encodeProducerSnapshot(beside.producers))
  return `${stem}.log`
}
