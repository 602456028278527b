import { expect } from 'chai'
import fc from 'fast-check'
import { MinHeap } from '../../src/bytes/min-heap.ts'

const numbers = (): MinHeap<number> => new MinHeap<number>((a, b) => a - b)

describe('MinHeap', () => {
  it('is empty at first', () => {
    const heap = numbers()
    expect(heap.size).to.equal(0)
    expect(heap.peek()).to.equal(undefined)
    expect(heap.pop()).to.equal(undefined)
  })

  it('gives everything back in order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (items) => {
        const heap = numbers()
        for (const item of items) heap.push(item)
        expect(heap.size).to.equal(items.length)
        const popped = items.map(() => heap.pop())
        expect(popped).to.deep.equal([...items].sort((a, b) => a - b))
        expect(heap.size).to.equal(0)
      }),
    )
  })

  it('has the smallest on top whatever is pushed and popped between', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat(50))), (steps) => {
        const heap = numbers()
        const model: number[] = []
        for (const step of steps) {
          if (step === null) expect(heap.pop()).to.equal(model.shift())
          else {
            heap.push(step)
            model.push(step)
            model.sort((a, b) => a - b)
          }
          expect(heap.peek()).to.equal(model[0])
          expect(heap.size).to.equal(model.length)
        }
      }),
    )
  })

  it('orders by what it is told to', () => {
    const heap = new MinHeap<{ at: number }>((a, b) => b.at - a.at)
    for (const at of [2, 9, 5]) heap.push({ at })
    expect(heap.pop()).to.deep.equal({ at: 9 })
  })
})
