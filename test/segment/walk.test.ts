import { expect } from 'chai'
import fc from 'fast-check'
import { memorySource } from '../../src/bytes/byte-source.ts'
import { Window } from '../../src/bytes/window.ts'
import {
  isProven,
  plausibleHeaderAt,
  walkHeaders,
  walkProvenBatches,
} from '../../src/segment/walk.ts'
import { fakeSource } from '../bytes/fake-sources.ts'
import { concat, flipByte, joinedBatches, message, noise, text, v2Batch } from './build.ts'

const WINDOWS = [128, 1024, 65_536, Infinity]

type Place = [position: number, sizeInBytes: number]

function walk(bytes: Uint8Array, windowBytes = Infinity): Place[] {
  const places: Place[] = []
  for (const header of walkProvenBatches(new Window(memorySource(bytes), windowBytes)))
    if (header !== null) places.push([header.position, header.sizeInBytes])
  return places
}

/** Parts one after the other, and where the good ones lie. */
function lay(...parts: { bytes: Uint8Array; good: boolean }[]): {
  bytes: Uint8Array
  good: Place[]
} {
  const good: Place[] = []
  let position = 0
  for (const part of parts) {
    if (part.good) good.push([position, part.bytes.length])
    position += part.bytes.length
  }
  return { bytes: concat(...parts.map(({ bytes }) => bytes)), good }
}

const good = (bytes: Uint8Array): { bytes: Uint8Array; good: boolean } => ({ bytes, good: true })
const bad = (bytes: Uint8Array): { bytes: Uint8Array; good: boolean } => ({ bytes, good: false })

const withLength = (bytes: Uint8Array, sizeInBytes: number): Uint8Array => {
  const copy = bytes.slice()
  new DataView(copy.buffer).setInt32(8, sizeInBytes - 12)
  return copy
}

const [one, two, three] = joinedBatches(3) as [Uint8Array, Uint8Array, Uint8Array]
const large = v2Batch({ baseOffset: 9n, records: [{ value: noise(100_000) }] })
const nested = v2Batch({
  baseOffset: 9n,
  records: [{ value: concat(noise(300), two, noise(300)) }],
})
const v0 = message({ magic: 0, offset: 9n, key: 'k', value: 'v' })
const v1 = message({ magic: 1, offset: 10n, value: noise(500) })

