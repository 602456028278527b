import { expect } from 'chai'
import fc from 'fast-check'
import type { Edit } from '../../src/recover/edits.ts'
import {
  applyEdits,
  composeEdits,
  editsTo,
  keepsPlaces,
  overwriteAfter,
  sameBytes,
} from '../../src/recover/edits.ts'

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

/** Edits that fit an entry of this size: cut into stretches, each of which is left, replaced, or added to. */
const editsFor = (size: number): fc.Arbitrary<readonly Edit[]> =>
  fc
    .tuple(
      fc.uniqueArray(fc.nat(size), { maxLength: 8 }),
      fc.array(fc.uint8Array({ maxLength: 5 }), { minLength: 4, maxLength: 4 }),
    )
    .map(([places, inserted]) => {
      const sorted = places.toSorted((a, b) => a - b)
      return Array.from({ length: Math.floor(sorted.length / 2) }, (_, index) => {
        const [at, end] = [sorted[2 * index]!, sorted[2 * index + 1]!]
        return { at, removed: end - at, inserted: inserted[index]! }
      })
    })

describe('composeEdits', () => {
  it('does in one go what two lists of edits do one after the other, also where they overlap', () => {
    const pairs = fc
      .tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat())
      .chain(([entry]) =>
        editsFor(entry.length).chain((first) => {
          const between = applyEdits(entry, first)
          return editsFor(between.length).map((second) => ({ entry, first, second, between }))
        }),
      )
    fc.assert(
      fc.property(pairs, ({ entry, first, second, between }) => {
        const composed = composeEdits(first, second)
        expect(applyEdits(entry, composed)).to.deep.equal(applyEdits(between, second))
        composed.forEach(({ at }, index) => {
          const before = composed[index - 1]
          if (before !== undefined) expect(at).to.be.at.least(before.at + before.removed)
        })
      }),
    )
  })
})

describe('overwriteAfter', () => {
  it('counts in the entry as the edits leave it', () => {
    const edits = [{ at: 1, removed: 3, inserted: Uint8Array.of(8) }]
    const both = overwriteAfter(edits, 1, Uint8Array.of(7, 6))
    expect([...applyEdits(bytes, both)]).to.deep.equal([0, 7, 6, 5])
  })
})
