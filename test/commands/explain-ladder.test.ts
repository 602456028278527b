/** The ladder of repairs, step by step, as explain shows it on each kind of damage. */
import { expect } from 'chai'
import type { ExplainArguments } from '../../src/commands/explain.ts'
import { LADDER } from '../../src/recover/rungs/trail.ts'
import { ask, run, write } from './explain-answers.ts'
import { batchBytes, concat, healthyBatches } from './support.ts'

const batches = (): Uint8Array[] => healthyBatches(0n, 4)

describe('kmend explain, what was tried', () => {
  type Strike = (all: Uint8Array[]) => void
  const byte =
    (at: number, mask: number): Strike =>
    ([, second]) => {
      second![at]! ^= mask
    }
  const big = (size: number): Uint8Array =>
    batchBytes({ baseOffset: 3n, values: ['a', 'b', 'x'.repeat(size)] })

  const ladders: readonly {
    readonly name: string
    readonly strike: Strike
    readonly options?: Partial<ExplainArguments>
    readonly taken: string
    readonly shows: readonly RegExp[]
  }[] = [
    {
      name: 'a flipped bit',
      strike: byte(90, 1),
      taken: 'one-bit',
      shows: [
        /damaged CRC field +5,488 +\d+ +\d\.\de-6 +nothing fits\n/,
        /one flipped bit .*proven, chance \d\.\de-6; REPAIR TAKES THIS\n +from position \d+: records byte 90 bit 0: 0x.. -> 0x..: CRC right, decodes/,
        /not tried, since the search had ended:\n +one damaged byte,/,
        /in all [\d,]+ candidates, [\d,]+ of 536,870,912 steps/,
        /marker built again: not tried, since the search had ended/,
      ],
    },
    {
      name: 'a CRC field with a flipped bit',
      strike: byte(18, 8),
      taken: 'crc-field',
      shows: [/damaged CRC field .*REPAIR TAKES THIS\n +from position \d+: crc 0x\w{8} -> 0x\w{8}/],
    },
    {
      name: 'a wrong length',
      strike: byte(10, 4),
      taken: 'outer-fields',
      shows: [
        /fields outside the CRC: REPAIR TAKES THIS\n +at position \d+: batchLength \d+ -> \d+ \(the damage ends there\): fits/,
        /scan says: batch-length-invalid/,
      ],
    },
    {
      name: 'a wrong offset of a batch that is whole',
      strike: byte(5, 1),
      taken: 'outer-fields',
      shows: [
        /DAMAGED: offset-not-increasing\n {2}baseOffset \d+ is wrong/,
        /baseOffset 65539 -> 3 \(counted from the batches around it\): fits/,
      ],
    },
    {
      name: 'a batch too large for the accepted chance',
      strike: byte(90, 1),
      options: { maxFalseMatch: 1.3e-6 },
      taken: 'skip',
      shows: [
        /one flipped bit +8 .*tried in the byte of the codec only: more candidates than the accepted chance allows\n +a batch of \d+ bytes is too large/,
        /skip: offsets 3 to 5 are not in the output; the log goes on at 6; REPAIR TAKES THIS/,
        /salvage: 2 records can still be read out of it/,
      ],
    },
    {
      name: 'an effort that does not reach',
      strike: byte(90, 1),
      options: { repairEffort: 400 },
      taken: 'skip',
      shows: [/not tried: more steps than are left\n +the effort of 400 steps does not reach/],
    },
    {
      name: 'a whole sector in one value',
      strike: (all) => {
        all[1] = big(2000)
        all[1][1500]! ^= 1
      },
      taken: 'skip',
      shows: [/REFUSED: one repair fits, but decoding proves nothing of a whole sector, chance/],
    },
    {
      name: 'more damage than can be undone',
      strike: ([, second]) => second!.fill(0xee, 62),
      taken: 'skip',
      shows: [
        /salvage: no record can be read out of it for certain/,
        /marker built again: not tried, since the bytes cannot be one marker/,
        /each needs|it needs whole sectors in other damaged places/,
      ],
    },
    {
      name: 'a lost header',
      strike: ([, second]) => second!.fill(0xff, 0, 61),
      taken: 'skip',
      shows: [/positions \d+ to \d+ taken for one batch/, /\n {4}with magic 255 -> 2, batchLength/],
    },
    {
      name: 'bytes of zeros where a batch was',
      strike: ([, second]) => second!.fill(0),
      taken: 'skip',
      shows: [/\nwhat was tried/],
    },
    {
      name: 'garbage too short for a batch',
      strike: (all) => {
        all[1] = Uint8Array.of(1, 2, 3, 4)
      },
      taken: 'skip',
      shows: [/undo: nothing was found here that could be one batch/],
    },
    {
      name: 'garbage too short for a header at the end',
      strike: (all) => all.splice(1, 3, Uint8Array.of(1, 2, 3, 4)),
      taken: 'skip',
      shows: [/taken for one batch \(4 bytes\): no header can be read/],
    },
    {
      name: 'bytes that were put in',
      strike: (all) => {
        all[1] = concat(all[1]!.subarray(0, 3), Uint8Array.of(9, 9), all[1]!.subarray(3))
      },
      taken: 'inserted-bytes',
      shows: [
        /no: CRC right, but the batches around it contradict/,
        /not tried, since each needs a length field that says where the batch ends:\n +a damaged CRC field/,
      ],
    },
    {
      name: 'a payload that does not decode under a CRC that holds',
      strike: (all) => {
        all[1] = batchBytes({ baseOffset: 3n, values: ['x', 'y', 'z'], attributes: 3 })
      },
      taken: 'skip',
      shows: [
        /undo: not looked for, since the CRC holds/,
        /skip: offsets 3 to 5 .*REPAIR TAKES THIS/,
      ],
    },
  ]
  for (const { name, strike, options = {}, taken, shows } of ladders)
    it(`shows the ladder step by step on ${name}`, async () => {
      const all = batches()
      strike(all)
      const path = write(...all)
      const target = { ...options, position: String(all[0]!.length) }
      const { verdict } = await ask(path, target)
      expect(verdict?.taken).to.equal(taken)
      const text = await run([path], target)
      for (const part of shows) expect(text).to.match(part)
      expect(text.split('REPAIR TAKES THIS')).to.have.length(2)
      for (const line of text.split('\n')) expect(line.length, line).to.be.below(200)
      for (const { readings } of verdict?.ladder?.searches ?? [])
        for (const { rungs } of readings)
          expect(rungs.map(({ rung }) => rung)).to.deep.equal(LADDER)
    })

  it('asks the whole log only of a batch that has not the next offset', async () => {
    expect((await ask(write(...batches()), { offset: '4' })).verdict).to.equal(null)
  })
})