describe('walkProvenBatches', () => {
  const cases: { name: string; parts: { bytes: Uint8Array; good: boolean }[] }[] = [
    { name: 'an empty file', parts: [] },
    { name: 'fewer bytes than a header', parts: [bad(one.subarray(0, 60))] },
    { name: 'whole batches', parts: [good(one), good(two), good(three)] },
    { name: 'every magic', parts: [good(v0), good(v1), good(one), good(v0)] },
    { name: 'a batch larger than the window', parts: [good(one), good(large), good(two)] },
    {
      name: 'a flipped byte in the records',
      parts: [good(one), bad(flipByte(two, 70)), good(three)],
    },
    { name: 'a flipped CRC', parts: [bad(flipByte(one, 17)), good(two), good(three)] },
    {
      name: 'a length too large for the file',
      parts: [good(one), bad(withLength(two, 0x40000000)), good(three)],
    },
    {
      name: 'a length that swallows the next batch',
      parts: [good(one), bad(withLength(two, two.length + three.length)), good(three)],
    },
    { name: 'a length of zero', parts: [good(one), bad(withLength(two, 12)), good(three)] },
    { name: 'a negative length', parts: [good(one), bad(withLength(two, -1)), good(three)] },
    { name: 'another magic', parts: [good(one), bad(two.slice().fill(5, 16, 17)), good(three)] },
    {
      name: 'garbage before, between and after',
      parts: [bad(noise(100)), good(one), bad(noise(5000)), good(two), bad(noise(17))],
    },
    { name: 'one byte too many', parts: [good(one), bad(Uint8Array.of(0)), good(two)] },
    { name: 'one byte missing', parts: [good(one), bad(two.subarray(1)), good(three)] },
    { name: 'a torn end', parts: [good(one), good(two), bad(three.subarray(0, 70))] },
    {
      name: 'zeros between and after',
      parts: [good(one), bad(new Uint8Array(70_000)), good(v0), bad(new Uint8Array(3000))],
    },
    { name: 'nothing but zeros', parts: [bad(new Uint8Array(10_000))] },
    {
      name: 'damage before an old message',
      parts: [good(one), bad(flipByte(v1, 30)), good(v0), good(v1)],
    },
    {
      name: 'damage in a batch larger than the window',
      parts: [good(one), bad(flipByte(large, 50_000)), good(two)],
    },
    {
      name: 'a batch in the value of an intact batch',
      parts: [good(one), good(nested), good(three)],
    },
    {
      name: 'a batch in the value of an intact batch behind damage',
      parts: [bad(noise(90)), good(nested), good(three)],
    },
    {
      name: 'a batch in the value of an intact batch behind a damaged batch',
      parts: [bad(flipByte(one, 70)), good(nested), good(three)],
    },
    {
      name: 'a whole file in the value of an intact batch behind damage',
      parts: [
        bad(flipByte(one, 70)),
        good(v2Batch({ records: [{ value: concat(one, two, three) }] })),
        good(two),
      ],
    },
    {
      name: 'an old message in the value of an old one behind damage',
      parts: [
        bad(noise(61)),
        good(message({ magic: 0, value: concat(v0, v0, text('x')) })),
        good(three),
      ],
    },
  ]
  for (const { name, parts } of cases) {
    it(`finds all that is good, and only that: ${name}`, () => {
      const { bytes, good: expected } = lay(...parts)
      for (const windowBytes of WINDOWS)
        expect(walk(bytes, windowBytes), `window of ${windowBytes}`).to.deep.equal(expected)
    })
  }

  it('gives a batch in its place whose flags are odd, since its CRC holds', () => {
    const odd = v2Batch({ attributes: 0x4080, producerId: -9n })
    const { bytes, good: expected } = lay(good(one), good(odd), good(two))
    expect(walk(bytes)).to.deep.equal(expected)
  })

  it('gives the inner batch only where the outer one is damaged itself', () => {
    const outer = flipByte(nested, 100)
    const inside = Buffer.from(outer).indexOf(two)
    expect(walk(concat(one, outer, three))).to.deep.equal([
      [0, one.length],
      [one.length + inside, two.length],
      [one.length + outer.length, three.length],
    ])
  })

  it('finds the same through every window, whatever the bytes', () => {
    const parts = fc.oneof(
      fc.constantFrom(one, two, three, v0, v1, nested),
      fc.uint8Array({ maxLength: 90 }),
      fc.nat(200).map((size) => new Uint8Array(size)),
      fc
        .tuple(fc.constantFrom(one, two, v1, nested), fc.nat(2000))
        .map(([bytes, at]) => flipByte(bytes, at % bytes.length)),
      fc
        .tuple(fc.constantFrom(one, two), fc.integer())
        .map(([bytes, size]) => withLength(bytes, size)),
    )
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 8 }), (list) => {
        const bytes = concat(...list)
        const places = walk(bytes)
        for (const windowBytes of WINDOWS) expect(walk(bytes, windowBytes)).to.deep.equal(places)
        let end = 0
        for (const [position, size] of places) {
          expect(position).to.be.at.least(end)
          end = position + size
        }
        expect(end).to.be.at.most(bytes.length)
      }),
    )
  })

  it('lets the others be found when one batch is damaged', () => {
    const batches = joinedBatches(8)
    fc.assert(
      fc.property(
        fc.nat(7),
        fc.nat(10_000),
        fc.integer({ min: 1, max: 255 }),
        (which, at, mask) => {
          const parts = batches.map((bytes, index) => {
            // The bytes outside the CRC (offset, epoch) may change and the batch is still proven.
            const position = at % bytes.length
            const guarded = position >= 16 || (position >= 8 && position < 12)
            return index === which && guarded ? bad(flipByte(bytes, position, mask)) : good(bytes)
          })
          const { bytes, good: expected } = lay(...parts)
          expect(walk(bytes, 1024)).to.deep.equal(expected)
        },
      ),
    )
  })

  it('gives its caller a turn during a long search', () => {
    const window = new Window(memorySource(noise(100_000)), 1024)
    const found = [...walkProvenBatches(window)]
    expect(found.length).to.be.above(90)
    expect(found.every((header) => header === null)).to.be.true
  })

  it('goes on behind bytes that the device does not give, and proves nothing by them', () => {
    const batches = joinedBatches(30)
    const { bytes } = lay(...batches.map(good))
    const window = new Window(fakeSource(bytes, { bad: [[1100, 1101]] }), 1024)
    const found = [...walkProvenBatches(window)].flatMap((header) => header ?? [])
    expect(window.unreadable).to.have.lengthOf(1)
    const whole = walk(bytes).filter(
      ([position, size]) => position + size <= 1024 || position >= 1536,
    )
    expect(found.map(({ position, sizeInBytes }): Place => [position, sizeInBytes])).to.deep.equal(
      whole,
    )
  })

  for (const windowBytes of WINDOWS) {
    it(`ends at the end of a file that became smaller: window of ${windowBytes}`, () => {
      const bytes = concat(...joinedBatches(20, 1))
      for (let left = 0; left < bytes.length; left += 25) {
        const source = fakeSource(bytes.subarray(0, left), { size: bytes.length })
        const found: Place[] = []
        for (const header of walkProvenBatches(new Window(source, windowBytes))) {
          if (header !== null) found.push([header.position, header.sizeInBytes])
          if (source.reads.length > 1000 || found.length > 20) break // it would go on for ever
        }
        expect(source.reads.length, `reads, with ${left} bytes left`).to.be.at.most(1000)
        const whole = walk(bytes).filter(([position, size]) => position + size <= left)
        expect(found, `${left} bytes are left`).to.deep.equal(whole)
      }
    })
  }
})

