import { expect } from 'chai'
import {
  mkdirSync,
  renameSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import {
  fileIdentity,
  listDirectory,
  pathKind,
  readSmallFile,
  realPath,
} from '../../src/bytes/file-directory.ts'
import { SegmentIoError } from '../../src/errors.ts'
import { useTemporaryDirectory } from './temporary.ts'

const bytes = Uint8Array.of(1, 2, 3)

describe('file-directory', () => {
  const path = useTemporaryDirectory()

  beforeEach(() => {
    mkdirSync(path('orders-0'))
    writeFileSync(path('b.log'), bytes)
    writeFileSync(path('B.log'), bytes)
    writeFileSync(path('a.log'), bytes)
    symlinkSync(path('nowhere'), path('dangling'))
  })

  it('tells files, directories and nothing apart', () => {
    expect(pathKind(path('a.log'))).to.equal('file')
    expect(pathKind(path('orders-0'))).to.equal('directory')
    expect(pathKind(path('none'))).to.equal('missing')
    expect(pathKind(path('dangling'))).to.equal('missing')
    expect(pathKind(path('a.log', 'below-a-file'))).to.equal('missing')
  })

  it('says in its own error when a path cannot be looked at', () => {
    symlinkSync(path('loop'), path('loop'))
    for (const name of ['loop', 'a\0b', 'x'.repeat(300)])
      expect(() => pathKind(path(name))).to.throw(SegmentIoError, 'cannot look at')
    expect(() => fileIdentity(path('none'))).to.throw(SegmentIoError, 'cannot look at')
  })

  it('lists a link to a directory as one', () => {
    symlinkSync(path('orders-0'), path('orders-1'))
    expect(listDirectory(path())).to.deep.include({ name: 'orders-1', isDirectory: true })
  })

  it('lists names in the same order everywhere', () => {
    expect(listDirectory(path())).to.deep.equal([
      { name: 'B.log', isDirectory: false },
      { name: 'a.log', isDirectory: false },
      { name: 'b.log', isDirectory: false },
      { name: 'dangling', isDirectory: false },
      { name: 'orders-0', isDirectory: true },
    ])
  })

  it('cannot list what is no directory', () => {
    for (const name of ['a.log', 'none']) {
      expect(() => listDirectory(path(name)))
        .to.throw(SegmentIoError, 'cannot list')
        .that.has.property('path', path(name))
    }
  })

  it('reads small files whole, and null where there is none', () => {
    expect(readSmallFile(path('a.log'))).to.deep.equal(bytes)
    expect(readSmallFile(path('none'))).to.equal(null)
    expect(readSmallFile(path('orders-0'))).to.equal(null)
    expect(readSmallFile(path('dangling'))).to.equal(null)
  })

  it('says so when a file beside the segment cannot be read', () => {
    writeFileSync(path('huge.index'), '')
    truncateSync(path('huge.index'), 2 ** 31) // sparse; more than one read can hold
    expect(() => readSmallFile(path('huge.index'))).to.throw(SegmentIoError, 'cannot read')
  })

  it('notices that a file changed', () => {
    const before = fileIdentity(path('a.log'))
    expect(before.sizeInBytes).to.equal(3)
    expect(fileIdentity(path('a.log'))).to.deep.equal(before)
    utimesSync(path('a.log'), 1, 1)
    expect(fileIdentity(path('a.log')).mtimeMs).to.equal(1000)
    renameSync(path('b.log'), path('a.log'))
    expect(fileIdentity(path('a.log')).inode).to.not.equal(before.inode)
  })

  it('follows links to where a file really is', () => {
    symlinkSync(path('orders-0'), path('link'))
    expect(realPath(path('link'))).to.equal(path('orders-0'))
  })
})
