/** What real brokers wrote and what Kafka's own tools say about it; skipped where the corpus is not there. */
import { expect } from 'chai'
import { createIndexBuilder } from '../../src/index/index-builder.ts'
import {
  decodeLeaderEpochCheckpoint,
  encodeLeaderEpochCheckpoint,
} from '../../src/index/leader-epoch-checkpoint.ts'
import { decodeOffsetCheckpoint } from '../../src/index/offset-checkpoint.ts'
import { createOffsetIndexCheck } from '../../src/index/offset-index-check.ts'
import { decodeOffsetIndex, type OffsetIndex } from '../../src/index/offset-index.ts'
import { decodePartitionMetadata } from '../../src/index/partition-metadata.ts'
import {
  decodeProducerSnapshot,
  encodeProducerSnapshot,
  type ProducerStateEntry,
} from '../../src/index/producer-snapshot.ts'
import { createTimeIndexCheck } from '../../src/index/time-index-check.ts'
import { decodeTimeIndex, type TimeIndex } from '../../src/index/time-index.ts'
import {
  checkTransactionIndex,
  decodeTransactionIndex,
  encodeTransactionIndex,
} from '../../src/index/transaction-index.ts'
import {
  answerLines,
  CORPUS_MISSING,
  corpusFiles,
  expectedBatches,
  readCorpusFile,
  type CorpusFile,
} from './corpus.ts'

/** One test a file, and one skipped test with a message where there are none. */
function forEachCorpusFile(suffix: string, test: (file: CorpusFile) => void): void {
  const files = corpusFiles(suffix)
  if (files.length === 0) it.skip(`*${suffix}: ${CORPUS_MISSING}`)
  for (const file of files) {
    it(file.name, () => {
      test(file)
    })
  }
}

/** Kafka was not asked about empty files, nor about the indexes of the broker that was killed. */
function expectAnswer(lines: readonly string[], file: CorpusFile): void {
  const answer = answerLines(`${file.name}.dump.txt`)
  if (answer === null) {
    expect(file.bytes.length === 0 || file.name.startsWith('kafka-4.1.0-crashed/')).to.be.true
    return
  }
  // kafka-dump-log prints a snapshot through a hash map, so its order is not always the file's.
  expect([...lines].sort()).to.deep.equal(answer.sort())
}

function checkOffsetIndex(
  index: OffsetIndex,
  { stem, baseOffset }: CorpusFile,
): readonly unknown[] {
  const check = createOffsetIndexCheck(index, baseOffset)
  for (const batch of expectedBatches(stem)) {
    check.onBatch(batch.position, batch.sizeInBytes, batch.lastOffset, batch.baseOffset)
  }
  return check.finish()
}

function checkTimeIndex(
  index: TimeIndex,
  { stem, baseOffset }: CorpusFile,
): { problems: readonly unknown[]; lacksFinalEntry: boolean } {
  const check = createTimeIndexCheck(index, baseOffset)
  for (const batch of expectedBatches(stem)) {
    check.onBatch(batch.position, batch.sizeInBytes, batch.lastOffset, batch.maxTimestamp)
  }
  return check.finish()
}

/** The active segments of the broker that was killed: their indexes are still preallocated. */
const isPreallocated = (file: CorpusFile): boolean => file.bytes.length > 10_000_000

describe('corpus: offset indexes', () => {
  forEachCorpusFile('.index', (file) => {
    const index = decodeOffsetIndex(file.bytes)
    const lines = Array.from(index.positions, (position, entry) => {
      const offset = file.baseOffset + BigInt(index.relativeOffsets[entry] ?? 0)
      return `offset: ${offset} position: ${position}`
    })
    expectAnswer(lines, file)
    expect(index.zeroTailBytes > 0).to.equal(isPreallocated(file))
    expect(checkOffsetIndex(index, file)).to.deep.equal([])
  })
})

describe('corpus: time indexes', () => {
  forEachCorpusFile('.timeindex', (file) => {
    const index = decodeTimeIndex(file.bytes)
    const lines = Array.from(index.timestamps, (timestamp, entry) => {
      const offset = file.baseOffset + BigInt(index.relativeOffsets[entry] ?? 0)
      return `timestamp: ${timestamp} offset: ${offset}`
    })
    expectAnswer(lines, file)
    expect(index.zeroTailBytes > 0).to.equal(isPreallocated(file))
    const { problems, lacksFinalEntry } = checkTimeIndex(index, file)
    expect(problems).to.deep.equal([])
    expect(lacksFinalEntry).to.equal(isPreallocated(file))
  })
})

