/**
 * Sectors that were written to the wrong place: some whole sectors of the batch hold other bytes, and the true ones
 * lie elsewhere. For every run of sectors in the batch the CRC says what a replacement must be like, so that a hash
 * table over those values finds it among all candidates in one pass. The bytes that are put in were found, not made.
 */
import { crcAlgebra } from '../../bytes/crc-algebra.ts'
import { rawNeeded, rawPrefixes } from '../../bytes/crc-splice.ts'
import type { RawPrefixes } from '../../bytes/crc-splice.ts'
import { SECTOR_BYTES } from '../../bytes/sector.ts'
import { MAGIC_POSITION } from '../../segment/layout.ts'
import { minimumBytes } from '../../segment/record-batch.ts'
import { claimedSize, coveredArea, uint32At } from './area.ts'
import type { CoveredArea } from './area.ts'
import type { Edit } from '../edits.ts'
import { sameBytes } from '../edits.ts'
import { neededChance, shareBeforeRepair } from './false-match.ts'
import { settle } from './judge.ts'
import { STEPS_PER_SECTOR } from './ledger.ts'
import { NOT_APPLICABLE, NOTHING_FITS_HERE } from './rung.ts'
import type { Attempt, BrokenEntry, NothingReason, RungOutcome, SectorStretch } from './rung.ts'

/** How many touching sectors are replaced at once, and to how many sectors both places are aligned. */
interface RunShape {
  readonly sectors: number
  readonly alignment: number
}

/** Pages (4096 bytes) and what file systems move first: their alignment leaves few candidates. Then single sectors. */
const SHAPES: readonly RunShape[] = [
  ...[8, 16, 32, 64, 128].map((sectors) => ({ sectors, alignment: 8 })),
  ...[1, 2, 4, 3, 5, 6, 7, 8].map((sectors) => ({ sectors, alignment: 1 })),
]

/** One run in the damaged entry, clipped to it. Places count from the start of the entry. */
interface TargetPlace {
  /** Where the run starts; before the entry when negative. */
  readonly runStart: number
  readonly end: number
  /** First byte under the CRC that the run replaces. */
  readonly areaFrom: number
}

interface Target extends TargetPlace {
  /** The raw register that the replacement of [areaFrom, end) must have, with the stored CRC as it is. */
  readonly needed: number
}

interface Search {
  readonly attempt: Attempt
  readonly area: CoveredArea
  readonly source: RawPrefixes
  readonly stretches: readonly { readonly stretch: SectorStretch; readonly prefixes: RawPrefixes }[]
}

export function undoMovedSectors(attempt: Attempt): RungOutcome {
  const { entry, options, ledger } = attempt
  const magic = magicOf(entry)
  const found = entry.bytes.length < minimumBytes(magic) ? null : options.otherSectors()
  if (found === null) return NOT_APPLICABLE
  const sectorBytes = found.stretches.reduce((sum, { bytes }) => sum + bytes.length, 0)
  if (sectorBytes + 2 * entry.bytes.length > ledger.left)
    return {
      type: 'nothing',
      reason: 'effort-too-small',
      why: `the effort of ${ledger.effort} steps does not reach to compare with bytes elsewhere (try a higher --repair-effort)`,
    }
  ledger.spend(sectorBytes + entry.bytes.length)
  const area = coveredArea(attempt, magic)
  const search: Search = {
    attempt,
    area,
    source: prefixesOf(area, entry),
    stretches: found.stretches.map((stretch) => ({ stretch, prefixes: prefixesOf(area, stretch) })),
  }
  const share = shareBeforeRepair(attempt)
  let skipped: RungOutcome | null = null
  for (const shape of SHAPES) {
    const outcome = tryShape(search, shape, share)
    if (outcome.type !== 'nothing') return outcome
    if (outcome.why !== null) skipped ??= outcome
  }
  return skipped ?? NOTHING_FITS_HERE
}

/** Runs start at sectors: there nothing has to be read again. */
const prefixesOf = (
  { crc }: CoveredArea,
  { position, bytes }: Pick<SectorStretch, 'position' | 'bytes'>,
): RawPrefixes =>
  rawPrefixes(crc, bytes, SECTOR_BYTES, (SECTOR_BYTES - (position % SECTOR_BYTES)) % SECTOR_BYTES)

/** A header whose length is wrong lies itself in a lost sector: what its magic says is worth nothing. */
function magicOf({ bytes, header, before, after }: BrokenEntry): number {
  const fits = header !== null && claimedSize(bytes) === bytes.length
  return (fits ? header : (before ?? after ?? header))?.magic ?? 2
}

/** The runs of a shape that replace some bytes under the CRC, and not all of them. */
function targetPlaces({ attempt: { entry }, area }: Search, shape: RunShape): TargetPlace[] {
  const { bytes, position } = entry
  const unit = shape.alignment * SECTOR_BYTES
  const size = shape.sectors * SECTOR_BYTES
  const fits = entry.header !== null && claimedSize(bytes) === bytes.length
  const places: TargetPlace[] = []
  // The first and the last unit of a run touch the entry: a longer run does the same as a shorter one.
  for (
    let start = Math.floor(position / unit) * unit;
    start < position + bytes.length;
    start += unit
  ) {
    const runStart = start - position
    const end = Math.min(runStart + size, bytes.length)
    const areaFrom = Math.max(runStart, area.start)
    if (runStart + size - unit >= bytes.length || areaFrom >= end) continue
    if (runStart <= 0 && end === bytes.length) continue
    // A header that cannot be right must itself be among what is replaced.
    if (!fits && runStart > MAGIC_POSITION) continue
    places.push({ runStart, end, areaFrom })
  }
  return places
}

