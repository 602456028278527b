import { expect } from 'chai'
import fc from 'fast-check'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { memorySource } from '../../src/bytes/byte-source.ts'
import { Window } from '../../src/bytes/window.ts'
import type { BatchHeader } from '../../src/segment/record-batch.ts'
import {
  crcCoverage,
  decodeBatchHeader,
  isPlausible,
  lengthFits,
} from '../../src/segment/record-batch.ts'
import { createSweeps, resync } from '../../src/segment/resync.ts'
import { walkProvenBatches } from '../../src/segment/walk.ts'
import { fakeSource } from '../bytes/fake-sources.ts'
import { concat, encodeRecord, fixCrc, joinedBatches, message, noise, v2Batch } from './build.ts'

const MIB = 1024 * 1024
type Found = BatchHeader | null

function resyncNow(window: Window, start: number, sweeps = createSweeps(window)): Found {
  const search = resync(window, sweeps, start)
  for (;;) {
    const { done, value } = search.next()
    if (done === true) return value
  }
}

/** Where batches are found from `start` on, searching again behind each. */
function placesFrom(bytes: Uint8Array, start: number, windowBytes: number): number[] {
  const window = new Window(memorySource(bytes), windowBytes)
  const sweeps = createSweeps(window)
  const places: number[] = []
  for (let found = resyncNow(window, start, sweeps); found !== null;) {
    places.push(found.position)
    found = resyncNow(window, found.position + found.sizeInBytes, sweeps)
  }
  return places
}

/** A header with everything right but its CRC. */
function falseHeader(sizeInBytes: number): Uint8Array {
  const bytes = v2Batch({ records: [], recordsCount: 0, lastOffsetDelta: 0 })
  const view = new DataView(bytes.buffer)
  view.setInt32(8, sizeInBytes - 12)
  view.setUint32(17, view.getUint32(17) ^ 1)
  return bytes
}

/** `size` bytes of copies of what `part` gives for each place. */
function filled(size: number, part: (position: number) => Uint8Array): Uint8Array {
  const bytes = new Uint8Array(size)
  for (let position = 0; ;) {
    const next = part(position)
    if (position + next.length > size) return bytes
    bytes.set(next, position)
    position += next.length
  }
}

describe('resync', () => {
  const batches = joinedBatches(6)
  const bytes = concat(noise(333), ...batches)

  for (const windowBytes of [128, 1024, 65_536, MIB]) {
    it(`finds the next batches after damage, window of ${windowBytes}`, () => {
      expect(placesFrom(bytes, 0, windowBytes)[0]).to.equal(333)
      expect(placesFrom(bytes, 334, windowBytes)[0]).to.equal(333 + (batches[0]?.length ?? 0))
    })
  }

  it('stops soon after it found its feet, so that walking goes on from there', () => {
    const long = concat(noise(100), ...joinedBatches(2000))
    const source = fakeSource(long)
    expect(resyncNow(new Window(source, 4096), 0)?.position).to.equal(100)
    expect(source.bytesRead).to.be.below(4 * 4096)
  })

  it('finds a header that straddles two views', () => {
    for (let shift = 0; shift < 130; shift++)
      expect(placesFrom(concat(noise(1024 - 100 + shift), ...batches), 0, 1024)[0]).to.equal(
        924 + shift,
      )
  })

  it('finds nothing where nothing is', () => {
    expect(placesFrom(noise(10_000), 0, 1024)).to.deep.equal([])
    expect(placesFrom(new Uint8Array(10_000), 0, 1024)).to.deep.equal([])
    expect(placesFrom(new Uint8Array(), 0, 1024)).to.deep.equal([])
    expect(placesFrom(bytes, bytes.length, 1024)).to.deep.equal([])
  })

  it('gives a batch out only when no batch before it can still contain it', () => {
    const inner = joinedBatches(3)
    const outer = v2Batch({ records: [{ value: concat(...inner, noise(20_000)) }] })
    for (const windowBytes of [128, 1024, 65_536])
      expect(placesFrom(concat(noise(50), outer), 0, windowBytes)).to.deep.equal([50])
  })

  it('does not read to its end what a message claims whose key and value do not fill it', () => {
    const claim = message({ magic: 0, key: 'key', value: noise(2 * MIB) })
    new DataView(claim.buffer).setInt32(25, 5)
    const source = fakeSource(concat(noise(7), claim.subarray(0, 4000), ...batches, noise(3 * MIB)))
    expect(resyncNow(new Window(source, 4096), 0)?.position).to.equal(4007)
    expect(source.bytesRead).to.be.below(100_000)
    // Not even where a CRC proves it: a consumer could not read it.
    expect(placesFrom(concat(noise(7), fixCrc(claim), ...batches), 0, 4096)[0]).to.equal(
      7 + claim.length,
    )
    const small = concat(noise(7), falseHeader(9000), fixCrc(claim.slice()), ...batches)
    expect(placesFrom(small, 0, 4096)[0]).to.equal(68 + claim.length)
    const empty = message({ magic: 1, key: 'k', value: '' })
    const without = message({ magic: 1, key: 'k' })
    expect(placesFrom(concat(noise(9), empty, without), 0, 4096)).to.have.length(2)
  })

  /** The rules and nothing else: every place in order, every CRC on its own. */
  function reference(whole: Uint8Array): number[] {
    const places: number[] = []
    for (let at = 0; at < whole.length; at++) {
      const header = decodeBatchHeader(whole.subarray(at, at + 61), at)
      if (header === null || !lengthFits(header, whole.length) || !isPlausible(header)) continue
      const { crc, start } = crcCoverage(header.magic)
      const end = at + header.sizeInBytes
      if (crc.update(0, whole, at + start, end) !== header.crc) continue
      places.push(at)
      at = end - 1
    }
    return places
  }

  it('finds what the rules give, whatever headers lie over each other', () => {
    const v0 = message({ magic: 0, key: 'k', value: 'v' })
    const nested = v2Batch({ records: [{ value: concat(v0, batches[1] ?? v0, noise(30)) }] })
    const part = fc.oneof(
      fc.constantFrom(v0, nested, ...batches.slice(0, 2)),
      fc.integer({ min: 26, max: 3000 }).map(falseHeader),
      fc.uint8Array({ maxLength: 40 }),
      fc.array(fc.constantFrom(0, 2, 3), { maxLength: 200 }).map((few) => Uint8Array.from(few)),
      fc
        .tuple(fc.constantFrom(v0, nested), fc.nat(500))
        .map(([bytes, cut]) => bytes.subarray(0, cut % bytes.length)),
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const whole = concat(...parts)
        const expected = reference(whole)
        for (const windowBytes of [128, 1024, MIB])
          expect(placesFrom(whole, 0, windowBytes)).to.deep.equal(expected)
      }),
    )
  })

  it('finds a batch behind more headers than anything could hold open', () => {
    const numbers = Uint8Array.from({ length: MIB }, (_, index) => (index % 2) * 3)
    const inside = joinedBatches(1)[0] ?? noise(0)
    // Where it is laid the pattern goes on after it, so that headers before it reach over it as well.
    numbers.set(inside, MIB / 2 + 1)
    const source = fakeSource(numbers)
    const window = new Window(source, 65_536)
    expect(resyncNow(window, 0)?.position).to.equal(MIB / 2 + 1)
    expect(source.bytesRead / source.size, 'times the file was read').to.be.below(4)
  })

  it('does not take two batches that overlap', () => {
    // A record that is a batch itself, and runs on over the end of the one it is in.
    const inner = v2Batch({ records: [{ value: noise(400) }] })
    const record = encodeRecord({ value: inner })
    const outer = v2Batch({ payload: record.subarray(0, 200), records: [{}] })
    const whole = concat(noise(40), outer, record.subarray(200), ...batches)
    const at = Buffer.from(whole).indexOf(batches[0] ?? '')
    expect(placesFrom(whole, 0, 1024).slice(0, 2)).to.deep.equal([40, at])
  })
})

