import { expect } from 'chai'
import { EventEmitter } from 'node:events'
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, truncateSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import {
  startEarlyThreads,
  WORTH_BYTES,
  WORTH_DECODING_BYTES,
} from '../../src/recover/early-threads.ts'

/** A thread that only remembers whether it keeps the process alive. */
class FakeThread extends EventEmitter {
  isRef = true
  ref(): void {
    this.isRef = true
  }
  unref(): void {
    this.isRef = false
  }
}

describe('startEarlyThreads', () => {
  const beside = availableParallelism() - 1
  let folder: string
  let large: string
  let medium: string

  const sparse = (path: string, size: number): string => {
    closeSync(openSync(path, 'w'))
    truncateSync(path, size)
    return path
  }
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'kmend-early-'))
    mkdirSync(join(folder, 'orders-0'))
    large = sparse(join(folder, 'orders-0', '00000000000000000000.log'), WORTH_BYTES)
    medium = sparse(join(folder, '00000000000000000007.log'), WORTH_DECODING_BYTES)
    sparse(join(folder, 'notes.txt'), WORTH_BYTES)
  })
  after(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  function started(words: readonly string[]): number {
    let count = 0
    startEarlyThreads(words, () => {
      count++
      return new FakeThread() as unknown as Worker
    })
    return count
  }

  const cases: { words: () => string[]; wanted: boolean; name: string }[] = [
    { name: 'a large file', words: () => ['scan', large], wanted: true },
    { name: 'a partition directory', words: () => ['scan', join(large, '..')], wanted: true },
    { name: 'what is not worth it', words: () => ['scan', medium], wanted: false },
    { name: 'less, decoded', words: () => ['scan', '--deep', medium], wanted: true },
    {
      name: 'a repair, which decodes',
      words: () => ['repair', medium, '--out', 'x'],
      wanted: true,
    },
    { name: 'one that does not', words: () => ['repair', '--shallow', medium], wanted: false },
    {
      name: 'a number of threads asked for',
      words: () => ['scan', large, '--jobs=1'],
      wanted: false,
    },
    { name: 'digests', words: () => ['scan', large, '--digests'], wanted: false },
    { name: 'another command', words: () => ['dump', large], wanted: false },
    {
      name: 'a directory without segments',
      words: () => ['scan', join(folder, '..', 'no')],
      wanted: false,
    },
    { name: 'files that are no segments', words: () => ['scan', folder], wanted: false },
    { name: 'nothing', words: () => [], wanted: false },
  ]
  for (const { name, words, wanted } of cases)
    it(`${wanted ? 'starts' : 'does not start'} threads for ${name}`, () => {
      expect(started(words())).to.equal(wanted ? beside : 0)
    })

  it('gives each out once, and keeps no process alive with one that nobody took', () => {
    const threads: FakeThread[] = []
    const early = startEarlyThreads(['scan', large], () => {
      const thread = new FakeThread()
      threads.push(thread)
      return thread as unknown as Worker
    })
    expect(threads.map(({ isRef }) => isRef)).to.deep.equal(threads.map(() => false))
    expect(early.take(1000)).to.deep.equal(threads)
    expect(threads.map(({ isRef }) => isRef)).to.deep.equal(threads.map(() => true))
    expect(early.take(1)).to.deep.equal([])
    for (const thread of threads) thread.emit('error', new Error('a thread that failed'))
  })
})
