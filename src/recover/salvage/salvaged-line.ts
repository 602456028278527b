/** The lines of salvaged/*.ndjson (product.md): one record each, suspect without exception. */
import type { SalvagedRecord } from './entry.ts'

/** Base64 of bytes of any kind, as JSON. */
const byteString = (bytes: Uint8Array | null): string =>
  bytes === null
    ? 'null'
    : `"${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')}"`

/**
 * One record as a line, without its newline. Keys, values, header keys and header values are in base64 or null;
 * offset, timestamp and position are plain integers, and the timestamp is null where it is lost. `position` is where
 * in the file the record was read.
 */
export function salvagedLine(record: SalvagedRecord, position: number): string {
  const headers = record.headers.map(
    ({ key, value }) => `[${byteString(key)},${byteString(value)}]`,
  )
  const fields = [
    `"offset":${record.offset}`,
    `"timestamp":${record.timestamp ?? 'null'}`,
    `"key":${byteString(record.key)}`,
    `"value":${byteString(record.value)}`,
    `"headers":[${headers.join(',')}]`,
    '"suspect":true',
    `"position":${position}`,
  ]
  return `{${fields.join(',')}}`
}
