/**
 * Keys and values that a schema registry's serializer wrote: a zero byte, the schema's id in four bytes (big-endian),
 * then the value (Confluent's wire format).
 */
import type { AvroType } from './avro-type.ts'
import { avroJson } from './avro-json.ts'
import type { BytesFormat } from './dump-options.ts'

const FRAMING_BYTES = 5
/** Registries count their ids from 1; an id beyond this is taken for chance. */
const LARGEST_LIKELY_ID = 0xff_ffff
/** A number of LongSerializer or DoubleSerializer, which often begins with zeros. */
const LONG_BYTES = 8

/** What schemas tell of a key or value; all null where nothing does. */
export interface SchemaView {
  /** From the framing. */
  readonly schemaId: number | null
  /** The value as Avro's JSON. */
  readonly json: string | null
  /** Why it did not decode. */
  readonly problem: string | null
}

export const NO_VIEW: SchemaView = { schemaId: null, json: null, problem: null }

/** The id of a framing, or null where the first byte is not zero or fewer than five are there. */
function framedId(bytes: Uint8Array): number | null {
  if (bytes.length < FRAMING_BYTES || bytes[0] !== 0) return null
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(1)
}

/**
 * The id that bytes are framed with, by a rule that chance seldom meets: the id is 1 to 16777215, so that two zero
 * bytes begin them; something follows it; and they are not eight bytes, which more likely are a number.
 */
export function likelySchemaId(bytes: Uint8Array): number | null {
  const id = framedId(bytes)
  if (id === null || id === 0 || id > LARGEST_LIKELY_ID) return null
  return bytes.length === FRAMING_BYTES || bytes.length === LONG_BYTES ? null : id
}

/** With a schema, the value decoded by it, framed or bare; without one, what `auto` sees. */
export function viewBySchema(
  bytes: Uint8Array,
  format: BytesFormat,
  schema: AvroType | null,
): SchemaView {
  if (schema === null) {
    const schemaId = format === 'auto' ? likelySchemaId(bytes) : null
    return schemaId === null ? NO_VIEW : { ...NO_VIEW, schemaId }
  }
  const framed = framedId(bytes)
  const inner = framed === null ? null : avroJson(bytes.subarray(FRAMING_BYTES), schema)
  if (inner?.ok === true) return { schemaId: framed, json: inner.json, problem: null }
  const bare = avroJson(bytes, schema)
  if (bare.ok) return { schemaId: null, json: bare.json, problem: null }
  const problem = `no Avro of the schema given: ${(inner ?? bare).message}`
  return { schemaId: likelySchemaId(bytes), json: null, problem }
}
