import { expect } from 'chai'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import {
  copyAttributes,
  createFileGroup,
  createOutputFile,
  freeBytes,
  makeDirectory,
  moveIntoPlace,
  removeTree,
} from '../../src/bytes/file-output.ts'
import { SegmentIoError } from '../../src/errors.ts'
import { openDescriptors, useTemporaryDirectory } from './temporary.ts'

const bytes = Uint8Array.of(1, 2, 3)

describe('createOutputFile', () => {
  const path = useTemporaryDirectory()

  it('writes all of the bytes, in a folder that it makes', () => {
    const file = createOutputFile(path('new', 'folder', 'a.log'))
    file.write(bytes)
    file.write(new Uint8Array())
    file.write(new Uint8Array(3_000_000).fill(9))
    file.sync()
    file.close()
    const written = readFileSync(path('new', 'folder', 'a.log'))
    expect(written.length).to.equal(3_000_003)
    expect([...written.subarray(0, 4)]).to.deep.equal([1, 2, 3, 9])
  })

  it('has the device begin before the file is whole, and tells its failure at the end', async () => {
    const file = createOutputFile(path('a.log'), 1000)
    for (let part = 0; part < 5; part++) {
      file.write(new Uint8Array(700).fill(part))
      file.syncAhead()
    }
    await file.syncAndClose()
    expect(readFileSync(path('a.log')).length).to.equal(3500)
    const given = createOutputFile(path('c.log'), 0)
    given.close()
    given.syncAhead()
    const error: unknown = await given.syncAndClose().catch((cause: unknown) => cause)
    expect(error).to.be.an('error')
  })

  it('never writes into a file that is there already', () => {
    writeFileSync(path('a.log'), 'mine')
    expect(() => createOutputFile(path('a.log')))
      .to.throw(SegmentIoError, 'cannot create')
      .with.nested.property('cause.code', 'EEXIST')
    expect(readFileSync(path('a.log'), 'utf8')).to.equal('mine')
  })

  it('never writes through a link', () => {
    symlinkSync(path('elsewhere'), path('a.log'))
    expect(() => createOutputFile(path('a.log'))).to.throw(SegmentIoError)
    expect(existsSync(path('elsewhere'))).to.be.false
  })

  it('closes its file, once', function () {
    if (openDescriptors(path()) === null) this.skip()
    const file = createOutputFile(path('a.log'))
    expect(openDescriptors(path('a.log'))).to.equal(1)
    file.close()
    file.close()
    expect(openDescriptors(path('a.log'))).to.equal(0)
  })

  it('says so when the system refuses to write', () => {
    const file = createOutputFile(path('a.log'))
    file.close()
    expect(() => {
      file.write(bytes)
    }).to.throw(SegmentIoError, 'cannot write')
    expect(() => {
      file.sync()
    }).to.throw(SegmentIoError, 'cannot sync')
  })

  it('cannot make a folder below a file', () => {
    writeFileSync(path('file'), '')
    expect(() => createOutputFile(path('file', 'a.log'))).to.throw(SegmentIoError)
    expect(() => {
      makeDirectory(path('file', 'folder'))
    }).to.throw(SegmentIoError, 'cannot create')
  })
})

describe('createFileGroup', () => {
  const path = useTemporaryDirectory()

  it('moves its files when there are enough, and the rest when it is asked to', async () => {
    const group = createFileGroup()
    for (let index = 0; index < 6; index++) {
      group.create(path(`tmp${index}`), path('to', `${index}`)).write(Uint8Array.of(index))
      await group.settle()
    }
    expect(readdirSync(path('to')).sort()).to.deep.equal(['0', '1', '2', '3'])
    await group.settle(true)
    group.close()
    for (let index = 0; index < 6; index++)
      expect([...readFileSync(path('to', `${index}`))]).to.deep.equal([index])
    expect(readdirSync(path())).to.deep.equal(['to'])
    expect(openDescriptors(path()) ?? 0).to.equal(0)
  })

  it('closes what it gives up, and moves none of those of which one fails', async () => {
    const group = createFileGroup()
    group.create(path('one'), path('to', 'one'))
    group.create(path('two'), path('to', 'two')).close()
    const error: unknown = await group.settle(true).catch((cause: unknown) => cause)
    expect(error).to.be.an('error')
    expect(existsSync(path('to'))).to.equal(false)
    group.create(path('three'), path('to', 'three'))
    group.close()
    expect(openDescriptors(path()) ?? 0).to.equal(0)
  })
})

describe('finished files', () => {
  const path = useTemporaryDirectory()

  it('are moved to their place, which is made', () => {
    writeFileSync(path('tmp'), bytes)
    moveIntoPlace(path('tmp'), path('data', 'orders-0', 'a.log'))
    expect(existsSync(path('tmp'))).to.be.false
    expect(readFileSync(path('data', 'orders-0', 'a.log'))).to.deep.equal(Buffer.from(bytes))
    expect(openDescriptors(path()) ?? 0).to.equal(0)
  })

  it('are not half moved when the system refuses', () => {
    mkdirSync(path('taken', 'below'), { recursive: true })
    writeFileSync(path('tmp'), bytes)
    expect(() => {
      moveIntoPlace(path('tmp'), path('taken'))
    })
      .to.throw(SegmentIoError, 'cannot move into place')
      .that.has.property('path', path('taken'))
    expect(existsSync(path('tmp'))).to.be.true
  })

  it('keep mode and times, because retention reads them', () => {
    writeFileSync(path('from'), bytes)
    writeFileSync(path('to'), bytes)
    chmodSync(path('from'), 0o640)
    utimesSync(path('from'), 1_600_000_000.25, 1_500_000_000.5)
    copyAttributes(path('from'), path('to'))
    const [from, to] = [statSync(path('from')), statSync(path('to'))]
    expect(to.mode & 0o7777).to.equal(0o640)
    expect(to.mtimeMs).to.equal(1_500_000_000_500)
    expect(to.atimeMs).to.equal(1_600_000_000_250)
    expect([to.uid, to.gid]).to.deep.equal([from.uid, from.gid])
  })

  it('cannot take mode and times from what is not there', () => {
    writeFileSync(path('to'), bytes)
    expect(() => {
      copyAttributes(path('none'), path('to'))
    }).to.throw(SegmentIoError, 'cannot copy the mode and times')
  })
})

describe('folders', () => {
  const path = useTemporaryDirectory()

  it('are made with those above them, and removed with all in them', () => {
    makeDirectory(path('a', 'b'))
    makeDirectory(path('a', 'b'))
    writeFileSync(path('a', 'b', 'file'), bytes)
    removeTree(path('a'))
    removeTree(path('a'))
    expect(existsSync(path('a'))).to.be.false
  })

  it('tell how much may be written in them', () => {
    expect(freeBytes(path())).to.be.above(0)
  })

  it('says what could not be removed', () => {
    expect(() => {
      removeTree('no\0name')
    }).to.throw(SegmentIoError, 'cannot remove no')
  })
})
