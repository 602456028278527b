/**
 * Bytes were put in: the entry is longer than its header says, or the header itself is torn apart. Taking them out
 * again is proven by the length field, which must be right afterwards, and by the CRC. The place is found by running
 * the CRC from both ends. Whole sectors inside large values do not forbid this undo: a lost sector makes no batch
 * longer.
 */
import { locateInsertion } from '../../bytes/crc-splice.ts'
import {
  LEGACY_CRC_START,
  LOG_OVERHEAD,
  MAGIC_POSITION,
  V2_CRC_START,
} from '../../segment/layout.ts'
import { crcCoverage, minimumBytes } from '../../segment/record-batch.ts'
import { claimedSize, uint32At } from './area.ts'
import type { Edit } from '../edits.ts'
import { settle } from './judge.ts'
import { STEPS_PER_LOOK_UP } from './ledger.ts'
import type { Attempt, BrokenEntry, RungOutcome } from './rung.ts'

/** Most bytes that are taken out of one batch. */
export const MAX_SURPLUS_BYTES: number = 64 * 1024

const EPOCH_POSITION = 12

/** The length field, bytes 8 to 11, is whole when the insertion begins behind it. */
const LENGTH_END = 12

/** `surplus` bytes at `at` may be what was put in. */
interface Place {
  readonly at: number
  readonly surplus: number
}

/** In every magic. */
const isBeforeArea = ({ at }: Place): boolean => at < LEGACY_CRC_START

export function undoInserted(attempt: Attempt): RungOutcome {
  const { entry, ledger } = attempt
  const { bytes } = entry
  const surplus = bytes.length - claimedSize(bytes)
  // Up to four walks over the bytes.
  if (ledger.left < 4 * bytes.length)
    return {
      type: 'nothing',
      reason: 'effort-too-small',
      why: `the effort of ${ledger.effort} steps does not reach to look for inserted bytes (try a higher --repair-effort)`,
    }
  const isTorn = attempt.options.only === 'torn-header'
  if (surplus >= 1 && surplus <= MAX_SURPLUS_BYTES) {
    const inHeader = placesInHeader(attempt, surplus)
    const outcome = take(
      attempt,
      isTorn ? inHeader.filter(isBeforeArea) : [...placesInArea(attempt, surplus), ...inHeader],
    )
    if (outcome.type !== 'nothing') return outcome
  }
  return take(attempt, placesAroundLength(attempt, surplus))
}

const RULES = { rung: 'inserted-bytes', sectorRule: false, evidence: ['crc', 'records'] } as const

function take(attempt: Attempt, places: readonly Place[]): RungOutcome {
  const { entry } = attempt
  const likely = places.filter((place) => keepsCopies(entry, place))
  const likeliest = likely.filter((place) => keepsEpoch(entry, place))
  let outcome = settle(attempt, RULES, places.map(editsOf))
  for (const some of [likely, likeliest]) {
    if (outcome.type !== 'refused' || outcome.reason !== 'several-fit') break
    if (some.length > 0) outcome = settle(attempt, RULES, some.map(editsOf))
  }
  return outcome
}

/** Cut elsewhere in the same header, only the leader epoch may be another one: then it is as a neighbour has it. */
function keepsEpoch({ bytes, before, after }: BrokenEntry, place: Place): boolean {
  const head = headWithout(bytes, place)
  if (head[MAGIC_POSITION] !== 2) return true
  const epoch = uint32At(head, EPOCH_POSITION) | 0
  return [before, after].some((known) => known?.partitionLeaderEpoch === epoch)
}

const editsOf = ({ at, surplus }: Place): Edit[] => [
  { at, removed: surplus, inserted: new Uint8Array() },
]

/**
 * Whether a copy of another batch that stands there whole is taken out whole, or left: its first bytes are not the head of
 * this batch. Only the header has room for more than one place to cut.
 */
function keepsCopies({ bytes, copies }: BrokenEntry, place: Place): boolean {
  const { surplus } = place
  const cutsNone = (at: number): boolean =>
    copies.every(
      ({ start, end }) =>
        (at <= start && end <= at + surplus) || end <= at || at + surplus <= start,
    )
  for (let { at } = place; at < V2_CRC_START && !cutsNone(at); at++)
    if (bytes[at] !== bytes[at + surplus]) return false
  return true
}

/** Taking out from here gives the same bytes as taking out from one place before. */
const sameAsBefore = (bytes: Uint8Array, { at, surplus }: Place): boolean =>
  at > 0 && bytes[at - 1] === bytes[at - 1 + surplus]

