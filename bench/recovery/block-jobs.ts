/** The groups one after the other, the cases of each in this process or shared out among several. */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { runBlocks } from './block-run.ts'
import type { BlockTally } from './block-run.ts'
import { BLOCK_GROUPS } from './block-segments.ts'
import { total } from './block-table.ts'
import type { Chance } from './block-table.ts'

export interface BlockWork {
  readonly cases: number
  readonly seed: number
  readonly chance: Chance
  /** Numbers of groups. */
  readonly groups: readonly number[]
  readonly only: number | null
  readonly jobs: number
}

export interface BlockShare {
  readonly work: BlockWork
  readonly share: number
}

/** One tally a group, in their order; the same whatever the number of jobs. */
export async function runWork(
  work: BlockWork,
  onTally: (tally: BlockTally) => void,
): Promise<BlockTally[]> {
  const shares = Array.from({ length: work.jobs }, () => new Array<BlockTally>())
  const tallies: BlockTally[] = []
  const add = (share: number, tally: BlockTally): void => {
    shares[share]!.push(tally)
    const parts = shares.flatMap((done) => done[tallies.length] ?? [])
    if (parts.length < work.jobs) return
    const whole = total(tally.group, parts)
    tallies.push(whole)
    onTally(whole)
  }
  const runs = shares.map((_, share) => {
    const addPart = (tally: BlockTally): void => {
      add(share, tally)
    }
    return work.jobs === 1 ? runShare({ work, share }, addPart) : runChild({ work, share }, addPart)
  })
  await Promise.all(runs)
  return tallies
}

export async function runShare(
  { work, share }: BlockShare,
  onTally: (tally: BlockTally) => void,
): Promise<void> {
  const { chance, ...options } = work
  const undo = chance === null ? {} : { maxFalseMatch: chance }
  for (const number of work.groups)
    onTally(await runBlocks(BLOCK_GROUPS[number]!, { ...options, share, undo }))
}

async function runChild(share: BlockShare, onTally: (tally: BlockTally) => void): Promise<void> {
  const path = fileURLToPath(new URL('./block-share.ts', import.meta.url))
  await new Promise<void>((resolve, reject) => {
    const child = fork(path, [JSON.stringify(share)], {
      execArgv: process.execArgv,
      env: { ...process.env, NODE_V8_COVERAGE: undefined },
    })
    child.on('message', (message) => {
      onTally(message as BlockTally)
    })
    child.on('error', reject)
    child.on('exit', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`job ${share.share} ended with ${code ?? 'a signal'}`))
    })
  })
}
