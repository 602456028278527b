import { expect } from 'chai'
import fc from 'fast-check'
import { applyEdits, editsTo, keepsPlaces, sameBytes } from '../../../src/recover/rungs/edits.ts'

const bytes = Uint8Array.of(0, 1, 2, 3, 4, 5)

describe('applyEdits', () => {
  const cases = [
    { name: 'nothing', edits: [], expected: [0, 1, 2, 3, 4, 5] },
    {
      name: 'a changed byte',
      edits: [{ at: 2, removed: 1, inserted: Uint8Array.of(9) }],
      expected: [0, 1, 9, 3, 4, 5],
    },
    {
      name: 'bytes taken out at the start and put in at the end',
      edits: [
        { at: 0, removed: 2, inserted: new Uint8Array() },
        { at: 6, removed: 0, inserted: Uint8Array.of(7, 8) },
      ],
      expected: [2, 3, 4, 5, 7, 8],
    },
    {
      name: 'touching edits of different sizes',
      edits: [
        { at: 1, removed: 1, inserted: Uint8Array.of(7, 7, 7) },
        { at: 2, removed: 3, inserted: Uint8Array.of(8) },
      ],
      expected: [0, 7, 7, 7, 8, 5],
    },
  ]
  for (const { name, edits, expected } of cases) {
    it(`applies ${name} to a copy`, () => {
      expect([...applyEdits(bytes, edits)]).to.deep.equal(expected)
      expect([...bytes]).to.deep.equal([0, 1, 2, 3, 4, 5])
    })
  }
})

describe('editsTo', () => {
  it('gives one edit for each run of bytes that differ, and they lead there', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 30, maxLength: 30, max: 2 }),
        fc.uint8Array({ maxLength: 20, max: 2 }),
        fc.nat(10),
        (source, replacement, at) => {
          const edits = editsTo(source, at, replacement)
          const expected = source.slice()
          expected.set(replacement, at)
          expect(sameBytes(applyEdits(source, edits), expected)).to.equal(true)
          expect(keepsPlaces(edits)).to.equal(true)
          for (const [index, edit] of edits.entries()) {
            const before = edits[index - 1]
            if (before !== undefined) expect(edit.at).to.be.greaterThan(before.at + before.removed)
          }
        },
      ),
    )
  })
})