/** Behind the stored CRC. Of places that give the same bytes only the first is kept. */
function placesInArea({ entry, ledger }: Attempt, surplus: number): Place[] {
  const { bytes } = entry
  const magic = bytes[MAGIC_POSITION] ?? 0xff
  const { crc, start, stored } = crcCoverage(magic)
  const size = bytes.length - start - surplus
  if (magic > 2 || size < 0) return []
  ledger.spend(3 * bytes.length)
  ledger.count(size + 1)
  const covered = { bytes, start, storedCrc: uint32At(bytes, stored) }
  const places = locateInsertion(crc, covered, surplus).map((at) => ({ at, surplus }))
  return places.filter((place, index) => {
    const follows = places[index - 1]?.at === place.at - 1
    return !(follows && sameAsBefore(bytes, place))
  })
}

/** The header's first bytes as they are once the surplus is out. */
function headWithout(bytes: Uint8Array, { at, surplus }: Place): Uint8Array {
  const head = new Uint8Array(24)
  head.set(bytes.subarray(0, Math.min(at, 24)))
  if (at < 24) head.set(bytes.subarray(at + surplus, surplus + 24), at)
  return head
}

/** The stored CRC is that of everything from `areaStart` of the damaged entry on. */
interface Suffix {
  readonly place: Place
  readonly magic: number
  readonly storedCrc: number
  readonly areaStart: number
}

/** What the CRC has to say about a place in the header; null where the length or the magic already says no. */
function suffixOf(bytes: Uint8Array, place: Place): Suffix | null {
  const head = headWithout(bytes, place)
  const magic = head[MAGIC_POSITION] ?? 0xff
  const size = bytes.length - place.surplus
  if (magic > 2 || size < minimumBytes(magic) || claimedSize(head) !== size) return null
  const { start, stored } = crcCoverage(magic)
  if (place.at > start) return null
  const areaStart = start + place.surplus
  return { place, magic, storedCrc: uint32At(head, stored), areaStart }
}

/** Up to the first byte under the CRC, with a known surplus. */
function placesInHeader(attempt: Attempt, surplus: number): Place[] {
  const { bytes } = attempt.entry
  const suffixes: Suffix[] = []
  for (let at = 0; at <= V2_CRC_START; at++) {
    const place = { at, surplus }
    const suffix = sameAsBefore(bytes, place) ? null : suffixOf(bytes, place)
    if (suffix !== null) suffixes.push(suffix)
  }
  return proven(attempt, suffixes)
}

/**
 * The surplus is not known when the length field itself was moved: every surplus with which the length field that
 * results says exactly what is left. `known` was tried before.
 */
function placesAroundLength(attempt: Attempt, known: number): Place[] {
  const { entry, ledger } = attempt
  const { bytes } = entry
  const suffixes: Suffix[] = []
  const largest = Math.min(MAX_SURPLUS_BYTES, bytes.length - minimumBytes(0))
  ledger.spend(Math.max(0, largest) * STEPS_PER_LOOK_UP)
  for (let surplus = 1; surplus <= largest; surplus++) {
    if (surplus === known) continue
    // Up to byte 8 all places leave the same length field.
    const movedWhole = leavesItsLength(bytes, 8, surplus)
    for (let at = movedWhole ? 0 : 9; at < LENGTH_END; at++) {
      if (at > 8 && !leavesItsLength(bytes, at, surplus)) continue
      const place = { at, surplus }
      const suffix = sameAsBefore(bytes, place) ? null : suffixOf(bytes, place)
      if (suffix !== null) suffixes.push(suffix)
    }
  }
  return proven(attempt, suffixes)
}

/** Whether the length field says just what is left without the surplus. Asked 200 000 times: it makes no copy. */
function leavesItsLength(bytes: Uint8Array, at: number, surplus: number): boolean {
  let length = 0
  for (let byte = 8; byte < LENGTH_END; byte++)
    length = (length << 8) | (bytes[byte < at ? byte : byte + surplus] ?? 0)
  return length + LOG_OVERHEAD === bytes.length - surplus
}

/** Those whose CRC holds: one walk over the bytes for all of them together. */
function proven({ entry, ledger }: Attempt, suffixes: readonly Suffix[]): Place[] {
  const { bytes } = entry
  ledger.count(suffixes.length)
  const places: Place[] = []
  for (const legacy of [true, false]) {
    const ours = suffixes
      .filter(({ magic }) => magic < 2 === legacy)
      .sort((a, b) => a.areaStart - b.areaStart)
    if (ours.length === 0) continue
    const { crc } = crcCoverage(legacy ? 0 : 2)
    const whole = crc.update(0, bytes)
    ledger.spend(2 * bytes.length + 512 * ours.length)
    let at = 0
    let before = 0
    for (const { place, storedCrc, areaStart } of ours) {
      before = crc.update(before, bytes, at, areaStart)
      at = areaStart
      if (crc.suffix(before, whole, bytes.length - areaStart) === storedCrc) places.push(place)
    }
  }
  return places
}
