/** What classic consumers put into a group's metadata: their subscription and assignment (ConsumerProtocol). */
import { Cursor, CursorError } from '../bytes/cursor.ts'
import {
  CONSUMER_PROTOCOL_ASSIGNMENT,
  CONSUMER_PROTOCOL_SUBSCRIPTION,
} from './consumer-offsets-tables.ts'
import { decodeMessage, MessageError } from './decode-message.ts'
import type { MessageSchema } from './message-schema.ts'
import type { Struct, Value } from './message-value.ts'
import { isStruct } from './message-value.ts'

/** The bytes themselves where they are no such message: members may use any protocol. */
function decodeEmbedded(schema: MessageSchema, bytes: Value | undefined): Value {
  if (!(bytes instanceof Uint8Array)) return bytes ?? null
  try {
    const cursor = new Cursor(bytes)
    return decodeMessage(schema, cursor.int16(), cursor)
  } catch (error) {
    if (error instanceof MessageError || error instanceof CursorError) return bytes
    throw error
  }
}

/** A GroupMetadataValue with its members' subscription and assignment decoded, for groups of consumers. */
export function decodeEmbeddedProtocol(group: Struct): Struct {
  const { protocolType, members } = group
  if (protocolType !== 'consumer' || !Array.isArray(members)) return group
  const decoded = (members as readonly Value[]).map((member) =>
    isStruct(member)
      ? {
          ...member,
          subscription: decodeEmbedded(CONSUMER_PROTOCOL_SUBSCRIPTION, member['subscription']),
          assignment: decodeEmbedded(CONSUMER_PROTOCOL_ASSIGNMENT, member['assignment']),
        }
      : member,
  )
  return { ...group, members: decoded }
}
