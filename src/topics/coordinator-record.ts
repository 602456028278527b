/** Records of the coordinators' topics: key = int16 record type and message, value = int16 version and message. */
import { Cursor } from '../bytes/cursor.ts'
import type { RecordTables } from './consumer-offsets-tables.ts'
import { CONSUMER_OFFSETS_TABLES } from './consumer-offsets-tables.ts'
import { SHARE_GROUP_STATE_TABLES, TRANSACTION_STATE_TABLES } from './coordinator-tables.ts'
import { asMessageError, decodeMessage, MessageError } from './decode-message.ts'
import type { Struct } from './message-value.ts'
import { STREAMS_GROUP_TABLES } from './streams-group-tables.ts'

/** What a decoder needs of a record. */
export interface KeyAndValue {
  readonly offset: bigint
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
}

/** A record of a coordinator's topic. `value` is null for a tombstone. */
export interface CoordinatorRecord {
  readonly type: number
  readonly key: Struct
  readonly version: number | null
  readonly value: Struct | null
}

/** A key's record type that no table knows. */
export class UnknownTypeError extends MessageError {
  readonly type: number
  constructor(type: number) {
    super(`record type ${type} is not known`)
    this.type = type
  }
}

export type CoordinatorTopic = 'offsets' | 'transaction-log' | 'share-group-state'

const COORDINATOR_TABLES: Readonly<Record<CoordinatorTopic, ReadonlyMap<number, RecordTables>>> = {
  offsets: new Map([...CONSUMER_OFFSETS_TABLES, ...STREAMS_GROUP_TABLES]),
  'transaction-log': TRANSACTION_STATE_TABLES,
  'share-group-state': SHARE_GROUP_STATE_TABLES,
}

/** Throws MessageError (UnknownTypeError) for any bytes that are not such a record. */
export function decodeCoordinatorRecord(
  topic: CoordinatorTopic,
  { key, value }: KeyAndValue,
): CoordinatorRecord {
  if (key === null) throw new MessageError('the record has no key')
  return asMessageError(() => {
    const keyCursor = new Cursor(key)
    const type = keyCursor.int16()
    const tables = COORDINATOR_TABLES[topic].get(type)
    if (tables === undefined) throw new UnknownTypeError(type)
    const decodedKey = decodeMessage(tables.key, 0, keyCursor)
    if (value === null) return { type, key: decodedKey, version: null, value: null }
    const valueCursor = new Cursor(value)
    const version = valueCursor.int16()
    const message = decodeMessage(tables.value, version, valueCursor)
    return { type, key: decodedKey, version, value: message }
  })
}
