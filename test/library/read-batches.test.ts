import { expect } from 'chai'
import { writeFileSync } from 'node:fs'
import type { Batch, CorruptionDecision } from '../../src/kmend.ts'
import {
  CodecError,
  CorruptBatchError,
  InvalidArgumentError,
  KmendError,
  readBatches,
} from '../../src/kmend.ts'
import { useTemporaryDirectory } from '../bytes/temporary.ts'
import { concat, fixCrc, flipByte, joinedBatches, noise, v2Batch } from '../segment/build.ts'
import {
  bases,
  BATCHES,
  collect,
  collectUntilError,
  CORRUPT,
  HEALTHY,
  SIZE,
  UNDECODABLE,
  UNDECODABLE_BATCH,
  withBatch,
  wrapper,
} from './segments.ts'

async function errorOf(bytes: Uint8Array, options = {}): Promise<CorruptBatchError> {
  const { error } = await collectUntilError(readBatches(bytes, options))
  if (!(error instanceof CorruptBatchError))
    throw new Error(`no CorruptBatchError: ${String(error)}`)
  return error
}

/** A batch without its methods, with its records. */
const contents = (batch: Batch): object => ({
  ...batch,
  records: [...batch.records()],
})

describe('readBatches', () => {
  const path = useTemporaryDirectory()

  it('yields batches with their headers and records', async () => {
    const batches = await collect(readBatches(HEALTHY))
    expect(bases(batches)).to.deep.equal([0, 3, 6, 9, 12])
    expect(batches[1]).to.include({
      position: SIZE,
      sizeInBytes: SIZE,
      magic: 2,
      lastOffset: 5n,
      recordsCount: 3,
    })
    const values = [...(batches[1]?.records() ?? [])].map(({ value }) =>
      Buffer.from(value ?? []).toString(),
    )
    expect(values).to.deep.equal(['value 3', 'value 4', 'value 5'])
  })

  it('gives the same of a path and of bytes in memory', async () => {
    writeFileSync(path('00000000000000000000.log'), HEALTHY)
    const fromFile = await collect(readBatches(path('00000000000000000000.log')))
    const view = concat(noise(5), HEALTHY).subarray(5)
    for (const bytes of [HEALTHY, Buffer.from(HEALTHY), view])
      expect((await collect(readBatches(bytes))).map(contents)).to.deep.equal(
        fromFile.map(contents),
      )
  })

  it('gives the records as often as they are asked for', async () => {
    for (const deep of [true, false]) {
      const [batch] = await collect(readBatches(HEALTHY, { deep }))
      expect([...(batch?.records() ?? [])]).to.deep.equal([...(batch?.records() ?? [])])
    }
  })

  it('yields nothing of an empty file, and no error', async () => {
    expect(await collect(readBatches(new Uint8Array()))).to.deep.equal([])
  })

  it('does not take a zero tail after whole batches for damage', async () => {
    for (const zeros of [1, 17, 61, 100_000]) {
      const bytes = concat(HEALTHY, new Uint8Array(zeros))
      expect(bases(await collect(readBatches(bytes)))).to.deep.equal([0, 3, 6, 9, 12])
    }
  })

  it('reads magic 0 and 1, with the base offset of a wrapper', async () => {
    const batches = await collect(readBatches(concat(wrapper(4n, 5), wrapper(9n, 5))))
    expect(bases(batches)).to.deep.equal([0, 5])
    expect(batches[1]).to.include({ baseOffsetKnown: true, lastOffset: 9n, recordsCount: 5 })
  })

  it('takes the base offset of bytes in memory as told', async () => {
    const bytes = concat(...joinedBatches(2, 3, 100n)).slice(1)
    expect(await errorOf(bytes, { segmentBaseOffset: 100n })).to.include({
      baseOffset: 100n,
      lastOffset: 102n,
    })
  })
})

