import { expect } from 'chai'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { memorySource } from '../../src/bytes/byte-source.ts'
import { Window } from '../../src/bytes/window.ts'
import type { Codecs } from '../../src/codec/codec.ts'
import { parseDumpArguments } from '../../src/commands/dump-arguments.ts'
import { resolveDumpFiles } from '../../src/dump/dump-file.ts'
import { dumpLog } from '../../src/dump/dump-log.ts'
import type { DumpFilter } from '../../src/dump/filter.ts'
import { Quota } from '../../src/dump/quota.ts'
import { rowsFor } from '../../src/dump/rows.ts'
import { TransactionOutcomes } from '../../src/dump/transaction-outcomes.ts'
import { concat, healthyBatches, newFolder } from '../commands/support.ts'
import { walkBatches } from '../support/walk-batches.ts'
import { dumpArguments, runDump } from './support.ts'

const ZSTD = join(
  import.meta.dirname,
  '../segments/kafka-4.1.0/franzgo-zstd-0/00000000000000000000.log',
)

describe('conditions are asked of the header', () => {
  /** How many batches are decompressed for an answer; all of this log are zstd. */
  function decodedFor(
    changes: Partial<DumpFilter>,
    { quota = new Quota(0, Infinity), deep = true } = {},
  ): {
    decoded: number
    shown: number
    batches: readonly { readonly baseOffset: bigint }[]
  } {
    let decoded = 0
    const { options } = parseDumpArguments(dumpArguments([ZSTD], { json: true }))
    const zstd: Codecs['zstd'] = (...given) => {
      decoded++
      return options.codecs.zstd(...given)
    }
    const log = readFileSync(ZSTD)
    const window = new Window(memorySource(log))
    const task = {
      window,
      startOffset: 0n,
      options: {
        ...options,
        deep,
        codecs: { ...options.codecs, zstd },
        filter: { ...options.filter, ...changes },
      },
      rows: rowsFor(options, resolveDumpFiles(ZSTD)[0]!, null),
      quota,
      outcomes: new TransactionOutcomes(),
      onRecord: () => undefined,
    }
    const shown = [...dumpLog(task)].filter((text) => text !== null).length
    return { decoded, shown, batches: walkBatches(log) }
  }

  it('decodes no batch that its header rules out', () => {
    const { batches } = decodedFor({})
    const all = batches.length
    expect(decodedFor({}).decoded).to.equal(all)
    const middle = batches[3]!.baseOffset
    expect(decodedFor({ fromOffset: middle }).decoded).to.equal(all - 3)
    expect(decodedFor({ toOffset: middle - 1n }).decoded).to.equal(3)
    expect(decodedFor({ fromOffset: middle, toOffset: middle }).decoded).to.equal(1)
    for (const nothing of [
      { producerId: 1n << 40n },
      { control: true },
      { outcome: 'aborted' as const },
      { onlyDamaged: false, fromTime: 1n << 50n },
    ])
      expect(decodedFor(nothing)).to.include({ decoded: 0, shown: 0 })
    // Records have to be looked at, but only those of batches that the header lets through.
    expect(decodedFor({ key: 'nobody', toOffset: middle - 1n }).decoded).to.equal(3)
  })

  it('decodes for --committed, --tail and --where damaged only what they need', () => {
    const { batches } = decodedFor({})
    const all = batches.length
    const middle = batches[3]!.baseOffset
    const committed = { outcome: 'committed' as const }
    expect(decodedFor(committed).decoded).to.equal(all)
    expect(decodedFor({ ...committed, fromOffset: middle }).decoded).to.equal(all - 3)
    const counting = new Quota(Infinity, Infinity)
    expect(decodedFor({}, { quota: counting }).decoded).to.equal(0)
    expect(counting.counted).to.be.above(all)
    const last = new Quota(counting.counted - 1, 1)
    expect(decodedFor({}, { quota: last }).decoded).to.equal(1)
    expect(last.shown).to.equal(1)
    // Whole batches are looked into for damage only where records are asked for, and only in the range.
    const onlyDamaged = true
    expect(decodedFor({ onlyDamaged }).decoded).to.equal(all)
    expect(decodedFor({ onlyDamaged }, { deep: false }).decoded).to.equal(0)
    expect(decodedFor({ onlyDamaged, toOffset: middle - 1n }).decoded).to.equal(3)
  })

  it('--to-offset goes on behind a batch whose offset a flipped bit has made large', async () => {
    const batches = healthyBatches(0n, 4)
    batches[1]![2]! ^= 1
    const path = join(newFolder(), `${'0'.repeat(20)}.log`)
    writeFileSync(path, concat(...batches))
    const { out } = await runDump(path, { toOffset: '11', deepIteration: true })
    const last = batches[0]!.length + batches[1]!.length + batches[2]!.length
    expect(out).to.contain(`position: ${last}`)
  })
})
