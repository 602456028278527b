import { expect } from 'chai'
import { NO_EVIDENCE } from '../../src/recover/evidence.ts'
import { diagnose } from '../../src/recover/diagnose.ts'
import { resolveOptions } from '../../src/recover/options.ts'
import { memorySource } from '../../src/bytes/byte-source.ts'
import { Window } from '../../src/bytes/window.ts'
import { listSegments, loadSegment } from '../support/corpus.ts'

describe('scan with native codecs', () => {
  for (const name of listSegments().filter((each) => each.includes('gzip')))
    it(`finds the same as without: ${name}`, async () => {
      const { bytes } = loadSegment(name)
      const [own, native] = await Promise.all(
        (['js', 'native'] as const).map((codecs) =>
          diagnose(new Window(memorySource(bytes)), NO_EVIDENCE, {
            ...resolveOptions({ codecs, digests: true }, true),
            onProgress: () => undefined,
          }),
        ),
      )
      expect(native).to.deep.equal(own)
      expect(own?.digests.length).to.be.above(0)
    })
})
