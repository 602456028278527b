import { expect } from 'chai'
import fc from 'fast-check'
import { decodePartitionMetadata } from '../../src/index/partition-metadata.ts'
import { messagesOf, text } from './bytes.ts'

const TOPIC_ID = 'TFmTNEL9SymmxEpSoBhDbw'

describe('decodePartitionMetadata', () => {
  for (const { name, content, version } of [
    { name: "Kafka's own layout", content: `version: 0\ntopic_id: ${TOPIC_ID}`, version: 0 },
    { name: 'line ends of another platform', content: `version: 0\r\ntopic_id:  ${TOPIC_ID}\r\n`, version: 0 }, // prettier-ignore
    { name: 'a later version with more in it', content: `version: 1\ntopic_id: ${TOPIC_ID}\nnew: 1`, version: 1 }, // prettier-ignore
  ]) {
    it(`reads ${name}`, () => {
      expect(decodePartitionMetadata(text(content))).to.deep.equal({
        version,
        topicId: TOPIC_ID,
        problems: [],
      })
    })
  }

  const cases: { name: string; content: string; messages: string[] }[] = [
    {
      name: 'an empty file',
      content: '',
      messages: [
        'line 1 should be "version: …", but is ""',
        'line 2 should be "topic_id: …", but is ""',
      ],
    },
    {
      name: 'a missing second line',
      content: 'version: 0',
      messages: ['line 2 should be "topic_id: …", but is ""'],
    },
    {
      name: 'another key',
      content: 'version: 0\ntopic: abc',
      messages: ['line 2 should be "topic_id: …", but is "topic: abc"'],
    },
    {
      name: 'a version that is no number',
      content: `version: -1\ntopic_id: ${TOPIC_ID}`,
      messages: ['the version is "-1", not a number from 0'],
    },
    {
      name: 'a short topic id',
      content: 'version: 0\ntopic_id: abc',
      messages: ['the topic id is "abc", not 16 bytes in base64url'],
    },
    {
      name: 'the all-zero topic id',
      content: `version: 0\ntopic_id: ${'A'.repeat(22)}`,
      messages: [`the topic id is "${'A'.repeat(22)}", not 16 bytes in base64url`],
    },
  ]
  for (const { name, content, messages } of cases) {
    it(`reports ${name}`, () => {
      expect(messagesOf(decodePartitionMetadata(text(content)).problems)).to.deep.equal(messages)
    })
  }

  it('gives no topic id that it does not believe', () => {
    expect(decodePartitionMetadata(text('version: 0\ntopic_id: abc')).topicId).to.be.null
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(decodePartitionMetadata(bytes).problems).to.not.be.empty
      }),
    )
  })
})
