import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ExplainArguments } from '../../src/commands/explain.ts'
import { encodeEmptyBatch } from '../../src/segment/record-batch.ts'
import { InvalidArgumentError } from '../../src/errors.ts'
import type { Answer } from './explain-answers.ts'
import { ask, run, write } from './explain-answers.ts'
import { batchBytes, EXAMPLE, healthyBatches } from './support.ts'

const SEGMENTS = join(import.meta.dirname, '../segments')
const LOG = '00000000000000000000.log'

const meaning = ({ fields }: Answer, name: string): string =>
  fields.find((field) => field.name === name)?.meaning ?? ''

describe('kmend explain', () => {
  const batches = (): Uint8Array[] => healthyBatches(0n, 4)

  it('finds a good batch by offset and by position, and explains each field', async () => {
    const path = write(...batches())
    const size = batches()[0]!.length
    const byOffset = await ask(path, { offset: '7' })
    expect(byOffset).to.deep.equal(await ask(path, { position: (3 * size - 1).toString() }))
    expect(byOffset).to.include({ position: 2 * size, reason: null, recordsAreVerified: true })
    expect(byOffset.computedCrc).to.equal(byOffset.storedCrc)
    expect(byOffset.fields.map(({ name }) => name)).to.have.length(13)
    expect(meaning(byOffset, 'baseOffset')).to.equal('first offset, right after 5')
    expect(meaning(byOffset, 'batchLength')).to.equal(
      `the batch ends at ${3 * size}, where another begins`,
    )
    expect(meaning(byOffset, 'lastOffsetDelta')).to.equal('last offset 8')
    expect(meaning(byOffset, 'crc')).to.match(/as computed/)
    expect(meaning(byOffset, 'baseSequence')).to.equal('sequences 6 to 8')
    expect(byOffset.records).to.have.length(3)
    expect(byOffset.records[0]).to.match(
      /^offset 6 {2}time 1700000000006 {2}key null {2}value "a6 a6/,
    )
  })

  it('shows of a batch whose CRC fails both CRCs, what scan says, and records as not to be trusted', async () => {
    const all = batches()
    // More than can be undone.
    all[1]!.fill(0xee, 70, 110)
    const path = write(...all)
    const answer = await ask(path, { offset: '4' })
    expect(answer).to.include({ reason: 'crc-mismatch', recordsAreVerified: false })
    expect(answer.storedCrc).not.to.equal(answer.computedCrc)
    expect(answer.verdict).to.include({ reason: 'crc-mismatch', outcome: 'skipped' })
    expect(answer.hexDump[0]).to.match(/00 00 00 00 00 00 00 03/)
    const text = await run([path], { offset: '4' })
    expect(text).to.contain('DAMAGED: crc-mismatch')
    expect(text).to.contain('NOT the same')
    expect(text).to.contain('scan says: crc-mismatch; repair would skip it')
    expect(answer.verdict!.attempt!.why).not.to.equal('')
    expect(answer.verdict!.attempt!.falseMatchTried).to.be.above(0)
    expect(text).to.match(
      /\nbytes\n[^]*\nrepair\n[^]*nothing was undone\n {4}\S.*\n[^]*would have been found: \d\.\de-\d/,
    )
    expect(text).to.contain('good offsets around it: up to 2, from 6')
    for (const line of text.split('\n')) expect(line.length, line).to.be.below(180)
  })

  it('says how repair would put a flipped bit right', async () => {
    const all = batches()
    all[1]![90]! ^= 1
    const path = write(...all)
    const { verdict } = await ask(path, { offset: '4' })
    expect(verdict).to.include({ reason: 'crc-mismatch', outcome: 'repaired' })
    expect(verdict!.changes).to.have.length(1)
    expect(await run([path], { offset: '4' })).to.match(
      /\nrepair\n.*repair would put it right\n {2}as it was before\n {4}records: byte \d+ bit 0: .* -> .*\n {4}proven by crc,.*; chance of an accident \d\.\de-\d/,
    )
    expect(verdict!.attempt).to.equal(null)
  })

  it('says of a batch that does not decode why', async () => {
    const lz4 = batchBytes({ baseOffset: 12n, values: ['x', 'y', 'z'], attributes: 3 })
    const path = write(...batches(), lz4)
    const answer = await ask(path, { offset: '13' })
    expect(answer.reason).to.equal('decompression-failed')
    expect(answer.records).to.deep.equal([])
    expect(answer.verdict).to.include({ reason: 'decompression-failed', outcome: 'skipped' })
    const text = await run([path], { offset: '13' })
    expect(text).to.contain('only scan --deep finds this')
    expect(text).to.contain('scan says: decompression-failed; repair would skip it')
  })

  it('shows bytes that are no batch, and finds them by the offsets that are missing', async () => {
    const [a, , c] = batches() as [Uint8Array, Uint8Array, Uint8Array]
    const path = write(a, new TextEncoder().encode('nothing that was ever a batch'), c)
    const answer = await ask(path, { offset: '4' })
    expect(answer).to.include({ reason: 'unrecognised-bytes', position: a.length })
    expect(answer.fields).to.deep.equal([])
    expect(answer.hexDump[0]).to.match(/\|nothing that was\|$/)
    expect(meaning(await ask(path, { offset: '6' }), 'baseOffset')).to.equal(
      'first offset; 3 offsets are missing after 2',
    )
  })

  it('explains a torn end', async () => {
    const [a, b] = batches() as [Uint8Array, Uint8Array]
    const answer = await ask(write(a, b.subarray(0, 100)), { offset: '3' })
    expect(answer.reason).to.equal('torn-tail')
    expect(meaning(answer, 'batchLength')).to.match(/bytes beyond the file$/)
    expect(answer.computedCrc).to.equal(null)
  })

  const healthy: readonly [string, string, string, RegExp][] = [
    [
      'a marker',
      'kafka-4.1.0/payments-txn-0/00000000000000000040.log',
      '41',
      /control \{"type":"COMMIT"/,
    ],
    [
      'a delete horizon',
      'kafka-4.1.0/customers-compacted-0/00000000000000000000.log',
      '1988',
      /delete horizon: 2026-/,
    ],
    [
      'a message of format 0',
      'kafka-2.8.2/legacy-v0-none-0/00000000000000001440.log',
      '1444',
      /magic +0 +message format 0/,
    ],
    [
      'a wrapper of format 1',
      'kafka-2.8.2/legacy-v1-gzip-appendtime-0/00000000000000000000.log',
      '70',
      /offset +119 +last offset of a compressed wrapper/,
    ],
  ]
  for (const [name, file, offset, expected] of healthy)
    it(`explains ${name}`, async () => {
      const text = await run([join(SEGMENTS, file)], { offset })
      expect(text).to.contain('a good batch')
      expect(text).to.match(expected)
    })

  it('explains an emptied batch', async () => {
    const empty = { baseOffset: 0n, lastOffset: 9n, maxTimestamp: -1n, partitionLeaderEpoch: -1 }
    const answer = await ask(write(encodeEmptyBatch(empty)), { offset: '5' })
    expect(meaning(answer, 'recordsCount')).to.equal(
      'none: an emptied batch that keeps its 10 offsets',
    )
    expect(meaning(answer, 'maxTimestamp')).to.equal('none')
  })

  it('keeps control characters of records away from the terminal', async () => {
    const path = write(batchBytes({ baseOffset: 0n, values: ['\u001b[31mred', '\u0000'] }))
    const text = await run([path], { offset: '0' })
    expect(text).to.contain('"\\u001B[31mred"').and.not.contain('\u001b')
  })

  const wrong: readonly [string, readonly string[], Partial<ExplainArguments>, RegExp][] = [
    ['no target', [join(EXAMPLE, LOG)], {}, /needs either/],
    ['two targets', [join(EXAMPLE, LOG)], { offset: '1', position: '1' }, /needs either/],
    [
      'a target that is no number',
      [join(EXAMPLE, LOG)],
      { offset: 'x' },
      /--offset wants a whole number from 0 on, not x/,
    ],
    [
      'an offset that is not there',
      [join(EXAMPLE, LOG)],
      { offset: '99999' },
      /there is no offset 99999 in it/,
    ],
    ['a directory', [EXAMPLE], { offset: '1' }, /is a directory/],
    ['an index', [join(EXAMPLE, '00000000000000000000.index')], { offset: '1' }, /is no log/],
    ['two files', [join(EXAMPLE, LOG), join(EXAMPLE, LOG)], { offset: '1' }, /one file at a time/],
  ]
  for (const [name, paths, changes, message] of wrong)
    it(`refuses ${name}`, async () => {
      const error: unknown = await run(paths, changes).catch((thrown: unknown) => thrown)
      expect(error).to.be.instanceOf(InvalidArgumentError)
      expect((error as Error).message).to.match(message)
    })

  it('never throws for a place in a damaged file', async () => {
    const bytes = Uint8Array.from(readFileSync(join(EXAMPLE, '00000000000000001793.log')))
    for (let at = 7; at < bytes.length; at += 9000) bytes[at]! ^= 0xff
    const path = write(bytes)
    for (let position = 0; position < bytes.length; position += 45_000)
      expect((await ask(path, { position: position.toString() })).position).to.be.at.most(position)
  })
})
