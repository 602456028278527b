import { expect } from 'chai'
import fc from 'fast-check'
import { memorySource } from '../../src/bytes/byte-source.ts'
import { Window } from '../../src/bytes/window.ts'
import { copyBatches } from '../../src/recover/copy-range.ts'
import { walkHeaders } from '../../src/segment/walk.ts'
import { fakeSource } from '../bytes/fake-sources.ts'
import { concat, joinedBatches, message, noise, v2Batch } from '../segment/build.ts'

function copy(window: Window, from: number, end: number): { bytes: Uint8Array; places: number[] } {
  const [parts, places]: [Uint8Array[], number[]] = [[], []]
  for (const part of copyBatches(window, from, end, ({ position }) => places.push(position)))
    parts.push(part.slice())
  return { bytes: concat(...parts), places }
}

describe('copyBatches', () => {
  const batches = [
    ...joinedBatches(5),
    message({ magic: 0, value: 'v' }),
    message({ magic: 1, key: 'k' }),
    v2Batch({ records: [{ value: noise(3000) }] }),
  ]

  it('gives every byte once, and every header in it, through any window', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...batches), { maxLength: 30 }),
        fc.nat(5),
        fc.constantFrom(128, 200, 1024, Infinity),
        (parts, first, windowBytes) => {
          const file = concat(...parts)
          const from = concat(...parts.slice(0, first)).length
          const window = new Window(memorySource(file), windowBytes)
          const { bytes, places } = copy(window, from, file.length)
          expect(Buffer.compare(bytes, file.subarray(from))).to.equal(0)
          const headers = [...walkHeaders(window, from, file.length)]
          expect(places).to.deep.equal(headers.map(({ position }) => position))
        },
      ),
    )
  })

  it('reads the range once', () => {
    const file = concat(...Array.from({ length: 40 }, () => concat(...batches)))
    const source = fakeSource(file)
    copy(new Window(source, 16_384), 0, file.length)
    expect(source.bytesRead).to.be.below(1.05 * file.length)
  })

  it('ends with a file that became smaller', () => {
    const file = concat(...batches)
    const source = fakeSource(file.subarray(0, 500), { size: file.length })
    expect(copy(new Window(source, 128), 0, file.length).bytes).to.have.lengthOf(500)
  })
})
