/** The salvage of a whole segment: how many records each skipped entry still gives, and batches made of them on request. */
import type { Window } from '../../bytes/window.ts'
import { NO_PARTITION_LEADER_EPOCH } from '../../segment/layout.ts'
import type { Damage } from '../damage.ts'
import type { SegmentDiagnosis } from '../diagnose.ts'
import { placeOf } from '../runs.ts'
import type { SalvagedBatch, SalvageSources } from './salvage-damage.ts'
import { salvageDamage, salvagedBatch } from './salvage-damage.ts'
import { counted } from '../../words/words.ts'

export type SalvageMode = 'none' | 'side' | 'data'

export interface SalvagePlan {
  /** Records for each entry that gives any. */
  readonly counts: ReadonlyMap<Damage, number>
  /** Batches to write in the place of broken ones; empty unless the mode is `data`. */
  readonly batches: ReadonlyMap<Damage, SalvagedBatch>
  readonly notes: readonly string[]
}

export const NOTHING_SALVAGED: SalvagePlan = { counts: new Map(), batches: new Map(), notes: [] }

/** Made batches are held in memory until they are written; past this the records go to the side only. */
const MAX_HELD_BYTES = 256 * 1024 * 1024

export interface SalvageSettings extends SalvageSources {
  readonly mode: SalvageMode
  readonly onProgress: (position: number) => Promise<void> | void
}

/** One broken batch is in memory at a time. */
export async function planSalvage(
  window: Window,
  diagnosis: SegmentDiagnosis,
  { mode, onProgress, ...sources }: SalvageSettings,
): Promise<SalvagePlan> {
  if (mode === 'none') return NOTHING_SALVAGED
  const counts = new Map<Damage, number>()
  const batches = new Map<Damage, SalvagedBatch>()
  const notes: string[] = []
  let held = 0
  for (const damage of diagnosis.damage) {
    const salvaged = salvageDamage(window, damage, diagnosis, sources)
    if (salvaged === null) continue
    counts.set(damage, salvaged.records.length)
    await onProgress(damage.position)
    if (mode !== 'data') continue
    const epoch = epochBefore(diagnosis, damage)
    // Where the damage was not seen, any of the records may hold it.
    const batch = salvaged.isLocated ? salvagedBatch(salvaged, damage, diagnosis, epoch) : null
    if (batch === null || held + batch.bytes.length > MAX_HELD_BYTES) {
      notes.push(
        `${counted(salvaged.records.length, 'record')} read out of the batch at position ${damage.position} ${salvaged.records.length === 1 ? 'is' : 'are'} in salvaged/ only: a batch of them would have to claim what is not known`,
      )
      continue
    }
    held += batch.bytes.length
    batches.set(damage, batch)
  }
  return { counts, batches, notes }
}

/** Leader epochs never go back, so a batch whose own is in doubt takes that of the one before it. */
function epochBefore({ kept }: SegmentDiagnosis, damage: Damage): number {
  const before = kept.findLast((run) => placeOf(run) < damage.position)
  const near = before?.last ?? kept[0]?.first
  return near === undefined || near.partitionLeaderEpoch === NO_PARTITION_LEADER_EPOCH
    ? 0
    : near.partitionLeaderEpoch
}
