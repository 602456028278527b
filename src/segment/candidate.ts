/**
 * Where in any bytes a batch could start: the question of a search, asked at every byte, so nothing is allocated for
 * the places where it could not. The rules are those of lengthFits and isPlausible, and for magic 0 and 1 the lengths of
 * key and value too, since little else speaks against a false header of theirs.
 */
import { memoryHolding } from '../bytes/crc32c-memory.ts'
import type { Window } from '../bytes/window.ts'
import * as layout from './layout.ts'
import { minimumBytes } from './record-batch.ts'

const NULL_LENGTH = -1
/** keyLength and valueLength: all that follows a message's header where both are empty. */
const LEGACY_LENGTHS_BYTES = 8

/* eslint-disable @typescript-eslint/no-non-null-assertion -- indices stay below the length that was checked; a check per byte would halve the speed */
/** Whether the fields under the CRC of a magic-2 header at `at` are possible; all of it must be in `bytes`. */
function couldBeV2(bytes: Uint8Array, at: number): boolean {
  // Attributes without unknown bits; then numbers that must not be negative, or not below -1.
  if (bytes[at + 21] !== 0 || bytes[at + 22]! > 0x7f) return false
  const delta = int32(bytes, at + 23)
  const count = int32(bytes, at + 57)
  if (delta < 0 || count < 0 || count - 1 > delta) return false
  return (
    (bytes[at + 43]! < 0x80 || isMinusOne(bytes, at + 43, 8)) &&
    (bytes[at + 51]! < 0x80 || isMinusOne(bytes, at + 51, 2)) &&
    (bytes[at + 53]! < 0x80 || isMinusOne(bytes, at + 53, 4))
  )
}

const int32 = (bytes: Uint8Array, at: number): number =>
  (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!

/**
 * Codecs 0 to 3, in magic 1 also the kind of timestamp (record-batch.ts, isPlausible); and key and value must fill the
 * message, as far as that is seen without knowing where the value begins. A false claim that is seen through here need
 * not be read to its end.
 */
function couldBeLegacy(bytes: Uint8Array, at: number, size: number): boolean {
  const magic = bytes[at + 16]!
  const attributes = bytes[at + 17]!
  if ((magic === 1 ? attributes & ~layout.TIMESTAMP_TYPE_BIT : attributes) > 3) return false
  const minimum = minimumBytes(magic)
  const lengths = at + minimum - LEGACY_LENGTHS_BYTES
  const [room, keyLength] = [size - minimum, int32(bytes, lengths)]
  if (keyLength < NULL_LENGTH || keyLength > room) return false
  if (keyLength > 0) return true
  const valueLength = int32(bytes, lengths + 4)
  return valueLength === room || (valueLength === NULL_LENGTH && room === 0)
}

/**
 * Whether key and value fill the message whose header stands at `at` in `bytes` and at `position` in the file: the value's
 * own length tells, which lies behind the key. Asked of candidates only, whose key is known to fit.
 */
export function fillsMessage(
  window: Window,
  position: number,
  bytes: Uint8Array,
  at: number,
): boolean {
  const minimum = minimumBytes(bytes[at + 16]!)
  const lengths = minimum - LEGACY_LENGTHS_BYTES
  const keyLength = int32(bytes, at + lengths)
  if (keyLength <= 0) return true
  const room = int32(bytes, at + 8) + layout.LOG_OVERHEAD - minimum - keyLength
  let valueLength = 0
  for (let index = 4; index < LEGACY_LENGTHS_BYTES; index++) {
    const byte = window.peek(position + lengths + keyLength + index, 1)[0]
    if (byte === undefined) return false
    valueLength = (valueLength << 8) | byte
  }
  return valueLength === room || (valueLength === NULL_LENGTH && room === 0)
}

/**
 * The first place in [start, end) where a header could start that is plausible and claims at most the bytes up to
 * `limit`; -1 when there is none. All three are relative to `bytes`, which hold more than `end` where the file does;
 * `limit`, the end of the file, may lie far behind them.
 */
export function findCandidate(
  bytes: Uint8Array,
  start: number,
  end: number,
  limit: number,
): number {
  const last = Math.min(end, bytes.length - layout.IDENTIFYING_BYTES)
  const memory = memoryHolding(bytes)
  const highest = Math.min(0x7f, Math.floor((limit - start) / 0x1000000))
  for (let at = start; at < last; at++) {
    if (memory !== undefined && (at = memory.findPlace(bytes, at, last, highest)) >= last) break
    const magic = bytes[at + 16]!
    if (magic > 2) continue
    // Zeros end here, random bytes but once in ten thousand places a little later.
    const size = int32(bytes, at + 8) + layout.LOG_OVERHEAD
    if (size < layout.V0_MIN_BYTES || size > limit - at) continue
    const minimum = minimumBytes(magic)
    if (size < minimum || at + minimum > bytes.length) continue
    if (magic === 2 ? couldBeV2(bytes, at) : couldBeLegacy(bytes, at, size)) return at
  }
  return -1
}

/**
 * The first place in [start, end) where the fields under the CRC of a magic-2 header are possible and CRC or
 * recordsCount are not 0, as they are among zeros; `end` when there is none. Relative to `bytes`, which hold a whole
 * header behind each of them.
 */
export function findV2Fields(bytes: Uint8Array, start: number, end: number): number {
  const memory = memoryHolding(bytes)
  for (let at = start; at < end; at++) {
    if (memory !== undefined && (at = memory.findFields(bytes, at, end)) >= end) break
    if (couldBeV2(bytes, at) && (int32(bytes, at + 17) !== 0 || int32(bytes, at + 57) !== 0))
      return at
  }
  return end
}

function isMinusOne(bytes: Uint8Array, at: number, size: number): boolean {
  for (let index = 0; index < size; index++) if (bytes[at + index]! !== 0xff) return false
  return true
}
/* eslint-enable @typescript-eslint/no-non-null-assertion */
