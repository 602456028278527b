import { execFileSync } from 'node:child_process'
import { expect } from 'chai'
import { mkdirSync, symlinkSync, truncateSync, writeFileSync, appendFileSync } from 'node:fs'
import { memorySource } from '../../src/bytes/byte-source.ts'
import { openFileSource } from '../../src/bytes/file-source.ts'
import { InvalidArgumentError, SegmentIoError } from '../../src/errors.ts'
import { openDescriptors, useTemporaryDirectory } from './temporary.ts'

const bytes = Uint8Array.from({ length: 100 }, (_, index) => index)
const read = (
  source: { read: (p: number, t: Uint8Array) => number },
  position: number,
  size: number,
): number[] => {
  const target = new Uint8Array(size).fill(0xee)
  return [...target.subarray(0, source.read(position, target))]
}

describe('memorySource', () => {
  it('reads anywhere, and less at the end', () => {
    const source = memorySource(bytes, 'segment in a store')
    expect(source).to.include({ name: 'segment in a store', size: 100 })
    expect(read(source, 10, 3)).to.deep.equal([10, 11, 12])
    expect(read(source, 98, 5)).to.deep.equal([98, 99])
    expect(read(source, 100, 5)).to.deep.equal([])
    expect(read(source, 500, 5)).to.deep.equal([])
  })

  it('has a name without being given one, and closes as often as wanted', () => {
    const source = memorySource(bytes)
    source.close()
    source.close()
    expect(source.name).to.equal('(memory)')
  })

  it('does not copy the bytes', () => {
    const own = bytes.slice()
    const source = memorySource(own)
    own[0] = 200
    expect(read(source, 0, 1)).to.deep.equal([200])
  })
})

describe('openFileSource', () => {
  const path = useTemporaryDirectory()

  it('reads anywhere, and less at the end', () => {
    writeFileSync(path('a.log'), bytes)
    const source = openFileSource(path('a.log'))
    expect(source).to.include({ name: path('a.log'), size: 100 })
    expect(read(source, 10, 3)).to.deep.equal([10, 11, 12])
    expect(read(source, 98, 5)).to.deep.equal([98, 99])
    expect(read(source, 100, 5)).to.deep.equal([])
    expect(read(source, 5, 0)).to.deep.equal([])
    source.close()
  })

  it('keeps the size from when it was opened', () => {
    writeFileSync(path('a.log'), bytes)
    const source = openFileSource(path('a.log'))
    appendFileSync(path('a.log'), bytes)
    expect(source.size).to.equal(100)
    truncateSync(path('a.log'), 50)
    expect(read(source, 48, 10)).to.deep.equal([48, 49])
    source.close()
  })

  it('closes its file, once', function () {
    writeFileSync(path('a.log'), bytes)
    if (openDescriptors(path('a.log')) === null) this.skip()
    const source = openFileSource(path('a.log'))
    expect(openDescriptors(path('a.log'))).to.equal(1)
    source.close()
    source.close()
    expect(openDescriptors(path('a.log'))).to.equal(0)
  })

  it('reads through a link', () => {
    writeFileSync(path('a.log'), bytes)
    symlinkSync(path('a.log'), path('link.log'))
    const source = openFileSource(path('link.log'))
    expect(source.size).to.equal(100)
    source.close()
  })

  it('cannot open a file that is not there', () => {
    expect(() => openFileSource(path('none.log')))
      .to.throw(SegmentIoError, 'cannot open')
      .that.deep.includes({ code: 'SEGMENT_IO', path: path('none.log') })
      .and.has.nested.property('cause.code', 'ENOENT')
  })

  it('refuses a directory, and leaves nothing open', () => {
    mkdirSync(path('orders-0'))
    expect(() => openFileSource(path('orders-0'))).to.throw(InvalidArgumentError, 'is not a file')
    expect(openDescriptors(path('orders-0')) ?? 0).to.equal(0)
  })

  it('refuses a device', () => {
    expect(() => openFileSource('/dev/null')).to.throw(InvalidArgumentError, 'is not a file')
    // A pipe without a writer: opening it as a file is opened would wait for one.
    execFileSync('mkfifo', [path('pipe.log')])
    expect(() => openFileSource(path('pipe.log'))).to.throw(InvalidArgumentError, 'is not a file')
  })
})
