import { expect } from 'chai'
import { abortCommand, formatBytes } from '../../src/words/words.ts'

describe('formatBytes', () => {
  for (const [bytes, text] of [
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [1_572_864, '1.5 MiB'],
    [3 * 1024 ** 3, '3.0 GiB'],
    [5000 * 1024 ** 4, '5000.0 TiB'],
  ] as const) {
    it(`writes ${bytes} as ${text}`, () => {
      expect(formatBytes(bytes)).to.equal(text)
    })
  }
})

describe('abortCommand', () => {
  const START = 'kafka-transactions.sh --bootstrap-server <host:port> abort'
  for (const [topic, partition, where] of [
    ['orders', 0, '--topic orders --partition 0'],
    [null, null, '--topic <topic> --partition <partition>'],
    ["it's", '3', "--topic 'it'\\''s' --partition 3"],
  ] as const) {
    it(`names ${topic ?? 'no topic'}`, () => {
      expect(abortCommand(topic, partition, 7n)).to.equal(`${START} ${where} --start-offset 7`)
    })
  }
})
