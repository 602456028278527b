/**
 * Names what lies between proven batches: damaged batches whose header still shows, and runs of bytes that are none.
 */
import { crc32c } from '../bytes/crc.ts'
import type { Window } from '../bytes/window.ts'
import { areZero } from '../bytes/zeros.ts'
import type { CorruptionReason } from '../segment/events.ts'
import * as layout from '../segment/layout.ts'
import type { BatchHeader } from '../segment/record-batch.ts'
import {
  crcCoverage,
  decodeBatchHeader,
  isPlausible,
  minimumBytes,
} from '../segment/record-batch.ts'
import type { Claim, Damage } from './damage.ts'
import { counted } from '../words/words.ts'

type Finding = Omit<Damage, 'outcome' | 'baseOffset' | 'lastOffset'>

export interface Stretch {
  readonly position: number
  readonly end: number
  /** Where the log goes on, if known: a header that says so is believed to be a header. */
  readonly expectedOffset: bigint | null
}

/** Findings that tile the stretch, in order. */
export function classifyBytes(window: Window, stretch: Stretch): Finding[] {
  const findings: Finding[] = []
  let expectedOffset = stretch.expectedOffset
  for (let position = stretch.position; position < stretch.end;) {
    const finding = nextFinding(window, { ...stretch, position, expectedOffset })
    findings.push(finding)
    position += finding.sizeInBytes
    expectedOffset = finding.claim === null ? null : finding.claim.header.lastOffset + 1n
  }
  return findings
}

function nextFinding(window: Window, stretch: Stretch): Finding {
  const { position, end } = stretch
  const header = claimedHeader(window, position)
  const batchEnd = header === null ? 0 : position + header.sizeInBytes
  const framed =
    header !== null && header.sizeInBytes >= minimumBytes(header.magic) && batchEnd <= end
  const sizeInBytes = framed ? header.sizeInBytes : end - position
  const unreadable = window.unreadableIn(position, sizeInBytes)
  const claim: Claim | null = header === null ? null : { header, proven: false, placed: false }
  if (unreadable !== undefined) {
    const message = `bytes ${unreadable.position} to ${unreadable.position + unreadable.sizeInBytes} cannot be read from the device`
    const cause = unreadable.cause instanceof Error ? { cause: unreadable.cause } : {}
    return {
      position,
      sizeInBytes,
      reason: 'unreadable',
      message,
      claim: framed ? claim : null,
      ...cause,
    }
  }
  if (framed) return { position, sizeInBytes, ...whyFramed(window, header), claim }
  const [reason, message] = whyUnframed(window, stretch, header)
  return {
    position,
    sizeInBytes,
    reason,
    message,
    claim: reason === 'unrecognised-bytes' || reason === 'zero-fill' ? null : claim,
  }
}

/** The header as it stands; with a magic that cannot be, as magic 2, when its fields then make sense. */
function claimedHeader(window: Window, position: number): BatchHeader | null {
  const bytes = window.view(position, layout.V2_HEADER_BYTES)
  const header = decodeBatchHeader(bytes, position)
  if (header !== null && isPlausible(header)) return header
  if (bytes.length < layout.V2_HEADER_BYTES) return null
  const asV2 = bytes.slice()
  asV2[layout.MAGIC_POSITION] = 2
  const guessed = decodeBatchHeader(asV2, position)
  return guessed !== null && isPlausible(guessed) && guessed.baseOffset >= 0n ? guessed : null
}

function whyFramed(
  window: Window,
  header: BatchHeader,
): { reason: CorruptionReason; message: string } {
  const magic = window.view(header.position, layout.IDENTIFYING_BYTES)[layout.MAGIC_POSITION] ?? 0
  if (magic > 2)
    return { reason: 'unknown-magic', message: `magic is ${magic}; Kafka wrote 0, 1 and 2` }
  const { crc, start } = crcCoverage(header.magic)
  const computed = window.crc(crc, header.position + start, header.sizeInBytes - start)
  const message = `the batch's bytes do not match its CRC: ${hex(header.crc)} stored, ${hex(computed)} computed`
  return { reason: 'crc-mismatch', message }
}

const hex = (crc: number): string => `0x${crc.toString(16).padStart(8, '0')}`

function whyUnframed(
  window: Window,
  stretch: Stretch,
  header: BatchHeader | null,
): [reason: CorruptionReason, message: string] {
  const { position, end } = stretch
  const size = end - position
  if (isZero(window, position, end)) return ['zero-fill', counted(size, 'zero byte')]
  const atEnd = end === window.source.size
  if (atEnd && isTorn(window, stretch, header)) {
    const claimed = header === null ? '' : `: the batch claims ${header.sizeInBytes} bytes`
    return ['torn-tail', `the file ends after ${counted(size, 'byte')} of a batch${claimed}`]
  }
  if (header !== null && lengthIsWrong(window, stretch, header)) {
    return [
      'batch-length-invalid',
      `batchLength ${header.sizeInBytes - layout.LOG_OVERHEAD} does not lead to the next batch`,
    ]
  }
  return [
    'unrecognised-bytes',
    `${counted(size, 'byte')} ${size === 1 ? 'that is' : 'that are'} no batch`,
  ]
}

/** A batch that a crash cut off: it starts where the log goes on, and wants more bytes than there are. */
function isTorn(window: Window, stretch: Stretch, header: BatchHeader | null): boolean {
  const { position, end, expectedOffset } = stretch
  if (header !== null && header.magic === 2)
    return position + header.sizeInBytes > end && header.baseOffset === expectedOffset
  const bytes = window.view(position, 8)
  if (bytes.length < 8 || end - position >= layout.V2_HEADER_BYTES) {
    return bytes.length < 8 && end - position < 8
  }
  return new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(0) === expectedOffset
}

/** The rest of the header makes sense here: the log goes on at its offset, or its CRC holds up to the next batch. */
function lengthIsWrong(
  window: Window,
  { position, end, expectedOffset }: Stretch,
  header: BatchHeader,
): boolean {
  if (expectedOffset !== null && header.baseOffset === expectedOffset) return true
  const size = end - position
  if (header.magic !== 2 || size < layout.V2_HEADER_BYTES) return false
  return (
    window.crc(crc32c, position + layout.V2_CRC_START, size - layout.V2_CRC_START) === header.crc
  )
}

export function isZero(window: Window, position: number, end: number): boolean {
  for (let at = position; at < end;) {
    const bytes = window.view(at, end - at)
    if (bytes.length === 0 || !areZero(bytes)) return false
    at += bytes.length
  }
  return true
}
