import { expect } from 'chai'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { groups } from '../../src/commands/groups.ts'
import { InvalidArgumentError } from '../../src/errors.ts'
import { newFolder } from '../commands/support.ts'
import { freshenCrc, walkBatches } from '../support/walk-batches.ts'
import { FIXTURES, LOG, RECORDS, run } from './support.ts'

interface GroupsAnswer {
  readonly groups: readonly {
    readonly group: string
    readonly type: string | null
    readonly state: string | null
    readonly members: readonly { readonly memberId: string }[]
    readonly offsets: readonly {
      readonly topic: string
      readonly partition: number
      readonly offset: number
    }[]
  }[]
  readonly damagedPlaces: number
}

const readGroups = async (paths: readonly string[], atTime?: string): Promise<GroupsAnswer> =>
  JSON.parse(await run(groups, paths, { atTime })) as GroupsAnswer

/** `group topic-partition` and the offset, of every committed offset. */
const offsetsOf = ({ groups: all }: GroupsAnswer): Record<string, number> =>
  Object.fromEntries(
    all.flatMap(({ group, offsets }) =>
      offsets.map(({ topic, partition, offset }) => [`${group} ${topic}-${partition}`, offset]),
    ),
  )

/** The same from kafka-dump-log's answer, read with nothing of src/. */
function offsetsInDump(path: string, atTime = Infinity): Record<string, number> {
  const committed = new Map<string, number>()
  for (const line of gunzipSync(readFileSync(path)).toString().split('\n')) {
    const match = /CreateTime: (\d+).* key: (\{.*?\}\}) payload: (.*)$/.exec(line)
    if (match === null || Number(match[1]) > atTime) continue
    const key = JSON.parse(match[2]!) as { type: string; data: Record<string, string> }
    if (key.type !== '1') continue
    const name = `${key.data['group']} ${key.data['topic']}-${key.data['partition']}`
    if (match[3] === '<DELETE>') committed.delete(name)
    else committed.set(name, (JSON.parse(match[3]!) as { data: { offset: number } }).data.offset)
  }
  return Object.fromEntries(committed)
}

describe('kmend groups', () => {
  const offsets = join(FIXTURES, '__consumer_offsets-0')
  const answer = join(
    FIXTURES,
    '../answers/kafka-4.1.0/__consumer_offsets-0/00000000000000000000.dump.txt.gz',
  )

  it('tells the last committed offsets, and what kind of group each is', async () => {
    const all = await readGroups([offsets, join(FIXTURES, '__consumer_offsets-1')])
    expect(offsetsOf(all)).to.deep.equal(offsetsInDump(answer))
    expect(all.groups.map(({ group, type, members }) => [group, type, members])).to.deep.equal([
      ['g-classic', 'classic', []],
      ['g-consumer', 'consumer', []],
      ['g-share', 'share', []],
    ])
    expect(all.damagedPlaces).to.equal(0)
  })

  it('tells them as of a time', async () => {
    const time = 1795409232900
    const then = await readGroups([offsets], time.toString())
    expect(offsetsOf(then)).to.deep.equal(offsetsInDump(answer, time))
    expect(offsetsOf(then)).not.to.deep.equal(offsetsInDump(answer))
    expect(offsetsOf(await readGroups([offsets], '2026-01-01'))).to.deep.equal({})
  })

  it('prints them for people', async () => {
    const text = await run(groups, [offsets], { atTime: undefined }, false)
    expect(text).to.match(
      /^group g-classic {2}\(classic, Empty, epoch 2, 0 members\)\n {2}TOPIC +PARTITION +OFFSET/,
    )
    expect(text).to.match(/\n {2}orders-lz4 +0 +9800 +0 +2026-/)
  })

  it('counts a transaction by its marker: committed, aborted, or open', async () => {
    const [marker] = walkBatches(
      readFileSync(join(FIXTURES, 'payments-txn-0/00000000000000000040.log')),
    )
    const bytes = readFileSync(join(offsets, LOG))
    const batches = walkBatches(bytes)
    // The first commit of g-classic, made part of a transaction of the marker's producer.
    const place = batches.findIndex(({ baseOffset }) => baseOffset === 2n)
    const producer = new DataView(marker!.bytes.buffer, marker!.bytes.byteOffset).getBigInt64(43)
    const before = batches.slice(0, place).map((batch) => batch.bytes)
    const commit = Uint8Array.from(batches[place]!.bytes)
    const view = new DataView(commit.buffer)
    view.setInt16(21, 0x10)
    view.setBigInt64(43, producer)
    freshenCrc(commit)
    const end = (type: number): Uint8Array => {
      const control = Uint8Array.from(marker!.bytes)
      const fields = new DataView(control.buffer)
      fields.setBigInt64(0, 4n)
      // The type within the record's key: after the record's length, attributes, deltas and the key's length.
      control[61 + 5 + 3] = type
      freshenCrc(control)
      return control
    }
    const answerTo = async (...tail: Uint8Array[]): Promise<Record<string, number>> => {
      const folder = join(newFolder(), '__consumer_offsets-0')
      mkdirSync(folder)
      writeFileSync(join(folder, LOG), Buffer.concat([...before, commit, ...tail]))
      return offsetsOf(await readGroups([folder]))
    }
    const committed = { 'g-classic payments-txn-0': 0, 'g-classic orders-lz4-0': 500 }
    expect(await answerTo(end(1))).to.deep.equal(committed)
    expect(await answerTo(end(0))).to.deep.equal({})
    expect(await answerTo()).to.deep.equal({})
  })

  it('says that damage may hide something, and goes on', async () => {
    const folder = join(newFolder(), '__consumer_offsets-0')
    mkdirSync(folder)
    const bytes = readFileSync(join(offsets, LOG))
    bytes[200]! ^= 1
    writeFileSync(join(folder, LOG), bytes)
    expect((await readGroups([folder])).damagedPlaces).to.equal(1)
    expect(await run(groups, [folder], { atTime: undefined }, false)).to.contain(
      '1 damaged place: what was written there',
    )
  })

  it('takes every record type of every version', async () => {
    const all = await readGroups([join(RECORDS, '__consumer_offsets-0')])
    expect(all.groups.length).to.be.above(3)
  })

  it('refuses what is none of its topic', async () => {
    const error: unknown = await run(groups, [join(FIXTURES, 'payments-txn-0')], {
      atTime: undefined,
    }).catch((thrown: unknown) => thrown)
    expect(error).to.be.instanceOf(InvalidArgumentError)
    expect((error as Error).message).to.contain('nothing of __consumer_offsets here')
  })
})
