import { expect } from 'chai'
import fc from 'fast-check'
import { decodeOffsetCheckpoint } from '../../src/index/offset-checkpoint.ts'
import { messagesOf, text } from './bytes.ts'

describe('decodeOffsetCheckpoint', () => {
  it('names partitions as their directories are named', () => {
    const { offsets, problems } = decodeOffsetCheckpoint(
      text('0\n2\ntopicA 0 1234\nmy-topic.x_y 7 9223372036854775807\n'),
    )
    expect([...offsets]).to.deep.equal([
      ['topicA-0', 1234n],
      ['my-topic.x_y-7', 9223372036854775807n],
    ])
    expect(problems).to.deep.equal([])
  })

  const cases: { name: string; line: string; message: string }[] = [
    {
      name: 'a missing offset',
      line: 'topicA 0',
      message: 'line 3 should be a topic, a partition and an offset, but is "topicA 0"',
    },
    {
      name: 'a fourth word',
      line: 'topicA 0 1 2',
      message: 'line 3 should be a topic, a partition and an offset, but is "topicA 0 1 2"',
    },
    {
      name: 'a partition that is no number',
      line: 'topicA x 1',
      message: 'line 3 should be a topic, a partition and an offset, but is "topicA x 1"',
    },
    {
      name: 'an empty line',
      line: '',
      message: 'line 3 should be a topic, a partition and an offset, but is ""',
    },
  ]
  for (const { name, line, message } of cases) {
    it(`reports ${name}, and reads the rest`, () => {
      const { offsets, problems } = decodeOffsetCheckpoint(text(`0\n2\n${line}\ntopicB 1 5\n`))
      expect(messagesOf(problems)).to.deep.equal([message])
      expect([...offsets]).to.deep.equal([['topicB-1', 5n]])
    })
  }

  it('reports a partition named twice and keeps the later line', () => {
    const { offsets, problems } = decodeOffsetCheckpoint(text('0\n2\na 0 1\na 0 2\n'))
    expect(messagesOf(problems)).to.deep.equal([
      'line 4 names "a-0", which an earlier line has too',
    ])
    expect(offsets.get('a-0')).to.equal(2n)
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (rest) => {
        decodeOffsetCheckpoint(text(`0\n1\n${rest}`))
      }),
    )
  })
})
