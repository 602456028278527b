import { expect } from 'chai'
import { mkdirSync, writeFileSync } from 'node:fs'
import { systemReason } from '../../src/errors.ts'
import * as kmend from '../../src/kmend.ts'
import { useTemporaryDirectory } from '../bytes/temporary.ts'
import { HEALTHY } from './segments.ts'

const cause = new Error('EIO')
const fields = {
  reason: 'crc-mismatch',
  position: 1,
  sizeInBytes: 2,
  baseOffset: 3n,
  lastOffset: 4n,
  nextOffset: 5n,
  verified: true,
} as const
const cases: { error: kmend.KmendError; name: string; code: string }[] = [
  {
    error: new kmend.InvalidArgumentError('m'),
    name: 'InvalidArgumentError',
    code: 'INVALID_ARGUMENT',
  },
  {
    error: new kmend.SegmentIoError('m', 'a.log', cause),
    name: 'SegmentIoError',
    code: 'SEGMENT_IO',
  },
  { error: new kmend.OutputExistsError('m'), name: 'OutputExistsError', code: 'OUTPUT_EXISTS' },
  {
    error: new kmend.OutputNotCleanError('m'),
    name: 'OutputNotCleanError',
    code: 'OUTPUT_NOT_CLEAN',
  },
  {
    error: new kmend.CorruptBatchError('m', fields, cause),
    name: 'CorruptBatchError',
    code: 'CORRUPT_BATCH',
  },
  {
    error: new kmend.CodecError('gzip', 'truncated', 9, 'm', new Uint8Array(), cause),
    name: 'CodecError',
    code: 'CODEC',
  },
]

describe('errors', () => {
  for (const { error, name, code } of cases) {
    it(`${name} has the code ${code}`, () => {
      expect(error).to.be.instanceOf(Error).and.instanceOf(kmend.KmendError)
      expect(error).to.include({ name, code })
      expect(error.message).to.contain('m')
      expect(String(error)).to.match(new RegExp(`^${name}: `))
    })
  }

  it('say what the operating system says in words, and anything else as it is', () => {
    let refused: unknown
    try {
      mkdirSync('/dev/null/x')
    } catch (error) {
      refused = error
    }
    expect(systemReason(refused)).to.equal('not a directory (ENOTDIR)')
    expect(systemReason(new Error('broken'))).to.equal('broken')
    expect(systemReason('odd')).to.equal('odd')
  })

  it('keep the underlying error and what it was about', () => {
    expect(new kmend.SegmentIoError('m', 'a.log', cause)).to.include({ path: 'a.log', cause })
    expect(new kmend.CorruptBatchError('m', fields, cause)).to.include({ ...fields, cause })
    const codecError = new kmend.CodecError('lz4', 'truncated', 9, 'm', Uint8Array.of(1), cause)
    expect(codecError).to.deep.include({
      codec: 'lz4',
      reason: 'truncated',
      position: 9,
      decodedSoFar: Uint8Array.of(1),
      cause,
    })
  })
})

describe('errors of paths', () => {
  const path = useTemporaryDirectory()
  const errorOf = async (source: string, options: kmend.ReadOptions = {}): Promise<unknown> => {
    try {
      for await (const batch of kmend.readBatches(source, options)) return batch
    } catch (error) {
      return error
    }
    return 'none'
  }

  it('is InvalidArgumentError where nothing is, or a directory', async () => {
    mkdirSync(path('orders-0'))
    writeFileSync(path('orders-0', '00000000000000000000.log'), HEALTHY)
    mkdirSync(path('empty'))
    for (const source of [path('none.log'), path('orders-0'), path('empty'), '/dev/null', ''])
      expect(await errorOf(source), source).to.be.instanceOf(kmend.InvalidArgumentError)
  })

  it('is typed whatever is wrong with the path', async () => {
    writeFileSync(path('file.log'), HEALTHY)
    for (const source of [path('x'.repeat(300)), path('file.log', 'below.log'), path('a\0b')])
      expect(await errorOf(source), source.slice(-20)).to.be.instanceOf(kmend.KmendError)
  })

  const outOfRange: [string, kmend.ReadOptions][] = [
    ['windowBytes NaN', { windowBytes: NaN }],
    ['windowBytes 0', { windowBytes: 0 }],
    ['codecs of an unknown name', { codecs: 'fast' as unknown as 'native' }],
    ['windowBytes -1', { windowBytes: -1 }],
    ['windowBytes 1.5', { windowBytes: 200.5 }],
    ['maxDecompressedBytes -1', { maxDecompressedBytes: -1 }],
    ['maxDecompressedBytes NaN', { maxDecompressedBytes: NaN }],
  ]
  for (const [name, options] of outOfRange) {
    it(`is InvalidArgumentError for an option out of range: ${name}`, async () => {
      writeFileSync(path('file.log'), HEALTHY)
      expect(await errorOf(path('file.log'), options)).to.be.instanceOf(kmend.InvalidArgumentError)
    })
  }
})
