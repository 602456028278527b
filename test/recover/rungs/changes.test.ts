import { expect } from 'chai'
import { describeChanges, touchedFields } from '../../../src/recover/rungs/changes.ts'
import { applyEdits } from '../../../src/recover/rungs/edits.ts'
import type { Edit } from '../../../src/recover/rungs/edits.ts'
import { message, v2Batch } from '../../segment/build.ts'

const batch = v2Batch({ baseOffset: 5n, records: [{ value: 'some value that is long enough' }] })

const edit = (at: number, ...inserted: readonly number[]): Edit => ({
  at,
  removed: inserted.length,
  inserted: Uint8Array.from(inserted),
})

const changesOf = (bytes: Uint8Array, edits: readonly Edit[]): unknown[] =>
  describeChanges(bytes, applyEdits(bytes, edits), edits).map(Object.values)

describe('describeChanges', () => {
  it('names a header field with both its values, however few of its bytes differ', () => {
    expect(changesOf(batch, [edit(60, 3)])).to.deep.equal([['recordsCount', '1', '3']])
    expect(changesOf(batch, [edit(51, 0, 7)])).to.deep.equal([['producerEpoch', '-1', '7']])
  })

  it('prints a CRC as other messages do', () => {
    const stored = Buffer.from(batch.subarray(17, 21)).toString('hex')
    expect(changesOf(batch, [edit(17, 1, 2, 3, 4)])).to.deep.equal([
      ['crc', `0x${stored}`, '0x01020304'],
    ])
  })

  it('gives the place of a bit, of a byte and of a few bytes behind the header', () => {
    const byte = batch[70] ?? 0
    const hex = byte.toString(16).padStart(2, '0')
    expect(changesOf(batch, [edit(70, byte ^ 8)])[0]).to.deep.equal([
      'records',
      `byte 70 bit 3: 0x${hex}`,
      `0x${(byte ^ 8).toString(16).padStart(2, '0')}`,
    ])
    expect(changesOf(batch, [edit(70, byte ^ 9)])[0]).to.include(`byte 70: 0x${hex}`)
    expect(changesOf(batch, [edit(70, 1, 2)])[0]).to.include('0x0102')
  })

  it('counts more than eight bytes', () => {
    const many = edit(62, ...Array.from({ length: 20 }, (_, index) => index))
    expect(changesOf(batch, [many])).to.deep.equal([
      ['records', 'bytes 62 to 81', 'bytes 62 to 81, replaced'],
    ])
  })

  it('splits a stretch that begins in the header', () => {
    const fields = changesOf(batch, [edit(57, 0, 0, 0, 9, 0x3e, 0)])
    expect(fields[0]).to.deep.equal(['recordsCount', '1', '9'])
    expect((fields[1] as string[])[0]).to.equal('records')
  })

  it('knows the shorter headers of magic 0 and 1', () => {
    const key = { key: 'key', value: 'value' }
    const old = message({ magic: 0, ...key })
    expect(changesOf(old, [edit(18, 1)])).to.deep.equal([
      ['records', 'byte 18 bit 0: 0x00', '0x01'],
    ])
    const newer = message({ magic: 1, ...key })
    expect(changesOf(newer, [edit(25, 0)])).to.deep.equal([['timestamp', '1000', '768']])
  })
})

describe('touchedFields', () => {
  const touched = (edits: readonly Edit[]): string[] => [
    ...touchedFields(batch, applyEdits(batch, edits), edits),
  ]
  /** A byte was put in at a place of the batch, and is taken out again. */
  const moved = (at: number): string[] => {
    const source = applyEdits(batch, [{ at, removed: 0, inserted: Uint8Array.of(1) }])
    return [...touchedFields(source, batch, [{ at, removed: 1, inserted: new Uint8Array() }])]
  }

  it('are those that differ when no byte moves', () => {
    expect(touched([edit(60, 3), edit(70, 0)])).to.deep.equal(['recordsCount'])
    expect(touched([edit(60, 1)])).to.deep.equal([])
  })

  it('are all from the first moved byte on', () => {
    expect(moved(51)).to.deep.equal(['producerEpoch', 'baseSequence', 'recordsCount'])
    expect(moved(61)).to.deep.equal([])
  })

  it('are all when a field outside the CRC was torn apart', () => {
    expect(moved(16)).to.have.length(13)
    expect(moved(9)).to.include('baseOffset')
  })
})
