import { expect } from 'chai'
import { Cursor, CursorError } from '../../src/bytes/cursor.ts'

const bytes = Uint8Array.of(
  0xff,
  0xfe,
  0x80,
  0,
  0,
  1,
  0xff,
  0xff,
  0xff,
  0xff,
  0xff,
  0xff,
  0xff,
  0xfd,
  7,
)

describe('Cursor', () => {
  it('reads big-endian values one after the other', () => {
    const cursor = new Cursor(bytes)
    expect(cursor.int16()).to.equal(-2)
    expect(cursor.int32()).to.equal(-2147483647)
    expect(cursor.int64()).to.equal(-3n)
    expect(cursor.int8()).to.equal(7)
    expect(cursor).to.include({ position: 15, remaining: 0 })
  })

  it('reads unsigned where asked to', () => {
    const cursor = new Cursor(bytes, 2)
    expect(cursor.uint32()).to.equal(0x80000001)
  })

  it('stays within the range it was given', () => {
    const cursor = new Cursor(bytes, 2, 6)
    expect(cursor.remaining).to.equal(4)
    expect(() => cursor.int64()).to.throw(CursorError, '8 bytes wanted, 4 left')
    expect(cursor.position).to.equal(2)
    cursor.skip(4)
    expect(() => cursor.int8())
      .to.throw(CursorError)
      .with.property('position', 6)
    expect(() => cursor.varint()).to.throw(CursorError, 'varint runs past the end')
  })

  it('reads from a view in the middle of a buffer', () => {
    const cursor = new Cursor(bytes.subarray(3))
    expect(cursor.int16()).to.equal(0)
    expect(cursor.int8()).to.equal(1)
  })

  it('gives views, not copies', () => {
    const own = bytes.slice()
    const taken = new Cursor(own, 2).take(3)
    expect([...taken]).to.deep.equal([0x80, 0, 0])
    own[2] = 1
    expect(taken[0]).to.equal(1)
  })

  it('takes nothing where nothing is left', () => {
    const cursor = new Cursor(bytes, 15)
    expect(cursor.take(0)).to.have.lengthOf(0)
    expect(() => cursor.take(1)).to.throw(CursorError)
  })
})
