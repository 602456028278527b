/** Every segment of the corpus against the answers of Kafka's own classes. */
import { expect } from 'chai'
import type { ByteSource } from '../../src/bytes/byte-source.ts'
import { openFileSource } from '../../src/bytes/file-source.ts'
import { Window } from '../../src/bytes/window.ts'
import { COMPRESSION_TYPES } from '../../src/codec/codec.ts'
import { defaultCodecs } from '../../src/codec/default-codecs.ts'
import { readBatches } from '../../src/recover/read-segment.ts'
import { decodeBatch, DEFAULT_MAX_DECOMPRESSED_BYTES } from '../../src/segment/decode-batch.ts'
import type { BatchHeader } from '../../src/segment/record-batch.ts'
import {
  codecBits,
  isControl,
  isLogAppendTime,
  isTransactional,
} from '../../src/segment/record-batch.ts'
import type { Record } from '../../src/segment/record.ts'
import { digestRecords } from '../../src/segment/records-digest.ts'
import { walkProvenBatches } from '../../src/segment/walk.ts'
import type { ExpectedBatch } from './corpus.ts'
import { CORPUS_MISSING, corpusSegments } from './corpus.ts'

const options = { codecs: defaultCodecs, maxDecompressedBytes: DEFAULT_MAX_DECOMPRESSED_BYTES }
const WINDOWS = [1024, 65_536, Infinity]

/** What the answers hold, in their words. */
function describeBatch(header: BatchHeader, records: readonly Record[]): ExpectedBatch {
  const v2 = {
    partitionLeaderEpoch: header.partitionLeaderEpoch,
    producerId: Number(header.producerId),
    producerEpoch: header.producerEpoch,
    baseSequence: header.baseSequence,
    isTransactional: isTransactional(header),
    isControl: isControl(header),
  }
  return {
    position: header.position,
    sizeInBytes: header.sizeInBytes,
    magic: header.magic,
    baseOffset: Number(header.baseOffsetKnown ? header.baseOffset : records[0]?.offset),
    lastOffset: Number(header.lastOffset),
    records: records.length,
    codec: COMPRESSION_TYPES[codecBits(header)] ?? 'unknown',
    timestampType: isLogAppendTime(header) ? 'LogAppendTime' : 'CreateTime',
    maxTimestamp: Number(header.maxTimestamp),
    ...(header.magic === 2 ? v2 : {}),
    recordsSha256: digestRecords(records),
  }
}

/** Decodes each batch once; the other windows show that they find the same bytes. */
function walkAndDecode(source: ByteSource, windowBytes: number): ExpectedBatch[] {
  const window = new Window(source, windowBytes)
  const found: ExpectedBatch[] = []
  for (const header of walkProvenBatches(window)) {
    if (header === null) continue
    const result = decodeBatch(window.copy(header.position, header.sizeInBytes), header, options)
    if (!result.ok) throw new Error(`position ${header.position}: ${result.message}`)
    found.push(describeBatch(header, result.records))
  }
  return found
}

const withoutExtras = ({ ...batch }: ExpectedBatch & { valid?: boolean }): ExpectedBatch => {
  delete batch.valid
  // Magic 0 has no timestamp type; Kafka answers NoTimestampType.
  if (batch.magic === 0) return { ...batch, timestampType: 'CreateTime' }
  return batch
}

describe('corpus: segments', function () {
  this.timeout(120_000)
  const segments = corpusSegments()
  if (segments.length === 0) it.skip(CORPUS_MISSING)
  else {
    it('has all the segments that it is known by', () => {
      expect(segments).to.have.lengthOf(68)
    })
  }
  for (const { name, path, expected } of segments) {
    const answers = expected.map(withoutExtras)

    for (const windowBytes of WINDOWS) {
      it(`${name}, walked through a window of ${windowBytes}`, () => {
        const source = openFileSource(path)
        try {
          expect(walkAndDecode(source, windowBytes)).to.deep.equal(answers)
        } finally {
          source.close()
        }
      })

      it(`${name}, by readBatches through a window of ${windowBytes}`, async () => {
        const found: ExpectedBatch[] = []
        for await (const batch of readBatches(path, { windowBytes }))
          found.push(describeBatch(batch, [...batch.records()]))
        expect(found).to.deep.equal(answers)
      })
    }
  }
})