describe('the cost of false claims', function () {
  this.timeout(120_000)

  const good = v2Batch({ records: [], recordsCount: 0, lastOffsetDelta: 0 })
  const odd = (position: number): Uint8Array => {
    const bytes = falseHeader(Math.min(512 * 1024, 4 * MIB - position))
    bytes[22] = 0x80 // an attribute that does not exist: no candidate, but walked onto
    return bytes
  }
  const cases: { name: string; bytes: () => Uint8Array; found: number }[] = [
    {
      name: 'headers that all claim the rest of the file',
      bytes: () => filled(4 * MIB, (position) => falseHeader(4 * MIB - position)),
      found: 0,
    },
    {
      name: 'headers that all claim half of the file',
      bytes: () => filled(MIB, () => falseHeader(MIB / 2)),
      found: 0,
    },
    {
      name: 'headers that claim the rest of the file, a good batch behind each',
      bytes: () => filled(MIB, (position) => concat(falseHeader(MIB - position), good)),
      found: Math.floor(MIB / 122),
    },
    {
      name: 'impossible headers that claim 512 KiB, a good batch behind each',
      bytes: () => filled(MIB, (position) => concat(odd(position), good)),
      found: Math.floor(MIB / 122),
    },
    {
      name: 'impossible headers that claim 512 KiB, 8 KiB apart',
      bytes: () => filled(4 * MIB, (position) => concat(odd(position), good, noise(8192 - 122))),
      found: 512,
    },
    {
      name: 'impossible headers that claim 512 KiB, forty good batches behind each',
      bytes: () =>
        filled(4 * MIB, (position) => concat(odd(position), ...Array<Uint8Array>(40).fill(good))),
      found: 40 * Math.floor((4 * MIB) / (61 * 41)),
    },
    {
      name: '16-bit numbers: a message of magic 0 at every second byte',
      bytes: () => Uint8Array.from({ length: MIB }, (_, index) => (index % 2) * 3),
      found: 0,
    },
    {
      name: '16-bit numbers: a batch of magic 2 at every fourth byte',
      // 00 02 02 00: at the right place the length is 131 584, magic 2, the attributes 2.
      bytes: () => Uint8Array.from({ length: MIB }, (_, index) => [0, 2, 2, 0][index % 4] ?? 0),
      found: 0,
    },
    { name: 'zeros', bytes: () => new Uint8Array(4 * MIB), found: 0 },
  ]
  for (const { name, bytes, found } of cases) {
    it(`stays in proportion to the file: ${name}`, () => {
      const source = fakeSource(bytes())
      let count = 0
      for (const header of walkProvenBatches(new Window(source, 65_536))) {
        if (header !== null) count++
        if (source.bytesRead > 16 * source.size) break // far out of proportion already
      }
      // Walked over, searched, read for nothing, and swept for each kind of CRC.
      expect(source.bytesRead / source.size, 'times the file was read').to.be.below(5)
      expect(count).to.equal(found)
    })
  }

  // Sixteen-bit numbers: every second byte starts a message of magic 0 that claims 196 623 bytes.
  it('ends, with more claims open than it keeps', async () => {
    const child = fileURLToPath(new URL('walk-numbers.ts', import.meta.url))
    // Work in proportion to the bytes takes a second or two; one that grows with their square, many minutes.
    const ended = await promisify(execFile)(process.execPath, ['--import', 'tsx/esm', child], {
      timeout: 60_000,
    }).catch((error: unknown) => error)
    expect(ended).to.have.property('stdout', '0')
  })
})
