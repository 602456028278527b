import { expect } from 'chai'
import * as kmend from '../../src/kmend.ts'

describe('public names', () => {
  it('are these; one more is a promise, one less breaks somebody', () => {
    expect(Object.keys(kmend).sort()).to.deep.equal([
      'CodecError',
      'CorruptBatchError',
      'InvalidArgumentError',
      'KmendError',
      'OutputExistsError',
      'OutputNotCleanError',
      'SegmentIoError',
      'defaultCodecs',
      'readBatches',
      'repairSegment',
      'scanSegment',
    ])
  })

  it('include types for everything that is given and taken', () => {
    // Compiled, not run: a type that is no longer exported fails the type check.
    type Types = [
      kmend.Batch,
      kmend.BatchEvent,
      kmend.BatchHeader,
      kmend.Codecs,
      kmend.CorruptionDecision,
      kmend.CorruptionEvent,
      kmend.CorruptionReason,
      kmend.Decompress,
      kmend.Decompressed,
      kmend.DecompressOptions,
      kmend.Progress,
      kmend.ReadBatchesOptions,
      kmend.ReadOptions,
      kmend.Record,
      kmend.RecordHeader,
      kmend.RepairOptions,
      kmend.Report,
      kmend.ScanOptions,
      kmend.SegmentEvent,
      kmend.SegmentReport,
      kmend.SegmentSource,
    ]
    const count: Types['length'] = 21
    expect(count).to.equal(21)
  })

  it('include a codec for each type that needs one', () => {
    expect(Object.keys(kmend.defaultCodecs).sort()).to.deep.equal(['gzip', 'lz4', 'snappy', 'zstd'])
  })
})