describe('plausibleHeaderAt', () => {
  it('is null where nothing could be a batch', () => {
    const window = new Window(memorySource(concat(one, noise(80), two.subarray(0, 70))))
    expect(plausibleHeaderAt(window, 0)).to.include({ position: 0, sizeInBytes: one.length })
    expect(plausibleHeaderAt(window, one.length)).to.equal(null)
    expect(plausibleHeaderAt(window, one.length + 80)).to.equal(null)
    expect(plausibleHeaderAt(window, 100_000)).to.equal(null)
  })
})

describe('isProven', () => {
  it('holds for whole batches of any magic', () => {
    for (const bytes of [one, v0, v1, large]) {
      const window = new Window(memorySource(bytes), 1024)
      const header = plausibleHeaderAt(window, 0)
      expect(header !== null && isProven(window, header)).to.be.true
      const damaged = new Window(memorySource(flipByte(bytes, bytes.length - 1)), 1024)
      expect(header !== null && isProven(damaged, header)).to.be.false
    }
  })
})

describe('walkHeaders', () => {
  it('gives the headers of a run that is known to be whole', () => {
    const window = new Window(memorySource(concat(one, two, three)), 128)
    const end = one.length + two.length
    expect([...walkHeaders(window, 0, end)].map(({ position }) => position)).to.deep.equal([
      0,
      one.length,
    ])
    expect([...walkHeaders(window, one.length, end)]).to.have.lengthOf(1)
  })

  it('ends where there is no header after all', () => {
    const window = new Window(memorySource(concat(one, noise(100))))
    expect([...walkHeaders(window, 0, one.length + 100)]).to.have.lengthOf(1)
  })
})