describe('readBatches at damage', () => {
  it('throws by default, after everything that is good before it', async () => {
    for (const bytes of [CORRUPT, UNDECODABLE]) {
      const { items, error } = await collectUntilError(readBatches(bytes))
      expect(bases(items)).to.deep.equal([0, 3])
      expect(error).to.be.instanceOf(CorruptBatchError).and.instanceOf(KmendError)
    }
  })

  const decisions: {
    name: string
    decide: () => CorruptionDecision | Promise<CorruptionDecision>
    yielded: number[]
    throws: boolean
  }[] = [
    { name: 'skip', decide: () => 'skip', yielded: [0, 3, 9, 12], throws: false },
    {
      name: 'a promise of skip',
      decide: () => Promise.resolve('skip'),
      yielded: [0, 3, 9, 12],
      throws: false,
    },
    { name: 'stop', decide: () => 'stop', yielded: [0, 3], throws: false },
    {
      name: 'a promise of stop',
      decide: () => Promise.resolve('stop'),
      yielded: [0, 3],
      throws: false,
    },
    { name: 'throw', decide: () => 'throw', yielded: [0, 3], throws: true },
    {
      name: 'a promise of throw',
      decide: () => Promise.resolve('throw'),
      yielded: [0, 3],
      throws: true,
    },
  ]
  for (const { name, decide, yielded, throws } of decisions) {
    for (const [damage, bytes] of Object.entries({ CORRUPT, UNDECODABLE })) {
      it(`does what onCorruption answers: ${name}, ${damage.toLowerCase()}`, async () => {
        const asked: CorruptBatchError[] = []
        const onCorruption = (
          error: CorruptBatchError,
        ): CorruptionDecision | Promise<CorruptionDecision> => {
          asked.push(error)
          return decide()
        }
        const { items, error } = await collectUntilError(readBatches(bytes, { onCorruption }))
        expect(bases(items)).to.deep.equal(yielded)
        expect(asked).to.have.lengthOf(1)
        expect(error).to.equal(throws ? asked[0] : undefined)
      })
    }
  }

  it('lets an error of onCorruption itself through', async () => {
    const own = new Error('mine')
    const onCorruption = (): Promise<CorruptionDecision> => Promise.reject(own)
    const { items, error } = await collectUntilError(readBatches(CORRUPT, { onCorruption }))
    expect(bases(items)).to.deep.equal([0, 3])
    expect(error).to.equal(own)
  })

  it('refuses an answer that is none, rather than skip', async () => {
    const onCorruption = (): CorruptionDecision => undefined as unknown as CorruptionDecision
    const { items, error } = await collectUntilError(readBatches(CORRUPT, { onCorruption }))
    expect(bases(items)).to.deep.equal([0, 3])
    expect(error).to.be.instanceOf(InvalidArgumentError)
  })

  it('asks for each damage, in file order, before what comes after it', async () => {
    const bytes = concat(
      flipByte(BATCHES[0]!, 70),
      BATCHES[1]!,
      UNDECODABLE_BATCH,
      BATCHES[3]!,
      flipByte(BATCHES[4]!, 70),
    )
    const log: string[] = []
    const onCorruption = ({ reason, position }: CorruptBatchError): CorruptionDecision => {
      log.push(`${reason} ${position}`)
      return 'skip'
    }
    for await (const batch of readBatches(bytes, { onCorruption }))
      log.push(`batch ${batch.baseOffset}`)
    const after = 2 * SIZE + UNDECODABLE_BATCH.length + BATCHES[3]!.length
    expect(log).to.deep.equal([
      'crc-mismatch 0',
      'batch 3',
      `decompression-failed ${2 * SIZE}`,
      'batch 9',
      `crc-mismatch ${after}`,
    ])
  })
})

