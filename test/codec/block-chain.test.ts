import { expect } from 'chai'
import fc from 'fast-check'
import { blockChain } from '../../src/codec/block-chain.ts'

describe('blockChain', () => {
  /** Each byte says how many bytes on the next block is; 0 is none. */
  const nextIn =
    (bytes: Uint8Array) =>
    (position: number): number | undefined => {
      const end = position + (bytes[position] ?? 0)
      return end === position || end > bytes.length ? undefined : end
    }

  it('knows the places that lead to the end', () => {
    const bytes = Uint8Array.of(2, 9, 3, 1, 9, 1)
    const chain = blockChain(bytes.length, [bytes.length], nextIn(bytes))
    const places = [0, 1, 2, 3, 4, 5, 6].filter((place) => chain.has(place))
    expect(places).to.deep.equal([0, 2, 5, 6])
    expect([0, 1, 3, 6].map((place) => chain.next(place))).to.deep.equal([0, 2, 5, undefined])
  })

  it('takes any of several ends, and none of them for a block', () => {
    const bytes = Uint8Array.of(3, 5, 9, 0, 9, 9)
    const chain = blockChain(bytes.length, [3, 6], nextIn(bytes))
    expect([0, 1, 2].map((place) => chain.has(place))).to.deep.equal([true, true, false])
    expect(chain.next(2)).to.equal(undefined)
    expect([-1, 7].map((place) => chain.has(place))).to.deep.equal([false, false])
  })

  it('agrees with walking from each place', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60, max: 12 }), (bytes) => {
        const next = nextIn(bytes)
        const chain = blockChain(bytes.length, [bytes.length], next)
        for (let start = 0; start <= bytes.length; start++) {
          let at: number | undefined = start
          while (at !== undefined && at < bytes.length) at = next(at)
          expect(chain.has(start)).to.equal(at === bytes.length)
        }
      }),
    )
  })
})
