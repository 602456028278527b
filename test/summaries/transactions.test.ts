import { expect } from 'chai'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { transactions } from '../../src/commands/transactions.ts'
import { newFolder } from '../commands/support.ts'
import { walkBatches } from '../support/walk-batches.ts'
import { CORPUS, FIXTURES, LOG, run } from './support.ts'

interface TransactionsAnswer {
  readonly partitions: readonly {
    readonly partition: string
    readonly producers: readonly {
      readonly producerId: number
      readonly committed: number
      readonly aborted: number
    }[]
  }[]
  readonly open: readonly {
    readonly producerId: number
    readonly firstOffset: number
    readonly fate: string
    readonly transactionalId: string | null
  }[]
}

const readTransactions = async (paths: readonly string[]): Promise<TransactionsAnswer> =>
  JSON.parse(await run(transactions, paths, {})) as TransactionsAnswer

describe('kmend transactions', () => {
  const payments = join(FIXTURES, 'payments-txn-0')

  it('counts as many aborted ones as the .txnindex has, and finds the one that was left open', async () => {
    const { partitions, open } = await readTransactions([payments])
    const aborted = partitions[0]!.producers.reduce((sum, totals) => sum + totals.aborted, 0)
    const indexed = readFileSync(join(payments, '00000000000000000040.txnindex')).length / 34
    expect(aborted).to.equal(indexed)
    expect(
      open.map(({ producerId, firstOffset, fate }) => [producerId, firstOffset, fate]),
    ).to.deep.equal([[21, 2544, 'unknown']])
  })

  it('prints them for people', async () => {
    const text = await run(transactions, [payments], {}, false)
    expect(text).to.match(/^payments-txn-0\n {2}PRODUCER +COMMITTED +ABORTED/)
    expect(text).to.contain('open in payments-txn-0 from offset 2544: producer 21 epoch 59')
    expect(await run(transactions, [join(FIXTURES, 'franzgo-zstd-0')], {}, false)).to.equal(
      'no transactions\n',
    )
  })

  const corpus = existsSync(CORPUS) ? it : it.skip
  corpus('asks the coordinator what becomes of an open one', async () => {
    const states = ['__transaction_state-0', '__transaction_state-1'].map((name) =>
      join(CORPUS, name),
    )
    const { open } = await readTransactions([payments, ...states])
    expect(open[0]).to.include({ fate: 'ongoing', transactionalId: 'payments-2' })
    // As if the coordinator had forgotten: the last record of its id says that all is over.
    const folder = newFolder()
    for (const state of states) {
      const copy = join(folder, state.split('/').at(-1)!)
      mkdirSync(copy)
      for (const name of readdirSync(state)) copyFileSync(join(state, name), join(copy, name))
    }
    cutBefore(join(folder, '__transaction_state-0', LOG), 'payments-2', 'Ongoing')
    const after = await readTransactions([
      payments,
      ...states.map((path) => join(folder, path.split('/').at(-1)!)),
    ])
    expect(after.open[0]).to.include({ fate: 'hanging' })
    const text = await run(transactions, [payments, folder], {}, false)
    expect(text).to.contain('abort --topic payments-txn --partition 0 --start-offset 2544')
  })
})

/** Cuts the log before the last record of a transactional id, where its state is the given one. */
function cutBefore(path: string, transactionalId: string, state: string): void {
  const bytes = readFileSync(path)
  const last = walkBatches(bytes).findLast((batch) =>
    Buffer.from(batch.bytes).includes(transactionalId),
  )
  expect(last, `${transactionalId} ${state}`).not.to.equal(undefined)
  writeFileSync(path, bytes.subarray(0, last!.position))
}
