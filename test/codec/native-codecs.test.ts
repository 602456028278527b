import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { CodecError } from '../../src/codec/codec.ts'
import type { Codecs, DecompressOptions } from '../../src/codec/codec.ts'
import { defaultCodecs } from '../../src/codec/default-codecs.ts'
import { nativeCodecs } from '../../src/codec/native-codecs.ts'
import { attempt, concat, noise, options, overwrite, randomNumbers, text } from './support.ts'

/** The result, or what is wrong, where, and what was decoded before. */
function told({ gzip }: Codecs, bytes: Uint8Array, given: DecompressOptions = options): unknown {
  const result = attempt(gzip, bytes, given)
  return result instanceof CodecError
    ? [result.message, result.position, Buffer.from(result.decodedSoFar).toString('base64')]
    : [result.variants, Buffer.from(result.bytes).toString('base64')]
}

function expectTheSame(bytes: Uint8Array, given?: DecompressOptions): void {
  expect(told(nativeCodecs, bytes, given)).to.deep.equal(told(defaultCodecs, bytes, given))
}

const member = new Uint8Array(gzipSync(text(3000)))
const samples = [
  member,
  new Uint8Array(gzipSync(text(60))),
  new Uint8Array(gzipSync(noise(500))),
  new Uint8Array(gzipSync(new Uint8Array())),
  concat(member, member),
  concat(member, new Uint8Array(20)),
  concat(member, [0x1f, 0x8b]),
  concat(member, [1, 2, 3]),
]

describe('nativeCodecs', () => {
  it('say what our own do', () => {
    for (const bytes of [...samples, new Uint8Array()]) expectTheSame(bytes)
  })

  it('say what our own do of damaged data', () => {
    const random = randomNumbers(7)
    for (const bytes of samples) {
      for (let round = 0; round < 100; round++) {
        const cut = round % 4 === 0 ? bytes.slice(0, random(bytes.length)) : bytes
        expectTheSame(overwrite(cut, random(bytes.length), random(256)))
      }
    }
  })

  it('keep to a limit as our own do', () => {
    for (const maxOutputBytes of [0, 1, 2999, 3000, Infinity]) {
      expectTheSame(member, { ...options, maxOutputBytes })
    }
  })

  it('leave to our own what asks for opaque bytes', () => {
    const stored = new Uint8Array(gzipSync(text(3000), { level: 0 }))
    const seen: number[] = []
    nativeCodecs.gzip(stored, { ...options, onOpaque: (start) => seen.push(start) })
    expect(seen).to.have.length(1)
  })
})
