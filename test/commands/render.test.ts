import { expect } from 'chai'
import { createPalette } from '../../src/commands/palette.ts'
import {
  healthMap,
  renderNextSteps,
  renderSegment,
  renderSummary,
} from '../../src/commands/render.ts'
import { lostMarkerLines, openTransactionLines } from '../../src/commands/render-markers.ts'
import type { SegmentReport } from '../../src/recover/report.ts'
import { damageOf, index, none, rangeOf, reportOf, segmentOf } from './sample-report.ts'

const plain = createPalette(false)

describe('healthMap', () => {
  it('shows each outcome in its place, even when it is small', () => {
    const damage = [
      damageOf({ position: 0, sizeInBytes: 1 }),
      damageOf({ position: 1000, sizeInBytes: 200, outcome: 'dropped' }),
      damageOf({ position: 3000, sizeInBytes: 100, outcome: 'kept' }),
      damageOf({ position: 4000, sizeInBytes: 100, outcome: 'repaired' }),
      damageOf({ position: 5900, sizeInBytes: 100 }),
    ]
    expect(healthMap(segmentOf({ damage }), plain)).to.equal(
      'x=========--==================?=========+==================x',
    )
  })

  it('stays one row for an empty file and for bytes missing at the very end', () => {
    const damage = [damageOf({ position: 6000, sizeInBytes: 0 })]
    expect(healthMap(segmentOf({ damage }), plain)).to.equal(`${'='.repeat(59)}x`)
    const empty = segmentOf({ sizeInBytes: 0, damage: [damageOf({ position: 0, sizeInBytes: 0 })] })
    expect(healthMap(empty, plain)).to.equal('x'.repeat(60))
  })
})

