import { expect } from 'chai'
import fc from 'fast-check'
import type { Loan } from '../../src/bytes/crc32c-memory.ts'
import { instantiateCrc32c } from '../../src/bytes/crc32c-memory.ts'
import { findCandidate, findV2Fields } from '../../src/segment/candidate.ts'
import type { BatchHeader } from '../../src/segment/record-batch.ts'
import { decodeBatchHeader, isPlausible, lengthFits } from '../../src/segment/record-batch.ts'
import { concat, message, noise, v2Batch } from './build.ts'

/** The rules of a header in its place, asked at every byte. */
function places(bytes: Uint8Array, fileSize: number): number[] {
  return [...bytes.keys()].filter((at) => {
    const header = decodeBatchHeader(bytes.subarray(at, at + 61), at)
    if (header === null || !lengthFits(header, fileSize) || !isPlausible(header)) return false
    return header.magic === 2 || lengthsFit(bytes, header)
  })
}

/** Key and value of an old message fill it, as far as the two lengths at fixed places tell. */
function lengthsFit(bytes: Uint8Array, { position, sizeInBytes, magic }: BatchHeader): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset + position)
  const keyAt = magic === 0 ? 18 : 26
  const key = view.getInt32(keyAt)
  const rest = sizeInBytes - keyAt - 8
  if (key > 0) return key <= rest
  const value = view.getInt32(keyAt + 4)
  return key >= -1 && (value === rest || (value === -1 && rest === 0))
}

function found(bytes: Uint8Array, fileSize: number): number[] {
  const all: number[] = []
  for (let at = -1; (at = findCandidate(bytes, at + 1, bytes.length, fileSize)) >= 0;) all.push(at)
  return all
}

describe('findCandidate', () => {
  const v2 = v2Batch({ baseOffset: 9n, records: [{ value: 'v' }] })
  let loan: Loan
  let lent: Uint8Array

  before(() => {
    const borrowed = instantiateCrc32c()?.borrow(4096)
    if (borrowed == null) throw new Error('this Node has no WebAssembly SIMD')
    loan = borrowed
    lent = borrowed.bytes
  })
  after(() => {
    loan.giveBack()
  })

  it('finds what is plausible by the rules for headers, and nothing else', () => {
    const header = fc
      .tuple(
        fc.constantFrom(v2, message({ magic: 0, value: 'v' }), message({ magic: 1, key: 'k' })),
        fc.array(fc.tuple(fc.nat(60), fc.constantFrom(0, 1, 2, 0x7f, 0x80, 0xff)), {
          maxLength: 4,
        }),
      )
      .map(([bytes, changes]) => {
        const changed = bytes.slice()
        for (const [at, value] of changed.length > 0 ? changes : [])
          changed[at % changed.length] = value
        return changed
      })
    const few = fc.array(fc.constantFrom(0, 0, 1, 2, 3, 0xff), { maxLength: 150 })
    const part = fc.oneof(
      header,
      few.map((list) => Uint8Array.from(list)),
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), fc.nat(1000), (parts, more) => {
        const bytes = concat(...parts)
        const fileSize = bytes.length + more
        const expected = places(bytes, fileSize)
        expect(found(bytes, fileSize)).to.deep.equal(expected)
        lent.fill(0x5a)
        lent.set(bytes)
        expect(found(lent.subarray(0, bytes.length), fileSize), 'in lent memory').to.deep.equal(
          expected,
        )
      }),
      { numRuns: 500 },
    )
  })

  it('looks only where it is asked to', () => {
    const bytes = concat(noise(30), v2, v2)
    expect(findCandidate(bytes, 0, 30, bytes.length)).to.equal(-1)
    expect(findCandidate(bytes, 0, 31, bytes.length)).to.equal(30)
    expect(findCandidate(bytes, 31, bytes.length, bytes.length)).to.equal(30 + v2.length)
    expect(findCandidate(bytes, 31, bytes.length, bytes.length - 1)).to.equal(-1)
  })
})

describe('findV2Fields', () => {
  const v2 = v2Batch({ baseOffset: 9n, records: [{ value: 'v' }] })

  /** The rules of a magic-2 header whatever its first 17 bytes say, asked at every byte. */
  function fieldPlaces(bytes: Uint8Array): number[] {
    return [...bytes.keys()].filter((at) => {
      const copy = bytes.slice(at, at + 61)
      if (copy.length < 61) return false
      copy.set([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 49, 0, 0, 0, 0, 2])
      const header = decodeBatchHeader(copy, at)
      return (
        header !== null && isPlausible(header) && (header.crc !== 0 || header.recordsCount !== 0)
      )
    })
  }

  function found(bytes: Uint8Array): number[] {
    const all: number[] = []
    const end = Math.max(0, bytes.length - 60)
    for (let at = -1; (at = findV2Fields(bytes, at + 1, end)) < end;) all.push(at)
    return all
  }

  it('finds the places by the rules for headers, in any memory', () => {
    const loan = instantiateCrc32c()?.borrow(4096)
    if (loan == null) throw new Error('this Node has no WebAssembly SIMD')
    const odd = fc.tuple(fc.nat(60), fc.constantFrom(0, 1, 2, 0x7f, 0x80, 0xff))
    const header = fc.array(odd, { maxLength: 4 }).map((changes) => {
      const changed = v2.slice()
      for (const [at, value] of changes) changed[at] = value
      return changed
    })
    const few = fc.array(fc.constantFrom(0, 0, 0, 1, 0xff), { maxLength: 150 })
    const part = fc.oneof(
      header,
      few.map((list) => Uint8Array.from(list)),
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        const bytes = concat(...parts)
        const expected = fieldPlaces(bytes)
        expect(found(bytes)).to.deep.equal(expected)
        loan.bytes.fill(0)
        loan.bytes.set(bytes)
        expect(found(loan.bytes.subarray(0, bytes.length)), 'in lent memory').to.deep.equal(
          expected,
        )
      }),
      { numRuns: 300 },
    )
    loan.giveBack()
  })
})
