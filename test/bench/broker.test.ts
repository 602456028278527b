import { expect } from 'chai'
import { brokerKeeps } from '../../bench/recovery/broker.ts'
import { loadSegment } from '../support/corpus.ts'
import { DamagedSegment } from '../support/damage.ts'

const { bytes, batches } = loadSegment('kafka-2.8.2/legacy-v2-none-0/00000000000000000000')
const { position, sizeInBytes } = batches[10]!

const setOffset =
  (offset: bigint) =>
  (damaged: DamagedSegment): void => {
    const field = new Uint8Array(8)
    new DataView(field.buffer).setBigInt64(0, offset)
    damaged.overwrite(position, field)
  }

describe('bench: what a broker keeps', () => {
  for (const { name, damage, kept } of [
    { name: 'all of a whole file', damage: () => undefined, kept: batches.length },
    {
      name: 'what comes before a wrong CRC',
      damage: (damaged: DamagedSegment) => damaged.flipBit(position + 100, 3),
      kept: 10,
    },
    {
      name: 'what comes before a length beyond the end',
      damage: (damaged: DamagedSegment) => damaged.flipBit(position + 8, 6),
      kept: 10,
    },
    {
      name: 'what comes before zeros',
      damage: (damaged: DamagedSegment) => damaged.zeroRange(position, sizeInBytes),
      kept: 10,
    },
    { name: 'nothing of an offset below the base', damage: setOffset(-5n), kept: 0 },
    { name: 'nothing of an offset above the range', damage: setOffset(2n ** 31n), kept: 0 },
    { name: 'nothing where indexed offsets do not rise', damage: setOffset(100_000n), kept: 0 },
    {
      name: 'a wrong leader epoch, unnoticed',
      damage: (damaged: DamagedSegment) => damaged.flipBit(position + 15, 3),
      kept: batches.length,
    },
    {
      name: 'a magic above 2, unnoticed',
      damage: (damaged: DamagedSegment) => damaged.flipBit(position + 16, 2),
      kept: batches.length,
    },
    {
      name: 'all but a torn tail',
      damage: (damaged: DamagedSegment) => damaged.truncateTo(bytes.length - 10),
      kept: batches.length - 1,
    },
  ])
    it(name, () => {
      const damaged = new DamagedSegment(bytes)
      damage(damaged)
      expect(brokerKeeps(damaged.bytes, 0n)).to.have.length(kept)
    })
})
