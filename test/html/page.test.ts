import { expect } from 'chai'
import { createHash } from 'node:crypto'
import { marksOf } from '../../src/html/health-map.ts'
import { escapeText } from '../../src/html/markup.ts'
import { damagedInputs, partitionViews } from '../../src/html/model.ts'
import { PAGE_START, renderPage } from '../../src/html/page.ts'
import { formatBytes, shellWord, timeText } from '../../src/words/words.ts'
import type { SegmentReport, SkippedRangeReport } from '../../src/recover/report.ts'
import { damageOf, index, none, rangeOf, reportOf, segmentOf } from '../commands/sample-report.ts'

const damaged = (changes: Partial<SegmentReport> = {}): SegmentReport =>
  segmentOf({ damage: [damageOf()], skippedOffsetRanges: [rangeOf()], ...changes })

const count = (page: string, pattern: RegExp): number => [...page.matchAll(pattern)].length
/** What a reader sees: no tags, spaces as one. */
const words = (page: string): string =>
  page
    .replaceAll(/<(style|script)>.*?<\/\1>/gs, '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')

describe('a report as a page', () => {
  it('allows its own style and script by their hashes, and nothing else', () => {
    const page = renderPage(reportOf([damaged()]))
    expect(page.startsWith(PAGE_START)).to.equal(true)
    for (const name of ['style', 'script']) {
      const text = new RegExp(`<${name}>(.*?)</${name}>`, 's').exec(page)![1]!
      const digest = createHash('sha256').update(text).digest('base64')
      expect(page).to.include(`${name}-src &#39;sha256-${digest}&#39;`)
    }
    expect(page).to.include('default-src &#39;none&#39;')
    expect(page).not.to.match(/https?:|\sstyle="|\son\w+="/)
  })

  it('escapes whatever a name may hold', () => {
    const evil = `</pre><script>alert(1)</script>"'&\u202e\u0000`
    const segment = damaged({
      source: `${evil}/x.log`,
      topic: evil,
      notes: [evil],
      damage: [damageOf({ message: evil })],
    })
    const page = renderPage(reportOf([segment], { errors: [evil], restore: [evil] }))
    expect(count(page, /<script/g)).to.equal(1)
    expect(count(page, /<\/script/g)).to.equal(1)
    expect(page).not.to.include('\u202e').and.not.to.include('\u0000')
    expect(escapeText(`a"'<>&\u202e\ud800`)).to.equal('a&quot;&#39;&lt;&gt;&amp;\\u{202e}\\u{d800}')
  })

  it('has a mark for each damage, a row for it, and a row for each missing range', () => {
    const page = renderPage(reportOf([damaged(), damaged({ source: 'orders-0/2.log' })]))
    expect(count(page, /class="mark skipped"/g)).to.equal(2)
    expect([...page.matchAll(/href="#(d\d+)"/g)].map(([, id]) => id)).to.deep.equal(['d1', 'd2'])
    for (const id of ['d1', 'd2']) expect(page).to.include(`<tr id="${id}"`)
    expect(page).to.include('orders-0\t50\t59\t10\t10\texact\t60\t2023-11-14 22:13:20 UTC')
    expect(words(page)).to.include('2 of 2 segments damaged')
  })

  it('stays bounded in its drawings for thousands of damages, and has all in its tables', () => {
    const outcomes = ['dropped', 'repaired', 'kept', 'skipped'] as const
    const damage = Array.from({ length: 3000 }, (_, n) =>
      damageOf({ position: n * 100, sizeInBytes: 50, outcome: outcomes[n % 4]! }),
    )
    const ranges = damage.map(() => rangeOf())
    const page = renderPage(
      reportOf([damaged({ sizeInBytes: 300_000, damage, skippedOffsetRanges: ranges })]),
    )
    expect(count(page, /class="mark /g)).to.equal(250)
    expect(count(page, /<tr id="d/g)).to.equal(3000)
    expect(count(page, /class="when"/g)).to.equal(40)
    expect(count(page, /--reset-offsets/g)).to.equal(20)
    expect(words(page)).to.include('2,980 more: the offsets are in the column')
    const views = partitionViews({ segments: [damaged({ damage })] })
    const marks = marksOf(views[0]!.segments[0]!.damage, 300_000)
    expect(marks.reduce((sum, { total }) => sum + total, 0)).to.equal(3000)
  })

  it('draws damaged segments where whole ones are many, and damaged partitions first', () => {
    const whole = Array.from({ length: 20 }, (_, n) => segmentOf({ source: `a-0/${n}.log` }))
    const partitions = Array.from({ length: 60 }, (_, n) => segmentOf({ source: `p-${n}/1.log` }))
    const page = renderPage(reportOf([...whole, damaged({ source: 'a-0/x.log' }), ...partitions]))
    expect(count(page, /class="segment"/g)).to.equal(1 + 49)
    expect(words(page)).to.include('20 more segments without damage')
    expect(words(page)).to.include('11 more partitions in the table of segments')
    const many = Array.from({ length: 120 }, (_, n) => damaged({ source: `a-0/${n}.log` }))
    expect(words(renderPage(reportOf(many)))).to.include('20 more segments in the table below')
  })

  for (const [name, range, expected] of [
    [
      'an end that nothing tells',
      { lastOffset: null, offsetCount: null, recordCount: null },
      'end unknown',
    ],
    ['a torn batch', { exact: false, lastBasis: 'tail' }, 'by the torn batch alone'],
    ['an index', { exact: false, lastBasis: 'index', verified: false }, 'at least'],
    ['neighbours', { exact: false }, 'at most'],
  ] as const satisfies readonly (readonly [string, Partial<SkippedRangeReport>, string])[])
    it(`says how certain a range is: ${name}`, () => {
      const segment = damaged({ skippedOffsetRanges: [rangeOf(range)] })
      expect(renderPage(reportOf([segment]))).to.include(`\t${expected}\t`)
    })

  it('draws what is known of the time, whichever clock goes back', () => {
    const ranges = [
      rangeOf({
        timeAfter: 2000n,
        timeBefore: 1000n,
        producers: [{ producerId: 7n, producerEpoch: 1 }],
      }),
      rangeOf({ timeBefore: null, timeAfter: 5000n }),
      rangeOf({ timeAfter: null, timeBefore: 500n }),
      rangeOf({ timeAfter: null, timeBefore: -1n }),
    ]
    const text = renderPage(reportOf([damaged({ skippedOffsetRanges: ranges })]))
    expect(text).to.include(
      'between 1970-01-01 00:00:01 UTC and 1970-01-01 00:00:02 UTC, producer 7 epoch 1',
    )
    expect(text)
      .to.include('after 1970-01-01 00:00:05 UTC')
      .and.to.include('before 1970-01-01 00:00:00.500 UTC')
    expect(count(text, /class="when"/g)).to.equal(3)
    const none = damaged({ skippedOffsetRanges: [ranges[3]!] })
    expect(renderPage(reportOf([none]))).not.to.include('When, and whose')
  })

  it('gives commands for what comes next', () => {
    const marker = {
      offset: 5n,
      position: 1,
      producerId: 7n,
      producerEpoch: 0,
      candidates: [] as const,
      written: null,
      openFromOffset: 3n,
      effect: 'stays-open' as const,
    }
    const transactions = {
      lostMarkers: [marker, { ...marker, openFromOffset: null }],
      openAtEnd: [],
    }
    const page = words(
      renderPage(reportOf([damaged({ source: "it's/orders-0/1.log", transactions })])),
    )
    expect(page).to.include('kmend repair &#39;it&#39;\\&#39;&#39;s/orders-0&#39; --out repaired')
    expect(page).to.include('--topic orders:0 --reset-offsets --to-offset 60 --dry-run')
    expect(page).to.include('abort --topic orders --partition 0 --start-offset 3')
    expect(page).to.include('kmend scan --deep')
    const lone = damaged({
      topic: null,
      partition: null,
      source: 'x.log',
      checked: 'records',
      transactions,
    })
    const other = words(renderPage(reportOf([lone], { command: 'repair', restore: ['do this'] })))
    expect(other).to.include('&lt;topic&gt;:&lt;partition&gt;').and.to.include('do this')
    expect(other).to.include('abort --topic &lt;topic&gt; --partition &lt;partition&gt;')
    expect(other).not.to.include('kmend repair x.log')
    const dry = words(renderPage(reportOf([lone], { command: 'repair', dryRun: true })))
    expect(dry)
      .to.include('kmend repair x.log --out repaired')
      .and.to.include('kmend repair --dry-run')
  })

  it('says why a damage was not undone, and which command shows all of it', () => {
    const attempt = { why: 'too large; no <header>', falseMatchTried: 6.7e-5 }
    const page = renderPage(
      reportOf([
        damaged({
          topic: null,
          source: 'a b/1.log',
          damage: [
            damageOf({ attempt }),
            damageOf({ attempt: { ...attempt, falseMatchTried: 0 }, position: 4000 }),
            damageOf({ attempt, reason: 'torn-tail', position: 5000 }),
            damageOf({ position: 5600, sizeInBytes: 0 }),
          ],
        }),
      ]),
    )
    expect(count(page, /Not undone:/g)).to.equal(2)
    expect(count(page, /<li>too large<\/li>/g)).to.equal(2)
    expect(count(page, /<li>no &lt;header&gt;<\/li>/g)).to.equal(2)
    expect(words(page)).to.include('would have taken something false: 6.7e-5.')
    expect(count(page, /would have taken/g)).to.equal(1)
    expect(words(page)).to.include('kmend explain &#39;a b/1.log&#39; --position 3000')
    expect(count(page, /kmend explain/g)).to.equal(3)
  })

  it('says what is odd, and that nothing is when nothing is', () => {
    const repair = {
      changes: Array.from({ length: 6 }, () => ({ field: 'magic', before: '3', after: '2' })),
      evidence: ['crc'],
      inferred: ['partitionLeaderEpoch'],
      falseMatchProbability: 1e-6,
    } as unknown as NonNullable<ReturnType<typeof damageOf>['repair']>
    const proven = { ...repair, changes: [], inferred: [], falseMatchProbability: 0 }
    const odd = segmentOf({
      sourceChanged: true,
      firstOffset: null,
      nextOffset: null,
      records: { kept: null, skipped: null, salvaged: 2 },
      batches: { ...none, repaired: 2 },
      damage: [
        damageOf({ outcome: 'repaired', repair, quarantine: 'q.bin', salvaged: 's.ndjson' }),
        damageOf({ outcome: 'repaired', repair: proven, quarantine: null }),
        damageOf({ outcome: 'dropped', baseOffset: null, lastOffset: null }),
        damageOf({ outcome: 'dropped', reason: 'zero-fill', position: 5900, sizeInBytes: 100 }),
      ],
      indexes: {
        offsetIndex: { source: 'damaged', problems: ['it goes back'] },
        timeIndex: { source: 'damaged', problems: [] },
        transactionIndex: index,
      },
    })
    const files = [
      { source: 'leader-epoch-checkpoint', action: 'checked' as const, problems: ['odd'] },
    ]
    const page = words(renderPage(reportOf([odd], { files, errors: ['no such disk'] })))
    for (const text of [
      'The work did not finish: 1 error',
      'Failed: no such disk',
      'changed while it was read',
      'and 2 more, by crc; chance of an accident 1.0e-6; not certain: partitionLeaderEpoch',
      'q.bin s.ndjson',
      'offsetIndex: it goes back; timeIndex: damaged',
      'zeros after the last batch',
      '2 more salvaged, suspect',
      'no offsets of this log',
      'odd',
    ])
      expect(page).to.include(text)
    expect(words(renderPage(reportOf([segmentOf()], { files })))).to.include(
      'files beside them are damaged',
    )
    const fine = words(renderPage(reportOf([segmentOf({ checked: 'records' })])))
    expect(fine).to.include('Nothing is damaged').and.not.to.include('What to do next')
    expect(fine).to.include('Every record was decoded to its last byte')
    expect(fine).not.to.include('Where the damage lies').and.not.to.include('put right, with proof')
    const missing = { source: 'missing', problems: [] }
    const indexes = { offsetIndex: index, timeIndex: index, transactionIndex: missing }
    const shallow = reportOf([segmentOf(), segmentOf({ indexes })], { files, errors: ['no disk'] })
    for (const text of [
      'What could be read is whole. 2 segments, 11.7 KiB',
      'shows only with kmend scan --deep',
      '.txnindex : 1 checked against their segments, 1 not there',
      '1 file looked at, 1 not as they should be',
    ])
      expect(words(renderPage(shallow))).to.include(text)
    const onlyIndex = segmentOf({ indexes: { ...odd.indexes, timeIndex: index }, sizeInBytes: 0 })
    expect(words(renderPage(reportOf([onlyIndex]))))
      .to.include('index damaged')
      .and.include('only indexes are')
      .and.not.include('put right, with proof')
    const unknown = damaged({
      skippedOffsetRanges: [rangeOf({ offsetCount: null, liveSeekOffset: null })],
    })
    expect(words(renderPage(reportOf([unknown])))).to.include('cannot be known')
  })
})

describe('words of a page', () => {
  it('are bytes, times and words of a shell', () => {
    expect([0, 1023, 1024, 5 * 1024 ** 5].map(formatBytes)).to.deep.equal([
      '0 B',
      '1023 B',
      '1.0 KiB',
      '5120.0 TiB',
    ])
    expect(timeText(9n ** 30n)).to.equal('unknown')
    expect(['a/b-0', "it's", "a\n'\\"].map(shellWord)).to.deep.equal([
      'a/b-0',
      `'it'\\''s'`,
      `$'a\\x0a\\x27\\x5c'`,
    ])
    expect(damagedInputs({ segments: [damaged({ source: '1.log' })] })).to.deep.equal(['.'])
  })
})
