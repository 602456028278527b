import { expect } from 'chai'
import { gunzipSync } from 'node:zlib'
import lz4js from 'lz4js'
import { defaultCodecs } from '../../src/codec/default-codecs.ts'
import { encoders } from '../../src/codec/encode.ts'
import { noise, options, sameBytes, text } from './support.ts'

const contents = {
  nothing: new Uint8Array(),
  'one byte': Uint8Array.of(7),
  text: text(200_000),
  noise: noise(150_000),
  'exactly two blocks': text(128 * 1024),
  'one byte repeated': new Uint8Array(300_000).fill(9),
}

describe('encoders', () => {
  for (const [name, content] of Object.entries(contents)) {
    for (const codec of ['gzip', 'snappy', 'lz4'] as const) {
      it(`write what the strict decoder reads, in the Java client's own framing: ${name}, ${codec}`, () => {
        const compressed = encoders[codec](content)
        const { bytes, variants } = defaultCodecs[codec](compressed, options)
        expect(sameBytes(bytes, content)).to.be.true
        expect(variants).to.deep.equal([])
        expect(sameBytes(encoders[codec](content), compressed), 'the same again').to.be.true
      })
    }

    it(`write what other decoders read: ${name}`, () => {
      expect(sameBytes(gunzipSync(encoders.gzip(content)), content)).to.be.true
      expect(sameBytes(lz4js.decompress(encoders.lz4(content), 400_000), content)).to.be.true
    })
  }

  it('frame LZ4 as Kafka’s reader demands: independent blocks of 64 KiB', () => {
    const compressed = encoders.lz4(text(100_000))
    expect([...compressed.subarray(0, 7)]).to.deep.equal([4, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82])
    expect([...compressed.subarray(-4)]).to.deep.equal([0, 0, 0, 0])
  })
})