describe('corpus: transaction indexes', () => {
  forEachCorpusFile('.txnindex', (file) => {
    const txns = decodeTransactionIndex(file.bytes)
    const lines = txns.map(
      (txn) =>
        `version: ${txn.version} producerId: ${txn.producerId} firstOffset: ${txn.firstOffset}` +
        ` lastOffset: ${txn.lastOffset} lastStableOffset: ${txn.lastStableOffset}`,
    )
    expectAnswer(lines, file)
    expect(checkTransactionIndex(file.bytes, file.baseOffset)).to.deep.equal({
      problems: [],
      fragmentBytes: 0,
    })
    expect(encodeTransactionIndex(txns)).to.deep.equal(file.bytes)
  })
})

function snapshotLine(entry: ProducerStateEntry): string {
  const open = entry.currentTxnFirstOffset
  const firstSequence = entry.lastSequence - entry.offsetDelta
  const batch =
    entry.lastOffset < 0n
      ? ''
      : `firstSequence: ${firstSequence} lastSequence: ${entry.lastSequence}` +
        ` lastOffset: ${entry.lastOffset} offsetDelta: ${entry.offsetDelta} timestamp: ${entry.timestamp}`
  return (
    `producerId: ${entry.producerId} producerEpoch: ${entry.producerEpoch}` +
    ` coordinatorEpoch: ${entry.coordinatorEpoch}` +
    ` currentTxnFirstOffset: ${open < 0n ? 'OptionalLong.empty' : `OptionalLong[${open}]`}` +
    ` lastTimestamp: ${entry.timestamp} ${batch}`
  )
}

describe('corpus: producer snapshots', () => {
  forEachCorpusFile('.snapshot', (file) => {
    const snapshot = decodeProducerSnapshot(file.bytes)
    expect(snapshot.problems).to.deep.equal([])
    const lines = snapshot.entries.map(snapshotLine)
    expectAnswer(lines, file)
    expect(encodeProducerSnapshot(snapshot.entries)).to.deep.equal(file.bytes)
  })
})

describe('corpus: text files', () => {
  forEachCorpusFile('leader-epoch-checkpoint', ({ bytes }) => {
    const { entries, problems } = decodeLeaderEpochCheckpoint(bytes)
    expect(problems).to.deep.equal([])
    if (bytes.length > 0) expect(encodeLeaderEpochCheckpoint(entries)).to.deep.equal(bytes)
  })
  forEachCorpusFile('-offset-checkpoint', ({ bytes }) => {
    expect(decodeOffsetCheckpoint(bytes).problems).to.deep.equal([])
  })
  forEachCorpusFile('partition.metadata', ({ bytes }) => {
    const { version, topicId, problems } = decodePartitionMetadata(bytes)
    expect(problems).to.deep.equal([])
    expect(version).to.equal(0)
    expect(topicId).to.have.lengthOf(22)
  })
})

/** Written across a restart, a truncation or a crash, which restart the byte counter: other entries, as right. */
const RESTARTED = [
  'kafka-4.1.0/__cluster_metadata-0/00000000000000000000.log',
  'kafka-4.1.0/crash-active-0/00000000000000074621.log',
  'kafka-4.1.0/leader-epochs-0/00000000000000000000.log',
]

describe('corpus: rebuilt indexes', () => {
  forEachCorpusFile('.log', (file) => {
    const builder = createIndexBuilder(file.baseOffset)
    for (const batch of expectedBatches(file.stem)) builder.onBatch(batch)
    const { offsetIndex, timeIndex } = builder.finish()
    expect(checkOffsetIndex(decodeOffsetIndex(offsetIndex), file)).to.deep.equal([])
    const findings = checkTimeIndex(decodeTimeIndex(timeIndex), file)
    expect(findings).to.deep.equal({ problems: [], lacksFinalEntry: false })
    if (file.name.startsWith('kafka-4.1.0/') && !RESTARTED.includes(file.name)) {
      expect(offsetIndex).to.deep.equal(readCorpusFile(`${file.stem}.index`))
      expect(timeIndex).to.deep.equal(readCorpusFile(`${file.stem}.timeindex`))
    }
  })
})
