import { expect } from 'chai'
import fc from 'fast-check'
import {
  decodeLeaderEpochCheckpoint,
  encodeLeaderEpochCheckpoint,
  epochForOffset,
} from '../../src/index/leader-epoch-checkpoint.ts'
import { messagesOf, text, zeros } from './bytes.ts'

const GOOD = '0\n2\n0 0\n3 15712\n'
const ENTRIES = [
  { epoch: 0, startOffset: 0n },
  { epoch: 3, startOffset: 15712n },
]

describe('decodeLeaderEpochCheckpoint', () => {
  for (const { name, content } of [
    { name: "Kafka's own layout", content: GOOD },
    { name: 'other whitespace and line ends', content: '0\r\n2\r\n0\t0\r\n3   15712' },
  ]) {
    it(`reads ${name}`, () => {
      expect(decodeLeaderEpochCheckpoint(text(content))).to.deep.equal({
        entries: ENTRIES,
        problems: [],
      })
    })
  }

  it('finds no entries, and nothing wrong, in an empty file', () => {
    expect(decodeLeaderEpochCheckpoint(zeros(0))).to.deep.equal({ entries: [], problems: [] })
  })

  it('encodes to the same bytes', () => {
    expect(encodeLeaderEpochCheckpoint(ENTRIES)).to.deep.equal(text(GOOD))
    expect(encodeLeaderEpochCheckpoint([])).to.deep.equal(text('0\n0\n'))
  })

  const cases: { name: string; content: string; entryCount: number; messages: string[] }[] = [
    {
      name: 'zero bytes',
      content: '\0'.repeat(5000),
      entryCount: 0,
      messages: ['the file holds only zero bytes: its content was lost'],
    },
    {
      name: 'another version',
      content: '1\n0\n',
      entryCount: 0,
      messages: ['line 1 should be the version, 0, but is "1"'],
    },
    {
      name: 'a missing count',
      content: '0\n',
      entryCount: 0,
      messages: ['line 2 should be the number of entries, but is ""'],
    },
    {
      name: 'a count that is no number',
      content: '0\ntwo\n',
      entryCount: 0,
      messages: ['line 2 should be the number of entries, but is "two"'],
    },
    {
      name: 'a wrong count',
      content: '0\n3\n0 0\n3 15712\n',
      entryCount: 2,
      messages: ['line 2 announces 3 entries, but 2 lines follow'],
    },
    {
      name: 'a line that is no numbers',
      content: '0\n2\n0 0\nxx yy\n',
      entryCount: 1,
      messages: ['line 4 should be an epoch and an offset, but is "xx yy"'],
    },
    {
      name: 'a line of three words',
      content: '0\n1\n0 0 0\n',
      entryCount: 0,
      messages: ['line 3 should be an epoch and an offset, but is "0 0 0"'],
    },
    {
      name: 'values out of range',
      content: '0\n3\n2147483648 0\n0 9223372036854775808\n1 -1\n',
      entryCount: 0,
      messages: [
        'line 3 should be an epoch and an offset, but is "2147483648 0"',
        'line 4 should be an epoch and an offset, but is "0 9223372036854775808"',
        'line 5 should be an epoch and an offset, but is "1 -1"',
      ],
    },
    {
      name: 'columns that do not increase',
      content: '0\n3\n2 10\n2 20\n3 20\n',
      entryCount: 3,
      messages: [
        'line 4 (epoch 2 from offset 20) does not come after epoch 2 from offset 10',
        'line 5 (epoch 3 from offset 20) does not come after epoch 2 from offset 20',
      ],
    },
    {
      name: 'a long line, shortened',
      content: `0\n1\n${'x'.repeat(1000)}`,
      entryCount: 0,
      messages: [`line 3 should be an epoch and an offset, but is "${'x'.repeat(40)}…"`],
    },
  ]
  for (const { name, content, entryCount, messages } of cases) {
    it(`reports ${name}`, () => {
      const { entries, problems } = decodeLeaderEpochCheckpoint(text(content))
      expect(messagesOf(problems)).to.deep.equal(messages)
      expect(entries).to.have.lengthOf(entryCount)
    })
  }

  it('tells the byte position of the line', () => {
    const { problems } = decodeLeaderEpochCheckpoint(text('0\n2\n0 0\nxx yy\n'))
    expect(problems[0]).to.deep.include({ file: 'leaderEpochCheckpoint', entry: 1, position: 8 })
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 100 }), (bytes) => {
        decodeLeaderEpochCheckpoint(bytes)
      }),
    )
  })
})

describe('epochForOffset', () => {
  for (const { offset, epoch } of [
    { offset: 0n, epoch: 0 },
    { offset: 15711n, epoch: 0 },
    { offset: 15712n, epoch: 3 },
    { offset: 10n ** 15n, epoch: 3 },
    { offset: -1n, epoch: null },
  ]) {
    it(`finds ${epoch ?? 'none'} for ${offset}`, () => {
      expect(epochForOffset(ENTRIES, offset)).to.equal(epoch)
    })
  }
})
