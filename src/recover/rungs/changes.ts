/** What an undo changed, in words for the report: header fields by name and value, other bytes by their place. */
import * as layout from '../../segment/layout.ts'
import type { Field } from '../../segment/layout.ts'
import { keepsPlaces } from './edits.ts'
import type { Edit } from './edits.ts'
import type { Change } from './rung.ts'

/** More bytes than this are counted, not printed. */
const PRINTED_BYTES = 8

/** The header fields of a magic, in order. */
export function fieldsOf(magic: number): readonly Field[] {
  if (magic >= 2) return layout.V2_FIELDS
  return magic === 1
    ? layout.V1_FIELDS
    : layout.V1_FIELDS.filter(({ name }) => name !== 'timestamp')
}

const endOf = ({ offset, type }: Field): number => offset + layout.FIELD_BYTES[type]

const hex = (bytes: Uint8Array): string =>
  `0x${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`

function valueOf(bytes: Uint8Array, field: Field): string {
  const value = bytes.subarray(field.offset, endOf(field))
  if (field.name === 'crc') return hex(value)
  const unsigned = value.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
  return String(BigInt.asIntN(8 * value.length, unsigned))
}

/**
 * Names of the header fields that the caller could not judge before: those that differ, and all from the first moved
 * byte on. Where a field outside the CRC was torn apart, none of them was in a header that could be read.
 */
export function touchedFields(
  source: Uint8Array,
  repaired: Uint8Array,
  edits: readonly Edit[],
): ReadonlySet<string> {
  const fields = fieldsOf(repaired[layout.MAGIC_POSITION] ?? 0)
  const firstMoved = keepsPlaces(edits) ? Infinity : (edits[0]?.at ?? Infinity)
  const from = firstMoved <= layout.MAGIC_POSITION ? 0 : firstMoved
  const touched = fields.filter(
    (field) =>
      endOf(field) > from ||
      hex(source.subarray(field.offset, endOf(field))) !==
        hex(repaired.subarray(field.offset, endOf(field))),
  )
  return new Set(touched.map(({ name }) => name))
}

/** One entry a header field and a stretch of other bytes. Places count from the start of the damaged entry. */
export function describeChanges(
  source: Uint8Array,
  repaired: Uint8Array,
  edits: readonly Edit[],
): Change[] {
  const fields = fieldsOf(repaired[layout.MAGIC_POSITION] ?? 0)
  if (!keepsPlaces(edits)) return edits.map((edit) => describeSplice(edit, fields))
  const touched = touchedFields(source, repaired, edits)
  const changes: Change[] = fields
    .filter(({ name }) => touched.has(name))
    .map((field) => ({
      field: field.name,
      before: valueOf(source, field),
      after: valueOf(repaired, field),
    }))
  const headerBytes = Math.max(...fields.map(endOf))
  for (const { at, inserted } of edits) {
    const start = Math.max(at, headerBytes)
    const end = at + inserted.length
    if (start < end) changes.push(describeBytes(source, repaired, start, end))
  }
  return changes
}

function describeSplice({ at, removed, inserted }: Edit, fields: readonly Field[]): Change {
  const field = fields.find((candidate) => at < endOf(candidate))?.name ?? 'records'
  return {
    field,
    before: `${removed} bytes too many at byte ${at}`,
    after: inserted.length === 0 ? 'removed' : `${inserted.length} bytes in their place`,
  }
}

function describeBytes(
  source: Uint8Array,
  repaired: Uint8Array,
  start: number,
  end: number,
): Change {
  const [before, after] = [source.subarray(start, end), repaired.subarray(start, end)]
  const field = 'records'
  if (end - start > PRINTED_BYTES) {
    const where = `bytes ${start} to ${end - 1}`
    return { field, before: where, after: `${where}, replaced` }
  }
  const where = end - start === 1 ? `byte ${start}` : `bytes ${start} to ${end - 1}`
  const mask = (before[0] ?? 0) ^ (after[0] ?? 0)
  const oneBit = end - start === 1 && (mask & (mask - 1)) === 0
  return {
    field,
    before: `${where}${oneBit ? ` bit ${31 - Math.clz32(mask)}` : ''}: ${hex(before)}`,
    after: hex(after),
  }
}
