/** Records without a key: value = unsigned varints frame version, apiKey and version, then the message. */
import { Cursor } from '../bytes/cursor.ts'
import { CLUSTER_METADATA_TABLES } from './cluster-metadata-tables.ts'
import { asMessageError, decodeMessage, MessageError, unsignedVarint } from './decode-message.ts'
import type { MessageSchema } from './message-schema.ts'
import type { Struct } from './message-value.ts'
import { REMOTE_LOG_METADATA_TABLES } from './remote-log-tables.ts'
import { counted } from '../words/words.ts'

/** A record of `__cluster_metadata` or `__remote_log_metadata`. */
export interface FramedRecord {
  readonly apiKey: number
  readonly schema: MessageSchema
  readonly version: number
  readonly message: Struct
}

export type FramedTopic = 'cluster-metadata' | 'remote-log-metadata'

const FRAMED_TABLES: Readonly<Record<FramedTopic, ReadonlyMap<number, MessageSchema>>> = {
  'cluster-metadata': CLUSTER_METADATA_TABLES,
  'remote-log-metadata': REMOTE_LOG_METADATA_TABLES,
}

const FRAME_VERSION = 1

/** Throws MessageError for any bytes that are not such a record (AbstractApiMessageSerde: nothing may be left over). */
export function decodeFramedRecord(topic: FramedTopic, value: Uint8Array | null): FramedRecord {
  if (value === null) throw new MessageError('the record has no value')
  return asMessageError(() => {
    const cursor = new Cursor(value)
    const frame = unsignedVarint(cursor)
    if (frame !== FRAME_VERSION)
      throw new MessageError(`frame version ${frame}, known is ${FRAME_VERSION}`)
    const apiKey = unsignedVarint(cursor)
    const version = unsignedVarint(cursor)
    const schema = FRAMED_TABLES[topic].get(apiKey)
    if (schema === undefined) throw new MessageError(`record type ${apiKey} is not known`)
    const message = decodeMessage(schema, version, cursor)
    if (cursor.remaining > 0)
      throw new MessageError(`${counted(cursor.remaining, 'byte')} left over after ${schema.name}`)
    return { apiKey, schema, version, message }
  })
}
