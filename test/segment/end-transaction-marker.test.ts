/** Markers against a vector that Kafka's classes gave, and against every marker that real brokers wrote. */
import { expect } from 'chai'
import fc from 'fast-check'
import {
  decodeMarker,
  encodeMarker,
  MARKER_ATTRIBUTES,
  MARKER_BYTES,
  MAX_MARKER_BYTES,
} from '../../src/segment/end-transaction-marker.ts'
import type { MarkerFields } from '../../src/segment/end-transaction-marker.ts'
import { decodeBatchHeader } from '../../src/segment/record-batch.ts'
import { listSegments, loadSegment } from '../support/corpus.ts'
import { GOLDEN } from './golden.ts'

const decode = (bytes: Uint8Array): MarkerFields | null =>
  decodeMarker(bytes, decodeBatchHeader(bytes, 0)!)

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

describe('transaction markers', () => {
  const abort = Uint8Array.from(Buffer.from(GOLDEN.abortMarker, 'hex'))
  const fields: MarkerFields = {
    baseOffset: 200n,
    partitionLeaderEpoch: 3,
    attributes: MARKER_ATTRIBUTES,
    baseTimestamp: 1000n,
    maxTimestamp: 1000n,
    producerId: 7n,
    producerEpoch: 1,
    type: 'ABORT',
    coordinatorEpoch: 4,
  }

  it('are encoded as Kafka does', () => {
    expect(hex(encodeMarker(fields))).to.equal(GOLDEN.abortMarker)
  })

  it('are decoded to their fields', () => {
    expect(decode(abort)).to.deep.equal(fields)
  })

  it('are encoded again to the same bytes, every one that a broker wrote', () => {
    let markers = 0
    for (const name of listSegments()) {
      const { bytes, batches } = loadSegment(name)
      for (const { position, sizeInBytes, isControl, producerId } of batches) {
        if (!isControl || producerId < 0n) continue
        const batch = bytes.subarray(position, position + sizeInBytes)
        const found = decode(batch)
        expect(found === null ? null : hex(encodeMarker(found)), `${name} ${position}`).to.equal(
          hex(batch),
        )
        markers++
      }
    }
    expect(markers).to.be.above(50)
  })

  it('come back whatever their fields are', () => {
    const int64 = fc.bigInt({ min: 0n, max: 2n ** 62n })
    const epoch = fc.nat(0x7fff)
    fc.assert(
      fc.property(
        int64,
        int64,
        int64,
        epoch,
        fc.nat(0x7fffffff),
        fc.boolean(),
        (a, b, c, d, e, isAbort) => {
          const some: MarkerFields = {
            ...fields,
            baseTimestamp: a,
            maxTimestamp: b,
            producerId: c,
            producerEpoch: d,
            coordinatorEpoch: e,
            type: isAbort ? 'ABORT' : 'COMMIT',
          }
          const bytes = encodeMarker(some)
          expect(bytes.length).to.be.within(MARKER_BYTES, MAX_MARKER_BYTES)
          expect(decode(bytes)).to.deep.equal(some)
        },
      ),
    )
  })

  for (const [what, at, value] of [
    ['a codec', 22, 0x31],
    ['no transaction', 22, 0x20],
    ['no control batch', 22, 0x10],
    ['another control type', 69, 2],
    ['a longer key', 65, 10],
    ['a sequence', 56, 0],
    ['record attributes', 62, 1],
    ['an offset delta', 64, 2],
    ['headers', 77, 2],
  ] as const)
    it(`are not what has ${what}`, () => {
      const bytes = abort.slice()
      bytes[at] = value
      expect(decode(bytes)).to.equal(null)
    })

  it('are decoded whatever their CRC is', () => {
    expect(decode(abort.slice().fill(0, 17, 21))).to.deep.equal(fields)
  })
})
