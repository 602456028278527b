/**
 * Records of Kafka's internal topics in the words of kafka-dump-log. A record that does not decode is said in its
 * place and never ends anything.
 */
import type { CoordinatorTopic, KeyAndValue } from './coordinator-record.ts'
import { decodeCoordinatorRecord, UnknownTypeError } from './coordinator-record.ts'
import { MessageError, redact } from './decode-message.ts'
import { decodeFramedRecord } from './framed-record.ts'
import { decodeEmbeddedProtocol } from './group-protocol.ts'
import { jsonString, messageJson } from './message-value.ts'
import { remoteLogText } from './remote-log-text.ts'

/** The topics that can be decoded, by the name of their option. */
export const INTERNAL_TOPICS = {
  offsets: '__consumer_offsets',
  'transaction-log': '__transaction_state',
  'cluster-metadata': '__cluster_metadata',
  'share-group-state': '__share_group_state',
  'remote-log-metadata': '__remote_log_metadata',
} as const
export type InternalTopic = keyof typeof INTERNAL_TOPICS

/** As kafka-dump-log prints it; null where it prints nothing. */
export interface DecodedText {
  readonly key: string | null
  readonly payload: string | null
  /** Both are JSON, or null: not so for an error, a tombstone's `<DELETE>`, and remote log metadata. */
  readonly isJson: boolean
}

export interface DecoderOptions {
  readonly showSecrets: boolean
}

function coordinatorText(topic: CoordinatorTopic, record: KeyAndValue): DecodedText {
  try {
    const { type, key, version, value } = decodeCoordinatorRecord(topic, record)
    const keyText = `{"type":"${type}","data":${messageJson(key)}}`
    if (value === null) return { key: keyText, payload: '<DELETE>', isJson: false }
    const shown = topic === 'offsets' && type === 2 ? decodeEmbeddedProtocol(value) : value
    const payload = `{"version":"${version}","data":${messageJson(shown)}}`
    return { key: keyText, payload, isJson: true }
  } catch (error) {
    if (!(error instanceof MessageError)) throw error
    const what =
      error instanceof UnknownTypeError
        ? `Unknown record type ${error.type} at offset ${record.offset}, skipping.`
        : `Error at offset ${record.offset}, skipping. ${error.message}`
    return { key: what, payload: null, isJson: false }
  }
}

function metadataText(record: KeyAndValue, { showSecrets }: DecoderOptions): DecodedText {
  try {
    const { schema, version, message } = decodeFramedRecord('cluster-metadata', record.value)
    const data = messageJson(showSecrets ? message : redact(schema, message))
    const payload = `{"type":${jsonString(schema.name)},"version":${version},"data":${data}}`
    return { key: null, payload, isJson: true }
  } catch (error) {
    if (!(error instanceof MessageError)) throw error
    const payload = `Error at ${record.offset}, skipping. ${error.message}`
    return { key: null, payload, isJson: false }
  }
}

function remoteText(record: KeyAndValue): DecodedText {
  try {
    const payload = remoteLogText(decodeFramedRecord('remote-log-metadata', record.value))
    return { key: null, payload, isJson: false }
  } catch (error) {
    if (!(error instanceof MessageError)) throw error
    const payload = `Error at offset ${record.offset}, skipping. ${error.message}`
    return { key: null, payload, isJson: false }
  }
}

/** Decodes one record of an internal topic for printing. Never throws for what is in the bytes. */
export function decodedText(
  topic: InternalTopic,
  record: KeyAndValue,
  options: DecoderOptions,
): DecodedText {
  switch (topic) {
    case 'cluster-metadata':
      return metadataText(record, options)
    case 'remote-log-metadata':
      return remoteText(record)
    case 'offsets':
    case 'transaction-log':
    case 'share-group-state':
      return coordinatorText(topic, record)
  }
}