describe('CorruptBatchError', () => {
  it('says where it is and where reading goes on', async () => {
    const error = await errorOf(CORRUPT)
    expect(error).to.include({
      name: 'CorruptBatchError',
      code: 'CORRUPT_BATCH',
      reason: 'crc-mismatch',
      position: 2 * SIZE,
      sizeInBytes: SIZE,
      baseOffset: 6n,
      lastOffset: 8n,
      nextOffset: 9n,
      verified: true,
    })
    expect(error.message).to.contain(`position ${2 * SIZE}`)
  })

  it('carries the error of the codec as its cause', async () => {
    const error = await errorOf(UNDECODABLE)
    expect(error).to.include({
      reason: 'decompression-failed',
      baseOffset: 6n,
      lastOffset: 8n,
      nextOffset: 9n,
      verified: true,
    })
    expect(error.cause).to.be.instanceOf(CodecError).that.includes({ code: 'CODEC', codec: 'gzip' })
  })

  it('carries the error of the record reader as its cause', async () => {
    const broken = v2Batch({ baseOffset: 6n, records: [{}, {}, {}], payload: noise(40) })
    const error = await errorOf(withBatch(2, broken))
    expect(error.reason).to.equal('record-malformed')
    expect(error.cause).to.be.instanceOf(Error).with.property('name', 'RecordError')
  })

  it('has no cause where no decoder met the damage', async () => {
    expect((await errorOf(CORRUPT)).cause).to.equal(undefined)
  })

  it('does not know where a log ends whose tail is lost', async () => {
    const error = await errorOf(concat(HEALTHY, noise(500)))
    expect(error).to.include({
      baseOffset: 15n,
      lastOffset: null,
      nextOffset: null,
      verified: false,
    })
  })

  it('takes a file without a good batch for damage, zeros included', async () => {
    for (const bytes of [new Uint8Array(500), noise(500)])
      expect(await errorOf(bytes, { segmentBaseOffset: 7n })).to.include({
        position: 0,
        sizeInBytes: 500,
        baseOffset: 7n,
        lastOffset: null,
      })
  })

  it('has no offsets where none of this log were lost', async () => {
    const error = await errorOf(concat(BATCHES[0]!, noise(80), BATCHES[1]!))
    expect(error).to.include({
      position: SIZE,
      sizeInBytes: 80,
      baseOffset: null,
      lastOffset: null,
      nextOffset: null,
    })
  })

  it('says unknown-codec for a codec that Kafka does not have', async () => {
    const error = await errorOf(
      withBatch(2, v2Batch({ baseOffset: 6n, attributes: 7, records: [{}, {}, {}] })),
    )
    expect(error).to.include({ reason: 'unknown-codec', baseOffset: 6n, nextOffset: 9n })
  })

  it('says limit-exceeded where the caller forbade to go on', async () => {
    const large = v2Batch({ baseOffset: 6n, attributes: 0, records: [{}, {}, {}] })
    const gzip = (): never => {
      throw new CodecError('gzip', 'limit-exceeded', 0, 'too much', new Uint8Array())
    }
    const bytes = withBatch(2, fixCrc(large.fill(1, 22, 23)))
    const codecs = { gzip, snappy: gzip, lz4: gzip, zstd: gzip }
    expect(await errorOf(bytes, { codecs })).to.include({
      reason: 'limit-exceeded',
      nextOffset: 9n,
    })
  })

  it('names all offsets of a wrapper that does not decode, by its neighbours', async () => {
    const middle = fixCrc(flipByte(wrapper(9n, 5), 60))
    const error = await errorOf(concat(wrapper(4n, 5), middle, wrapper(14n, 5)))
    expect(error).to.include({
      reason: 'decompression-failed',
      baseOffset: 5n,
      lastOffset: 9n,
      nextOffset: 10n,
    })
  })
})

describe('readBatches without decoding', () => {
  it('throws the same error from records()', async () => {
    const expected = await errorOf(UNDECODABLE)
    const batches = await collect(readBatches(UNDECODABLE, { deep: false }))
    expect(bases(batches)).to.deep.equal([0, 3, 6, 9, 12])
    expect(() => batches[2]?.records())
      .to.throw(CorruptBatchError, expected.message)
      .that.deep.includes({ reason: expected.reason, position: expected.position, nextOffset: 9n })
    expect([...(batches[3]?.records() ?? [])]).to.have.lengthOf(3)
  })

  it('still throws at bytes that fail their CRC', async () => {
    const { items, error } = await collectUntilError(readBatches(CORRUPT, { deep: false }))
    expect(bases(items)).to.deep.equal([0, 3])
    expect(error).to.be.instanceOf(CorruptBatchError)
  })

  it('refuses a source that is neither a path nor bytes, where it would find nothing', async () => {
    const sources: readonly unknown[] = [HEALTHY.buffer, [...HEALTHY], null, 5]
    for (const source of sources) {
      const error: unknown = await collect(readBatches(source as Uint8Array)).catch(
        (reason: unknown) => reason,
      )
      expect(error).to.be.instanceOf(InvalidArgumentError)
    }
  })
})
