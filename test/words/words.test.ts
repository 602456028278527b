import { expect } from 'chai'
import { abortCommand, counted, formatBytes, plural, printable } from '../../src/words/words.ts'

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

describe('counted and plural', () => {
  it('fit the word to the number', () => {
    expect(counted(1, 'byte')).to.equal('1 byte')
    expect(counted(0n, 'entry', 'entries')).to.equal('0 entries')
    expect(counted(1024, 'byte')).to.equal('1024 bytes')
    expect(plural(1024, 'byte')).to.equal('1,024 bytes')
  })
})

describe('printable', () => {
  it('shows what a terminal would obey, and leaves letters alone', () => {
    expect(printable('naïve Ünïcode 日本.log')).to.equal('naïve Ünïcode 日本.log')
    expect(printable('a\nb\u001b[0m\u009b')).to.equal('a\\nb\\x1b[0m\\x9b')
  })
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
