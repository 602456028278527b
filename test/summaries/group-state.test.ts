import { expect } from 'chai'
import { TransactionOutcomes } from '../../src/dump/transaction-outcomes.ts'
import { decodeBatchHeader } from '../../src/segment/record-batch.ts'
import { GroupState } from '../../src/summaries/group-state.ts'
import type { GroupSummary } from '../../src/summaries/group-summary.ts'
import { batchBytes } from '../commands/support.ts'

const int16 = (value: number): number[] => [value >> 8, value & 0xff]
const int32 = (value: number): number[] => [...int16(value >>> 16), ...int16(value & 0xffff)]
const text = (value: string): number[] => [...int16(value.length), ...Buffer.from(value)]
/** In a flexible version. */
const compact = (value: string): number[] => [value.length + 1, ...Buffer.from(value)]

type Entry = readonly [key: readonly number[], value: readonly number[] | null]

const NO_TAGS = 0
const offsetKey = [...int16(1), ...text('g'), ...text('t'), ...int32(0)]
/** Version 3: offset 7, no leader epoch, no metadata, time 0. */
const offsetValue = [
  ...int16(3),
  ...int32(0),
  ...int32(7),
  ...int32(-1),
  ...text(''),
  ...int32(0),
  ...int32(0),
]
const keyOf = (type: number, ...names: string[]): number[] => [
  ...int16(type),
  ...names.flatMap(text),
]
const epochValue = (epoch: number): number[] => [...int16(0), ...int32(epoch), NO_TAGS]
const consumerMember: Entry = [
  keyOf(5, 'g', 'm'),
  [...int16(0), 0, 0, ...compact('c'), ...compact('h'), 1, 0, ...int32(0), 0, NO_TAGS],
]
const assignment = (memberEpoch: number, state: number): Entry => [
  keyOf(8, 'g', 'm'),
  [...int16(0), ...int32(memberEpoch), ...int32(0), state, 1, 1, NO_TAGS],
]

/** The one group that these records make. */
function groupOf(...entries: readonly Entry[]): GroupSummary | undefined {
  const header = decodeBatchHeader(batchBytes({ baseOffset: 0n, values: [''] }), 0)!
  const state = new GroupState()
  entries.forEach(([key, value], at) => {
    const record = {
      offset: BigInt(at),
      timestamp: 0n,
      key: Uint8Array.from(key),
      value: value === null ? null : Uint8Array.from(value),
      headers: [],
    }
    state.apply({ header, record }, new TransactionOutcomes())
  })
  expect(state.undecodable).to.equal(0)
  return state.summary()[0]
}

describe('GroupState', () => {
  const epochs: readonly Entry[] = [
    [keyOf(3, 'g'), epochValue(2)],
    [keyOf(6, 'g'), epochValue(2)],
  ]
  const cases: readonly [string, readonly Entry[], object | undefined][] = [
    [
      'offsets alone: an empty classic group',
      [[offsetKey, offsetValue]],
      { type: 'classic', state: 'Empty', epoch: null },
    ],
    [
      'its last offset deleted: still the group',
      [
        [offsetKey, offsetValue],
        [offsetKey, null],
      ],
      { type: 'classic', state: 'Empty', offsets: [] },
    ],
    [
      'the group deleted',
      [
        [offsetKey, offsetValue],
        [offsetKey, null],
        [keyOf(2, 'g'), null],
      ],
      undefined,
    ],
    [
      'the group deleted, an offset of it left',
      [
        [offsetKey, offsetValue],
        [keyOf(2, 'g'), null],
      ],
      { type: null, state: null },
    ],
    [
      'members that have what they are to have',
      [consumerMember, ...epochs, assignment(2, 0)],
      { type: 'consumer', state: 'Stable', epoch: 2 },
    ],
    [
      'a member that has not yet given up',
      [consumerMember, ...epochs, assignment(2, 1)],
      { state: 'Reconciling' },
    ],
    [
      'a member that is an epoch behind',
      [consumerMember, ...epochs, assignment(1, 0)],
      { state: 'Reconciling' },
    ],
    [
      'no assignment for the newest epoch',
      [consumerMember, ...epochs, [keyOf(3, 'g'), epochValue(3)]],
      { state: 'Assigning' },
    ],
    ['no word of an epoch', [consumerMember], { type: 'consumer', state: null, epoch: null }],
    ['an assignment of nobody', [...epochs, assignment(2, 0)], { state: 'Empty' }],
    [
      'a member that left',
      [
        consumerMember,
        ...epochs,
        assignment(2, 0),
        [keyOf(8, 'g', 'm'), null],
        [keyOf(5, 'g', 'm'), null],
      ],
      { state: 'Empty', members: [] },
    ],
  ]
  for (const [name, entries, expected] of cases)
    it(name, () => {
      const group = groupOf(...entries)
      if (expected === undefined) expect(group).to.equal(undefined)
      else expect(group).to.deep.include(expected)
    })
})
