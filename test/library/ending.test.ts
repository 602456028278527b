/** Long calls end when they are told to, and nothing stays open however they end. */
import { expect } from 'chai'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import type { BatchEvent, ReadOptions, SegmentEvent } from '../../src/kmend.ts'
import { KmendError, readBatches, repairSegment, scanSegment } from '../../src/kmend.ts'
import { openDescriptors, useTemporaryDirectory } from '../bytes/temporary.ts'
import { concat, joinedBatches } from '../segment/build.ts'
import { collectUntilError, CORRUPT, HEALTHY, UNDECODABLE } from './segments.ts'

const NAME = '00000000000000000000.log'
const readers: {
  name: string
  read: (path: string, options: ReadOptions) => AsyncGenerator<BatchEvent | SegmentEvent | object>
}[] = [
  { name: 'readBatches', read: readBatches },
  {
    name: 'readBatches without decoding',
    read: (path, options) => readBatches(path, { ...options, deep: false }),
  },
  { name: 'scanSegment', read: scanSegment },
  {
    name: 'scanSegment with decoding',
    read: (path, options) => scanSegment(path, { ...options, deep: true }),
  },
]

for (const { name, read } of readers) {
  describe(name, () => {
    const path = useTemporaryDirectory()
    const expectNothingOpen = (): void => {
      expect(openDescriptors(path()) ?? 0, 'open descriptors').to.equal(0)
    }

    it('opens its file with the first step, and closes it at the end', async () => {
      writeFileSync(path(NAME), HEALTHY)
      const items = read(path(NAME), {})
      expectNothingOpen()
      await items.next()
      expect(openDescriptors(path()) ?? 1).to.equal(1)
      while ((await items.next()).done !== true);
      expectNothingOpen()
    })

    it('closes its file when the loop is left', async () => {
      writeFileSync(path(NAME), HEALTHY)
      for await (const item of read(path(NAME), {})) {
        expect(item).to.be.an('object')
        break
      }
      expectNothingOpen()
    })

    it('closes its file when the body of the loop throws', async () => {
      writeFileSync(path(NAME), HEALTHY)
      const own = new Error('mine')
      const loop = async (): Promise<void> => {
        for await (const item of read(path(NAME), {})) throw Object.assign(own, { item })
      }
      expect(await loop().catch((error: unknown) => error)).to.equal(own)
      expectNothingOpen()
    })

    it('closes its file at damage', async () => {
      for (const bytes of [CORRUPT, UNDECODABLE]) {
        writeFileSync(path(NAME), bytes)
        await collectUntilError(read(path(NAME), {}))
        expectNothingOpen()
      }
    })

    it('opens nothing when it was aborted before', async () => {
      const reason = new Error('enough')
      const { items, error } = await collectUntilError(
        read(path('none.log'), { signal: AbortSignal.abort(reason) }),
      )
      expect(items).to.deep.equal([])
      expect(error).to.equal(reason)
    })

    it('ends with the reason of the signal, at the next step', async () => {
      writeFileSync(path(NAME), concat(...joinedBatches(500)))
      const controller = new AbortController()
      const reason = new Error('enough')
      let count = 0
      const loop = async (): Promise<void> => {
        for await (const item of read(path(NAME), { signal: controller.signal })) {
          if ('position' in item) count++
          if (count === 3) controller.abort(reason)
        }
      }
      expect(await loop().catch((error: unknown) => error)).to.equal(reason)
      expect(count).to.equal(3)
      expectNothingOpen()
    })

    it('hears a signal that comes while it searches', async () => {
      writeFileSync(path(NAME), '')
      truncateSync(path(NAME), 2 ** 30) // sparse: a long way of zeros
      const controller = new AbortController()
      const timer = setTimeout(() => {
        controller.abort()
      }, 30)
      const { items, error } = await collectUntilError(
        read(path(NAME), { signal: controller.signal }),
      )
      clearTimeout(timer)
      expect(items).to.deep.equal([])
      expect(error).to.have.property('name', 'AbortError')
      expectNothingOpen()
    })

    it('leaves nothing open when a file beside the segment cannot be read', async () => {
      writeFileSync(path(NAME), HEALTHY)
      symlinkSync(path('00000000000000000000.index'), path('00000000000000000000.index'))
      const { error } = await collectUntilError(read(path(NAME), {}))
      expectNothingOpen()
      if (error !== undefined) expect(error).to.be.instanceOf(KmendError)
    })
  })
}

describe('repairSegment', () => {
  const path = useTemporaryDirectory()
  const setUp = (bytes: Uint8Array): void => {
    mkdirSync(path('orders-0'))
    writeFileSync(path('orders-0', NAME), bytes)
  }

  it('ends with the reason of the signal, and leaves no report and nothing open', async () => {
    setUp(new Uint8Array())
    truncateSync(path('orders-0', NAME), 2 ** 30)
    const controller = new AbortController()
    const timer = setTimeout(() => {
      controller.abort()
    }, 30)
    const error: unknown = await repairSegment(path('orders-0'), {
      out: path('out'),
      signal: controller.signal,
    }).catch((reason: unknown) => reason)
    clearTimeout(timer)
    expect(error).to.have.property('name', 'AbortError')
    expect(existsSync(path('out', 'report.json'))).to.be.false
    expect(existsSync(path('out', '.tmp'))).to.be.false
    expect(openDescriptors(path()) ?? 0).to.equal(0)
  })

  it('writes nothing when it was aborted before', async () => {
    setUp(HEALTHY)
    const reason = new Error('enough')
    const error: unknown = await repairSegment(path('orders-0'), {
      out: path('out'),
      signal: AbortSignal.abort(reason),
    }).catch((cause: unknown) => cause)
    expect(error).to.equal(reason)
    expect(existsSync(path('out')) ? readdirSync(path('out')) : []).to.deep.equal([])
  })

  it('closes its files when it is done', async () => {
    setUp(CORRUPT)
    await repairSegment(path('orders-0'), { out: path('out') })
    expect(openDescriptors(path()) ?? 0).to.equal(0)
  })
})
