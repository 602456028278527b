/** What a repair that names its inferred fields may have got wrong, and nothing else. */

/** Where fields lie that may be inferred; coordinatorEpoch is in the record of a marker. */
const INFERRED_FIELDS: Readonly<Record<string, readonly [from: number, end: number]>> = {
  partitionLeaderEpoch: [12, 16],
  baseTimestamp: [27, 35],
  maxTimestamp: [35, 43],
  producerEpoch: [51, 53],
  coordinatorEpoch: [73, 77],
}

/** An inferred field may be another than it was, and then the CRC is too, where it covers the field. */
export function differOnlyIn(
  inferred: readonly string[],
  written: Uint8Array,
  was: Uint8Array,
): boolean {
  const spans = inferred.flatMap((name) => {
    const span = INFERRED_FIELDS[name]
    return span === undefined ? [] : [span, ...(span[0] > 21 ? ([[17, 21]] as const) : [])]
  })
  return written.every(
    (byte, at) => byte === was[at] || spans.some(([from, end]) => at >= from && at < end),
  )
}
