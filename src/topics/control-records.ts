/**
 * Control records: transaction markers and the records by which a KRaft quorum manages itself (ControlRecordType).
 * Key: int16 version, int16 type. Values of types 2 to 6 begin with their own version.
 */
import { Cursor, CursorError } from '../bytes/cursor.ts'
import { decodeMessage, MessageError } from './decode-message.ts'
import type { MessageSchema } from './message-schema.ts'
import { defineMessage } from './message-schema.ts'
import type { Struct } from './message-value.ts'

export const ABORT = 0
export const COMMIT = 1

/** A decoded control record. */
export type ControlRecord =
  | {
      readonly kind: 'end-transaction'
      readonly outcome: 'ABORT' | 'COMMIT'
      readonly coordinatorEpoch: number
    }
  | { readonly kind: 'quorum'; readonly name: string; readonly message: Struct }
  | { readonly kind: 'unknown'; readonly type: number }

const define = (name: string, notation: string, versions = '0'): MessageSchema =>
  defineMessage(name, versions, 0, notation)

const QUORUM_TABLES: ReadonlyMap<number, MessageSchema> = new Map([
  [
    2,
    define(
      'LeaderChange',
      `
  version int16
  leaderId int32
  voters []
    voterId int32
    voterDirectoryId uuid 1+
  grantingVoters []
    voterId int32
    voterDirectoryId uuid 1+
`,
      '0-1',
    ),
  ],
  [
    3,
    define(
      'SnapshotHeader',
      `
  version int16
  lastContainedLogTimestamp int64
`,
    ),
  ],
  [4, define('SnapshotFooter', 'version int16')],
  [
    5,
    define(
      'KRaftVersion',
      `
  version int16
  kRaftVersion int16
`,
    ),
  ],
  [
    6,
    define(
      'KRaftVoters',
      `
  version int16
  voters []
    voterId int32
    voterDirectoryId uuid
    endpoints []
      name string
      host string
      port uint16
    kRaftVersionFeature {}
      minSupportedVersion int16
      maxSupportedVersion int16
`,
    ),
  ],
])

/** The type in a control record's key; null when the key is too short to have one. */
export function controlType(key: Uint8Array | null): number | null {
  if (key === null || key.length < 4) return null
  return new Cursor(key, 2).int16()
}

/** Throws MessageError when the value is not what the type asks for. */
export function decodeControlRecord(
  key: Uint8Array | null,
  value: Uint8Array | null,
): ControlRecord {
  const type = controlType(key)
  if (type === null) throw new MessageError('a control record whose key has no type')
  if (type === ABORT || type === COMMIT) {
    try {
      const cursor = new Cursor(value ?? new Uint8Array())
      cursor.skip(2)
      const coordinatorEpoch = cursor.int32()
      return {
        kind: 'end-transaction',
        outcome: type === ABORT ? 'ABORT' : 'COMMIT',
        coordinatorEpoch,
      }
    } catch (error) {
      if (error instanceof CursorError) throw new MessageError(error.message, { cause: error })
      throw error
    }
  }
  const schema = QUORUM_TABLES.get(type)
  if (schema === undefined) return { kind: 'unknown', type }
  const bytes = value ?? new Uint8Array()
  // The first field is the version of all; a later one than is known is read as the last known.
  const claimed = bytes.length < 2 ? 0 : new Cursor(bytes).int16()
  const version = Math.max(0, Math.min(claimed, schema.versions.last))
  return {
    kind: 'quorum',
    name: schema.name,
    message: decodeMessage(schema, version, new Cursor(bytes)),
  }
}
