import { expect } from 'chai'
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { groups } from '../../src/commands/groups.ts'
import { transactions } from '../../src/commands/transactions.ts'
import { newFolder } from '../commands/support.ts'
import { compareGroups, compareTransactions, parseAnswers } from '../support/coordinator-answers.ts'
import type { GroupsDocument, TransactionsDocument } from '../support/coordinator-answers.ts'
import { DamagedSegment } from '../support/damage.ts'
import { LOG, run } from './support.ts'

/** A broker's partitions, and what Kafka's own tools said of them: see README.md in this folder. */
const SCENE = join(import.meta.dirname, 'scene')
const partitions = readdirSync(SCENE)
  .filter((name) => /-\d+$/.test(name))
  .map((name) => join(SCENE, name))
const answers = parseAnswers(gunzipSync(readFileSync(join(SCENE, 'answers.txt.gz'))).toString())

const readGroups = async (paths: readonly string[]): Promise<GroupsDocument> =>
  JSON.parse(await run(groups, paths, { atTime: undefined })) as GroupsDocument
const readTransactions = async (paths: readonly string[]): Promise<TransactionsDocument> =>
  JSON.parse(await run(transactions, paths, {})) as TransactionsDocument

const complaintsOf = (results: ReturnType<typeof compareGroups>): string[] =>
  results.flatMap(({ name, complaints }) => complaints.map((complaint) => `${name}: ${complaint}`))

/** Fates by partition. */
const fatesIn = ({ open }: TransactionsDocument): Record<string, string> =>
  Object.fromEntries(open.map(({ partition, fate }) => [partition, fate]))

describe('the summaries and what the broker itself answered', () => {
  it('groups: type, state, epoch, members and committed offsets are those of kafka-consumer-groups', async () => {
    const all = await readGroups(partitions)
    expect(complaintsOf(compareGroups(answers, all))).to.deep.equal([])
    expect(new Set(all.groups.map(({ state }) => state))).to.deep.equal(
      new Set(['Empty', 'Stable', 'Reconciling']),
    )
  })

  it('transactions: ids, states, what is open and what hangs are those of kafka-transactions', async () => {
    const all = await readTransactions(partitions)
    expect(complaintsOf(compareTransactions(answers, all))).to.deep.equal([])
    expect(fatesIn(all)).to.include({ 'late-0': 'hanging', 'late-1': 'hanging' })
    expect(fatesIn(all)).to.include({ 'stock-0': 'ongoing', '__consumer_offsets-1': 'ongoing' })
  })

  it('the comparison sees a difference in each of its parts', async () => {
    const found = await readGroups(partitions)
    const changed = found.groups.map((group, at) => ({
      ...group,
      state: at === 0 ? 'Stable' : group.state,
      epoch: (group.epoch ?? 0) + 1,
      members: group.members.slice(1),
      offsets: group.offsets.map((entry) => ({ ...entry, offset: entry.offset + 1 })),
    }))
    const differing = compareGroups(answers, { ...found, groups: changed, undecodableRecords: 1 })
    expect(differing.filter(({ complaints }) => complaints.length === 0)).to.deep.equal([])
    const none = compareTransactions(answers, { open: [], transactionalIds: [] })
    expect(none.filter(({ complaints }) => complaints.length === 0)).to.deep.equal([])
  })

  it('groups: offsets of open transactions are told apart, in text too', async () => {
    const { groups: all } = (await readGroups(partitions)) as unknown as {
      readonly groups: readonly { readonly group: string; readonly pendingOffsets: object[] }[]
    }
    const pending = all.filter(({ pendingOffsets }) => pendingOffsets.length > 0)
    expect(pending.map(({ group }) => group)).to.deep.equal(['g-by-transaction', 'g-open-only'])
    expect(pending[0]!.pendingOffsets[0]).to.include({ topic: 'stock', partition: 0, offset: 30 })
    const text = await run(groups, partitions, { atTime: undefined }, false)
    expect(text).to.match(
      /group g-open-only {2}\(classic, Empty, 0 members\)\n {2}no committed offsets\n {2}in transactions that are open, not committed yet\n {2}TOPIC .*\n {2}stock +0 +30 /,
    )
    expect(text).to.match(/\(consumer, Reconciling, epoch 2, 2 members\)\n {2}member \S+ {2}client/)
  })

  describe('an open transaction whose producer no coordinator knows', () => {
    const fateWithout = async (unwanted: RegExp): Promise<string | undefined> =>
      fatesIn(await readTransactions(partitions.filter((path) => !unwanted.test(path))))['late-1']

    for (const [what, unwanted] of [
      ['the metadata', /__cluster_metadata/],
      ['one partition of the coordinator', /__transaction_state-1/],
    ] as const)
      it(`is not called hanging without ${what}`, async () => {
        expect(await fateWithout(unwanted)).to.equal('unknown')
      })

    it('nor where the coordinator has damage', async () => {
      const folder = newFolder()
      for (const path of partitions)
        cpSync(path, join(folder, path.slice(SCENE.length)), { recursive: true })
      const damaged = join(folder, '__transaction_state-0', LOG)
      writeFileSync(damaged, new DamagedSegment(readFileSync(damaged)).flipBit(200, 1).bytes)
      expect(fatesIn(await readTransactions([folder]))['late-1']).to.equal('unknown')
    })
  })
})