describe('renderSegment', () => {
  it('is one line for a healthy segment', () => {
    expect(renderSegment(segmentOf(), plain)).to.equal(
      'orders-0/00000000000000000000.log  ok  5.9 KiB, offsets 0 to 99, 10 intact batches, 100 records',
    )
  })

  it('has no offsets for a segment without batches, and no count that only decoding tells', () => {
    const empty = segmentOf({
      firstOffset: null,
      batches: { ...none, intact: 1 },
      records: { kept: null, skipped: null, salvaged: 0 },
    })
    expect(renderSegment(empty, plain)).to.match(/ {2}ok {2}.*, no batches, 1 intact batch$/)
  })

  it('says where, what, which offsets, when, and where a consumer goes on', () => {
    const text = renderSegment(
      segmentOf({ damage: [damageOf()], skippedOffsetRanges: [rangeOf()] }),
      plain,
    )
    for (const words of [
      'DAMAGED',
      'crc-mismatch, skipped',
      'position 3000 to 3600 (600 B): offsets 50 to 59',
      'the bytes do not match',
      'offsets 50 to 59 (10 offsets)',
      'between 2023-11-14T22:13:20.000Z and 2023-11-14T22:14:20.000Z',
      'goes on at offset 60',
      '--topic orders:0 --reset-offsets --to-offset 60',
    ])
      expect(text).to.include(words)
  })

  it('admits what it does not know', () => {
    const open = { lastOffset: null, nextOffset: null, liveSeekOffset: null, offsetCount: null }
    const text = renderSegment(
      segmentOf({
        topic: null,
        partition: null,
        damage: [damageOf({ lastOffset: null, nextOffset: null })],
        skippedOffsetRanges: [
          rangeOf({ ...open, timeAfter: null, timeBefore: 2n ** 62n }),
          rangeOf({ exact: false }),
        ],
      }),
      plain,
    )
    expect(text).to.include('offsets from 50 on')
    expect(text).to.include('to an end that nothing tells')
    expect(text).to.include('nothing tells when they were written')
    expect(text).to.include('(10 offsets, at most)')
    const torn = segmentOf({ skippedOffsetRanges: [rangeOf({ exact: false, lastBasis: 'tail' })] })
    expect(renderSegment(torn, plain)).to.include('more may be missing').and.not.include('at most')
    expect(text).to.include('--topic <topic>:<partition>')
  })

  it('shows what a terminal would obey, quotes names, and moves no group in the metadata log', () => {
    const named = segmentOf({ source: 'a\nb\u001b[31m.log', skippedOffsetRanges: [rangeOf()] })
    expect(renderSegment(named, plain)).to.match(/^a\\nb\\x1b\[31m\.log {2}/)
    const odd = renderSegment({ ...named, topic: "it's", partition: 0 }, plain)
    expect(odd).to.include(`--topic 'it'\\''s:0'`)
    const metadata = renderSegment({ ...named, topic: '__cluster_metadata', partition: 0 }, plain)
    expect(metadata).to.include('missing').and.not.include('kafka-consumer-groups')
  })

  it('says how far the time is known', () => {
    const time = 1_700_000_000_000n
    const written = (range: Parameters<typeof rangeOf>[0]): string =>
      renderSegment(segmentOf({ skippedOffsetRanges: [rangeOf(range)] }), plain)
    expect(written({ timeAfter: null, timeBefore: time })).to.include('written before 2023-11-14T')
    expect(written({ timeAfter: time, timeBefore: null })).to.include('written after 2023-11-14T')
  })

  it('names dropped bytes, damaged indexes, lost markers, a changing source and notes', () => {
    const damaged = { source: 'damaged', problems: ['entry 3 is wrong', 'entry 4 is wrong'] }
    const text = renderSegment(
      segmentOf({
        sourceChanged: true,
        damage: [
          damageOf({ outcome: 'dropped', baseOffset: null, lastOffset: null, nextOffset: null }),
          damageOf({ reason: 'zero-fill', outcome: 'dropped', message: 'harmless zeros' }),
        ],
        indexes: {
          offsetIndex: damaged,
          timeIndex: { source: 'damaged', problems: ['only one'] },
          transactionIndex: index,
        },
        transactions: {
          lostMarkers: [
            {
              offset: 70n,
              position: 4000,
              producerId: 9n,
              producerEpoch: 2,
              candidates: ['ABORT', 'COMMIT'],
              openFromOffset: 60n,
              effect: 'stays-open',
              written: null,
            },
          ],
          openAtEnd: [],
        },
        notes: ['something else'],
      }),
      plain,
    )
    for (const words of [
      'The file changed while it was read',
      'no offsets of this log',
      'offsetIndex damaged: entry 3 is wrong (and 1 more)',
      'timeIndex damaged: only one\n',
      'lost transaction marker at offset 70, producer 9 epoch 2: stays-open',
      'read_committed consumers stop at its first offset (from offset 60 on)',
      'note: something else',
    ])
      expect(text).to.include(words)
    expect(text).to.not.include('harmless zeros')
  })
})

describe('open transactions', () => {
  const open = { producerId: 9n, producerEpoch: 2, firstOffset: 40n }
  const place = { firstOffset: 50n, lastOffset: 59n }
  const textOf = (endMayBeIn: Parameters<typeof openTransactionLines>[0]['endMayBeIn']): string =>
    openTransactionLines({ ...open, endMayBeIn }, { topic: 'pay', partition: 3 }, plain).join('\n')

  it('are told where their end may be lost, with the command that ends them', () => {
    const text = textOf([
      { ...place, candidates: ['ABORT', 'COMMIT'] },
      { firstOffset: 70n, lastOffset: null, candidates: ['ABORT', 'COMMIT'] },
    ])
    expect(text).to.include('producer 9 epoch 2, from offset 40 on')
    expect(text).to.include('missing, offsets 50 to 59 and from offset 70 on\n')
    expect(text).to.match(/abort --topic pay --partition 3 --start-offset 40$/)
  })

  it('say what the .txnindex rules out', () => {
    expect(textOf([{ ...place, candidates: ['COMMIT'] }])).to.include('lists no ABORT')
  })

  it('are not worth a word where nothing is missing', () => {
    expect(textOf([])).to.equal('')
  })
})

describe('why nothing was undone', () => {
  const attempt = { why: 'too large (try --max-false-match 3e-4)', falseMatchTried: 1e-5 }
  const textOf = (reason: string): string =>
    renderSegment(segmentOf({ damage: [damageOf({ reason, attempt })] }), plain)

  it('is one line of its damage', () => {
    const line = '\n      Not undone: too large (try --max-false-match 3e-4).'
    expect(textOf('crc-mismatch')).to.include(line)
  })

  it('is not said where the bytes are not there', () => {
    for (const reason of ['torn-tail', 'zero-fill'])
      expect(textOf(reason)).to.not.include('Not undone')
  })
})

describe('lost transaction markers', () => {
  const lost = {
    offset: 70n,
    position: 4000,
    producerId: 9n,
    producerEpoch: 2,
    candidates: ['ABORT', 'COMMIT'],
    openFromOffset: 60n,
    effect: 'stays-open',
    written: null,
  } as const
  const linesOf = (more: Partial<Parameters<typeof lostMarkerLines>[0]>, topic = true): string =>
    lostMarkerLines(
      { ...lost, ...more },
      topic ? { topic: 'pay', partition: 3 } : { topic: null, partition: null },
      plain,
    ).join('\n')

  it('come with the command that ends what stays open', () => {
    const command =
      'kafka-transactions.sh --bootstrap-server <host:port> abort --topic pay --partition 3 --start-offset 60'
    expect(linesOf({})).to.include(command).and.include('if the lost marker was a COMMIT')
    expect(linesOf({}, false)).to.include('--topic <topic> --partition <partition>')
    expect(linesOf({ candidates: ['ABORT'] }))
      .to.include('the .txnindex says that it was an ABORT')
      .and.not.include('COMMIT')
    for (const effect of ['takes-next-outcome', 'none'] as const)
      expect(linesOf({ effect })).to.not.include('kafka-transactions.sh')
  })

  it('say what follows', () => {
    expect(linesOf({ effect: 'takes-next-outcome' })).to.include(
      "the producer's next marker decides",
    )
    expect(linesOf({ effect: 'none', openFromOffset: null })).to.include('nothing depends on it')
    expect(linesOf({ producerId: null, producerEpoch: null })).to.include(
      'at offset 70, of a producer that nothing tells: stays-open',
    )
    expect(linesOf({ producerEpoch: null })).to.include('producer 9: stays-open')
    expect(linesOf({ openFromOffset: null })).to.not.include('kafka-transactions.sh')
  })

  it('say what was written in their place', () => {
    const text = linesOf({ effect: 'none', written: 'COMMIT', candidates: ['COMMIT'] })
    expect(text).to.include('a COMMIT marker was written in its place')
    expect(linesOf({ effect: 'none', written: 'ABORT' })).to.include('an ABORT marker was written')
  })
})

describe('renderSummary', () => {
  it('counts, and says how deep the check was', () => {
    const healthy = renderSummary(reportOf([segmentOf({ checked: 'records' })]), plain)
    expect(healthy).to.include('1 segment, every record decoded. Nothing is damaged.')
    const damaged = segmentOf({
      damage: [damageOf()],
      skippedOffsetRanges: [rangeOf()],
      batches: { ...none, intact: 9, skipped: 1 },
    })
    const text = renderSummary(reportOf([segmentOf(), damaged]), plain)
    expect(text).to.include('2 segments, CRC checked, records not decoded. 1 segment damaged.')
    expect(text).to.include('19 intact, 0 repaired, 1 skipped').and.include('10 offsets missing')
  })

  it('names damaged companions and failures, and a loss without a number', () => {
    const open = segmentOf({ skippedOffsetRanges: [rangeOf({ offsetCount: null })] })
    const text = renderSummary(
      reportOf([open], {
        files: [
          { source: 'a.snapshot', action: 'checked', problems: ['too short', 'wrong CRC'] },
          { source: 'b.snapshot', action: 'checked', problems: [] },
          { source: 'copy.log', action: 'left-out', problems: ['not a segment'] },
        ],
        errors: ['cannot read c.log'],
      }),
      plain,
    )
    expect(text).to.include('a.snapshot: too short; wrong CRC').and.not.include('b.snapshot')
    expect(text).to.include('failed: cannot read c.log')
    expect(text).to.include('how many offsets are missing cannot be known')
    expect(text).to.include('1 file beside the segments damaged').and.not.include('Nothing is')
  })
})

describe('renderNextSteps', () => {
  const damaged = reportOf([segmentOf({ damage: [damageOf()] })])
  it('offers a repair after a scan that found damage', () => {
    expect(renderNextSteps(damaged, null)).to.include('kmend repair')
    const decoded = reportOf([segmentOf({ checked: 'records' })])
    expect(renderNextSteps(decoded, null)).to.equal('')
    const problems = ['too short']
    const beside = {
      ...decoded,
      files: [{ source: 'a.snapshot', action: 'checked' as const, problems }],
    }
    expect(renderNextSteps(beside, null)).to.include('kmend repair')
  })

  it('points to --deep where records were not decoded', () => {
    expect(renderNextSteps(reportOf([segmentOf({ checked: 'crc' })]), null)).to.include('--deep')
  })

  it('numbers the steps after a repair', () => {
    const written = [segmentOf({ damage: [damageOf()], output: 'data/x.log' })]
    const parts = { command: 'repair', restore: ['stop it', 'put it back'] }
    const repaired = { ...reportOf(written), ...parts }
    expect(renderNextSteps(repaired, 'out')).to.include('  1. stop it\n  2. put it back')
    const failed = renderNextSteps({ ...repaired, errors: ['cannot read c.log'] }, 'out')
    expect(failed).to.include('NOT WHOLE').and.not.include('stop it').and.not.include('out/report')
    const lone = { ...repaired, restore: [] }
    expect(renderNextSteps(lone, 'out')).to.include('out/data').and.not.include('To put it back')
    expect(renderNextSteps(repaired, null)).to.include('Nothing was written')
  })

  it('names only what is there', () => {
    const next = (segments: readonly SegmentReport[], options: object): string =>
      renderNextSteps(
        { ...reportOf(segments, { options: { ...options } }), command: 'repair' },
        'out',
      )
    const healthy = segmentOf({ output: 'data/x.log' })
    expect(next([healthy], {})).to.equal('\nRepaired copy: out/data   report: out/report.json')
    const refused = segmentOf({ damage: [damageOf()], output: null })
    expect(next([refused], {})).to.equal(
      '\nNo repaired copy was written   report: out/report.json\n1 segment not written: a note above says why',
    )
    const left = next([healthy, segmentOf({ output: null })], { onlyChanged: true })
    expect(left).to.include('1 segment not written: no difference').and.not.include('quarantine')
  })
})
