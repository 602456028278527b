/** The leader epochs of entries that were put right: they stand outside the CRC, and follow from those around them. */
import { NO_PARTITION_LEADER_EPOCH } from '../../segment/layout.ts'
import type { BatchHeader } from '../../segment/record-batch.ts'
import { isLegacy } from '../../segment/record-batch.ts'
import type { Evidence } from '../evidence.ts'
import type { EvidenceKind } from '../repair.ts'
import type { HoleEntry } from './entry.ts'
import { withField } from './entry.ts'
import type { OpenHole } from './read-hole.ts'

/** Leader epochs never go back. One that does, or that runs ahead of what follows, is set as its neighbours have it. */
export function withEpochs(
  entries: readonly HoleEntry[],
  hole: OpenHole,
  evidence: Pick<Evidence, 'epochAt'>,
): HoleEntry[] {
  let low = epochOf(hole.prev?.last)
  const high = epochOf(hole.next?.first)
  return entries.map((entry) => {
    const right = isLegacy(entry.header) ? null : rightEpoch(entry, low, high, evidence)
    const changed =
      right === null || right.epoch === entry.header.partitionLeaderEpoch
        ? entry
        : withEpoch(entry, right)
    low = epochOf(changed.header) ?? low
    return changed
  })
}

const epochOf = (header: BatchHeader | undefined): number | null =>
  header === undefined || header.partitionLeaderEpoch === NO_PARTITION_LEADER_EPOCH
    ? null
    : header.partitionLeaderEpoch

interface Epoch {
  readonly epoch: number
  readonly evidence: readonly EvidenceKind[]
  readonly inferred: boolean
}

/** Null where the epoch it has is possible and no checkpoint says otherwise. */
function rightEpoch(
  { header }: HoleEntry,
  low: number | null,
  high: number | null,
  { epochAt }: Pick<Evidence, 'epochAt'>,
): Epoch | null {
  const own = header.partitionLeaderEpoch
  const possible = (epoch: number): boolean =>
    (low === null || epoch >= low) && (high === null || epoch <= high)
  const checkpoint = epochAt(header.baseOffset)
  if (checkpoint !== null && possible(checkpoint))
    return { epoch: checkpoint, evidence: ['checkpoint'], inferred: false }
  if ((low === null && high === null) || (possible(own) && own >= 0)) return null
  const [near] = [low ?? high]
  if (near === null) return null
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