/** What the CRC asks of a replacement: costlier than to list the places, of which there may be too many. */
function toTarget({ attempt: { entry }, area, source }: Search, place: TargetPlace): Target {
  const { areaFrom, end } = place
  const old = source.raw(areaFrom, end - areaFrom)
  return { ...place, needed: rawNeeded(area.crc, area.syndrome, old, entry.bytes.length - end) }
}

/** Targets that are compared with the same bytes of each candidate run. */
interface Group {
  /** Of the candidate run: where its part under the CRC starts, and that part's size. */
  readonly from: number
  readonly size: number
  readonly byNeeded: Map<number, Target[]>
  /** The candidate run also brings a part of the stored CRC, of this one target. */
  readonly crcTarget: Target | null
}

function groupsOf(targets: readonly Target[], area: CoveredArea): Group[] {
  const groups = new Map<string, Group>()
  for (const target of targets) {
    const from = target.areaFrom - target.runStart
    const size = target.end - target.areaFrom
    const bringsCrc = target.runStart < area.stored + 4
    const key = bringsCrc ? `crc ${target.runStart}` : `${from} ${size}`
    let group = groups.get(key)
    if (group === undefined) {
      group = { from, size, byNeeded: new Map(), crcTarget: bringsCrc ? target : null }
      groups.set(key, group)
    }
    const same = group.byNeeded.get(target.needed)
    if (same === undefined) group.byNeeded.set(target.needed, [target])
    else same.push(target)
  }
  return [...groups.values()]
}

function tryShape(search: Search, shape: RunShape, share: number): RungOutcome {
  const { attempt, area } = search
  const { ledger, options } = attempt
  const places = targetPlaces(search, shape)
  const starts = search.stretches.flatMap(({ stretch, prefixes }) =>
    runStarts(stretch, shape).map((at) => ({ at, stretch, prefixes })),
  )
  const candidates = places.length * starts.length
  if (candidates === 0) return NOT_APPLICABLE
  const tooMany = (reason: NothingReason, why: string): RungOutcome => ({
    type: 'nothing',
    reason,
    why: `there are too many sectors elsewhere to compare all of them: ${why}`,
  })
  const chance = ledger.falseMatch(share, candidates)
  if (chance > options.maxFalseMatch) return tooMany('too-many-candidates', neededChance(chance))
  const targets = places.map((place) => toTarget(search, place))
  const groups = groupsOf(targets, area)
  const steps = groups.length * starts.length * (STEPS_PER_SECTOR + SECTOR_BYTES)
  if (steps > ledger.left)
    return tooMany(
      'effort-too-small',
      `the effort of ${ledger.effort} steps does not reach (try a higher --repair-effort)`,
    )
  ledger.count(candidates)
  ledger.spend(steps)
  const hits: Edit[] = []
  for (const { from, size, byNeeded, crcTarget } of groups) {
    for (const { at, stretch, prefixes } of starts) {
      if (at + from + size > stretch.bytes.length) continue
      const brought = crcTarget === null ? 0 : broughtCrc(search, crcTarget, stretch.bytes, at)
      const raw = prefixes.raw(at + from, size) ^ brought
      for (const { runStart, end } of byNeeded.get(raw) ?? []) {
        const first = Math.max(runStart, 0)
        const inserted = stretch.bytes.slice(at + first - runStart, at + end - runStart)
        const edit = { at: first, removed: inserted.length, inserted }
        if (!hits.some((hit) => hit.at === first && sameBytes(hit.inserted, inserted)))
          hits.push(edit)
      }
    }
  }
  return settle(
    attempt,
    { rung: 'moved-bytes', sectorRule: false, evidence: ['crc', 'records', 'moved'] },
    hits.map((edit) => [edit]),
  )
}

/** Where aligned runs start in a stretch; the last one may be cut short by the stretch's end. */
function runStarts({ position, bytes }: SectorStretch, { alignment }: RunShape): number[] {
  const unit = alignment * SECTOR_BYTES
  const starts: number[] = []
  const first = Math.ceil(position / unit) * unit - position
  for (let at = first; at < bytes.length; at += unit) starts.push(at)
  return starts
}

/** By what the register must differ because the candidate brings another stored CRC along. */
function broughtCrc(
  { attempt: { entry }, area }: Search,
  { runStart, end }: Target,
  candidate: Uint8Array,
  at: number,
): number {
  const field = entry.bytes.slice(area.stored, area.stored + 4)
  for (let index = 0; index < 4; index++) {
    const place = area.stored + index - runStart
    if (place >= 0) field[index] = candidate[at + place] ?? 0
  }
  const difference = uint32At(field, 0) ^ area.storedCrc
  return crcAlgebra(area.crc).retreat(difference, entry.bytes.length - end)
}
