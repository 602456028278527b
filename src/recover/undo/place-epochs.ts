/** The leader epochs of entries that were put right: they stand outside the CRC, and follow from those around them. */
import { NO_PARTITION_LEADER_EPOCH } from '../../segment/layout.ts'
import type { BatchHeader } from '../../segment/record-batch.ts'
import { isLegacy } from '../../segment/record-batch.ts'
import type { EpochEvidence } from '../leader-epochs.ts'
import { chainByEpoch } from '../leader-epochs.ts'
import type { EvidenceKind } from '../repair.ts'
import type { Run } from '../runs.ts'
import type { HoleEntry } from './entry.ts'
import { withField } from './entry.ts'

/**
 * Leader epochs never go back. One that does, or that runs ahead of what follows, is set as those around it have it that
 * stand up to all others. `log`: the runs of the whole segment in file order, the entries among them as `runOf` gives
 * them; each entry's epoch is what it was.
 */
export function withEpochs(
  entries: readonly HoleEntry[],
  log: readonly Run[],
  evidence: EpochEvidence,
): HoleEntry[] {
  const trusted = new Set(chainByEpoch(log, evidence))
  const epochs = log.map((run) => (trusted.has(run) ? epochOf(run.first) : null))
  const behind = nextKnown(epochs)
  const placeOf = new Map(log.map((run, index) => [run.position, index]))
  let [low, at]: [number | null, number] = [null, 0]
  return entries.map((entry) => {
    const index = placeOf.get(entry.position) ?? log.length
    for (; at < index; at++) low = epochs[at] ?? low
    const high = behind[index] ?? null
    const stands = epochs[index] !== null
    const right = isLegacy(entry.header) ? null : rightEpoch(entry, { low, high, stands }, evidence)
    if (right === null || right.epoch === entry.header.partitionLeaderEpoch) return entry
    low = right.epoch
    at = index + 1
    return withEpoch(entry, right)
  })
}

/** For each index the first epoch behind it that is known. */
function nextKnown(epochs: readonly (number | null)[]): (number | null)[] {
  const behind = new Array<number | null>(epochs.length).fill(null)
  for (let index = epochs.length - 2; index >= 0; index--)
    behind[index] = epochs[index + 1] ?? behind[index + 1] ?? null
  return behind
}

const epochOf = (header: BatchHeader): number | null =>
  header.partitionLeaderEpoch === NO_PARTITION_LEADER_EPOCH ? null : header.partitionLeaderEpoch

interface Epoch {
  readonly epoch: number
  readonly evidence: readonly EvidenceKind[]
  readonly inferred: boolean
}

interface Around {
  /** The epochs before and behind it that stand up to all others. */
  readonly low: number | null
  readonly high: number | null
  /** Its own does. */
  readonly stands: boolean
}

/** Null where the epoch it has is possible and no checkpoint says otherwise. */
function rightEpoch(
  { header }: HoleEntry,
  { low, high, stands }: Around,
  { epochAt }: EpochEvidence,
): Epoch | null {
  const own = header.partitionLeaderEpoch
  const possible = (epoch: number): boolean =>
    (low === null || epoch >= low) && (high === null || epoch <= high)
  const checkpoint = epochAt(header.baseOffset)
  if (checkpoint !== null && possible(checkpoint))
    return { epoch: checkpoint, evidence: ['checkpoint'], inferred: false }
  const near = low ?? high
  if (near === null || (stands && possible(own))) return null
  return { epoch: near, evidence: ['neighbours'], inferred: low !== high }
}

function withEpoch(entry: HoleEntry, { epoch, evidence, inferred }: Epoch): HoleEntry {
  const before = entry.header.partitionLeaderEpoch
  const changed = withField(entry, 'partitionLeaderEpoch', BigInt(epoch), {
    before: BigInt(before),
    header: { ...entry.header, partitionLeaderEpoch: epoch },
    evidence,
    inferred,
  })
  const message = `partitionLeaderEpoch ${before} is wrong: the log around it says ${epoch}`
  return entry.message === '' ? { ...changed, message } : changed
}
