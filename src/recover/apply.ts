/**
 * Writes what a plan says: the repaired segment with fresh indexes, and the quarantine. Each file is written under
 * `.tmp`, synced, read again, and only then moved into its place. The source is only read.
 */
import { join } from 'node:path'
import { readSmallFile } from '../bytes/file-directory.ts'
import {
  copyAttributes,
  createFileGroup,
  createOutputFile,
  moveIntoPlace,
  syncDirectory,
} from '../bytes/file-output.ts'
import type { Window } from '../bytes/window.ts'
import { createIndexBuilder } from '../index/index-builder.ts'
import type { IndexBuilder, IndexFiles } from '../index/index-builder.ts'
import { decodeBatchHeader, encodeEmptyBatch } from '../segment/record-batch.ts'
import { copyBatches } from './copy-range.ts'
import { isKraftSnapshot } from '../segment/segment-name.ts'
import type { Damage } from './damage.ts'
import type { Piece, RepairPlan } from './plan.ts'
import { pieceBytes } from './plan.ts'

export interface Destination {
  /** The output folder. */
  readonly root: string
  /** `<topic-partition>/`, or nothing for a lone file. */
  readonly folder: string
  readonly fileName: string
  /** 20 digits. */
  readonly segmentBase: string
}

/** Called between chunks of work, so that the caller can stop it. */
export type Checkpoint = (position: number) => Promise<void> | void

export const temporaryPath = ({ root, folder, fileName }: Destination, suffix = ''): string =>
  join(root, '.tmp', folder, `${fileName}${suffix}`)

/** `durable` is kept when the file is on the device; it may be read before. */
export interface WrittenSegment {
  readonly indexes: IndexFiles
  readonly durable: Promise<void>
}

/** Writes the repaired `.log` under `.tmp`, reading the source once. */
export async function writeSegment(
  window: Window,
  plan: RepairPlan,
  to: Destination,
  checkpoint: Checkpoint,
): Promise<WrittenSegment> {
  const indexes = createIndexBuilder(plan.diagnosis.segmentBaseOffset)
  const file = createOutputFile(temporaryPath(to))
  let outputPosition = 0
  try {
    for (const piece of plan.pieces) {
      let written = 0
      for (const bytes of indexedBytesOf(window, piece, outputPosition, indexes)) {
        file.write(bytes)
        file.syncAhead()
        written += bytes.length
        await checkpoint('position' in piece ? piece.position + written : 0)
      }
      outputPosition += written
    }
  } catch (error) {
    file.close()
    throw error
  }
  return { indexes: indexes.finish(), durable: file.syncAndClose() }
}

/** The bytes of a piece that is written at `outputPosition`; the indexes are told of what is in them. */
function indexedBytesOf(
  window: Window,
  piece: Piece,
  outputPosition: number,
  indexes: IndexBuilder,
): Generator<Uint8Array> {
  const sizeInBytes = pieceBytes(piece)
  switch (piece.type) {
    case 'fill':
      indexes.onBatch({ position: outputPosition, sizeInBytes, ...piece.batch })
      return bytesOf(window, piece)
    case 'salvaged': {
      const header = decodeBatchHeader(piece.bytes, outputPosition)
      if (header !== null) indexes.onBatch(header)
      return bytesOf(window, piece)
    }
    case 'edit': {
      const { lastOffset, maxTimestamp } = piece.header
      indexes.onBatch({ position: outputPosition, sizeInBytes, lastOffset, maxTimestamp })
      return bytesOf(window, piece)
    }
    case 'copy': {
      const shift = outputPosition - piece.position
      const end = piece.position + sizeInBytes
      return copyBatches(window, piece.position, end, (header) => {
        const { lastOffset, maxTimestamp } = header
        const position = header.position + shift
        indexes.onBatch({ position, sizeInBytes: header.sizeInBytes, lastOffset, maxTimestamp })
      })
    }
  }
}

/** The bytes of a piece in order, each part valid until the next is asked for. */
export function* bytesOf(window: Window, piece: Piece): Generator<Uint8Array> {
  switch (piece.type) {
    case 'fill':
      yield encodeEmptyBatch(piece.batch)
      return
    case 'salvaged':
      yield piece.bytes
      return
    case 'edit': {
      let from = 0
      for (const { at, removed, inserted } of piece.edits) {
        yield* range(window, piece.position + from, piece.position + at)
        yield inserted
        from = at + removed
      }
      yield* range(window, piece.position + from, piece.position + piece.sizeInBytes)
      return
    }
    case 'copy':
      yield* range(window, piece.position, piece.position + piece.sizeInBytes)
  }
}

function* range(window: Window, from: number, end: number): Generator<Uint8Array> {
  for (let position = from; position < end;) {
    const bytes = window.view(position, end - position)
    // A file that became smaller under our eyes: the check of the output will say so.
    if (bytes.length === 0) return
    yield bytes
    position += bytes.length
  }
}

/** Moves the segment and its indexes from `.tmp` to their place, with the source's mode and times. */
export function placeSegment(source: string, indexes: IndexFiles, to: Destination): string {
  const stem = to.fileName.replace(/\.log$/, '')
  writeWhole(temporaryPath(to, '.i'), indexes.offsetIndex)
  writeWhole(temporaryPath(to, '.t'), indexes.timeIndex)
  const place = (suffix: string, name: string): void => {
    const from = temporaryPath(to, suffix)
    copyAttributes(source, from)
    moveIntoPlace(from, join(to.root, 'data', to.folder, name))
  }
  // The indexes first: a .log that is in its place is whole.
  if (!isKraftSnapshot(to.fileName)) {
    place('.i', `${stem}.index`)
    place('.t', `${stem}.timeindex`)
  }
  place('', to.fileName)
  return join('data', to.folder, to.fileName)
}

/** Saves the source bytes of every damage entry; returns where, relative to the output folder. */
export async function writeQuarantine(
  window: Window,
  damage: readonly Damage[],
  to: Destination,
  checkpoint: Checkpoint,
): Promise<ReadonlyMap<Damage, string>> {
  const names = new Map<Damage, string>()
  const taken = new Map<number, number>()
  const group = createFileGroup()
  try {
    for (const entry of damage) {
      const count = (taken.get(entry.position) ?? 0) + 1
      taken.set(entry.position, count)
      const suffix = count === 1 ? '' : `-${count}`
      const name = join('quarantine', to.folder, `${to.segmentBase}-${entry.position}${suffix}.bin`)
      const file = group.create(temporaryPath(to, `.q${names.size}`), join(to.root, name))
      for (const bytes of range(window, entry.position, entry.position + entry.sizeInBytes)) {
        file.write(bytes)
        await checkpoint(entry.position)
      }
      names.set(entry, name)
      await group.settle()
    }
    await group.settle(true)
  } finally {
    group.close()
  }
  if (names.size > 0) syncDirectory(join(to.root, 'quarantine', to.folder))
  return names
}

/** Writes the records of each damage entry, a line each; returns where, relative to the output folder. */
export async function writeSalvaged(
  salvaged: Iterable<readonly [Damage, Iterable<string>]>,
  to: Destination,
): Promise<ReadonlyMap<Damage, string>> {
  const names = new Map<Damage, string>()
  const group = createFileGroup()
  const encoder = new TextEncoder()
  try {
    for (const [damage, lines] of salvaged) {
      const name = join('salvaged', to.folder, `${to.segmentBase}-${damage.position}.ndjson`)
      const file = group.create(temporaryPath(to, `.s${names.size}`), join(to.root, name))
      for (const line of lines) file.write(encoder.encode(`${line}\n`))
      names.set(damage, name)
      await group.settle()
    }
    await group.settle(true)
  } finally {
    group.close()
  }
  if (names.size > 0) syncDirectory(join(to.root, 'salvaged', to.folder))
  return names
}

/** Copies a companion file as it is. */
export function copyCompanion(source: string, root: string, folder: string, name: string): string {
  const temporary = join(root, '.tmp', folder, `${name}.c`)
  writeWhole(temporary, readSmallFile(source) ?? new Uint8Array())
  copyAttributes(source, temporary)
  const output = join('data', folder, name)
  moveIntoPlace(temporary, join(root, output))
  return output
}

/** Writes a file whole or not at all. */
export function writeDurably(root: string, name: string, bytes: Uint8Array): void {
  const temporary = join(root, '.tmp', `${name.replaceAll('/', '_')}.w`)
  writeWhole(temporary, bytes)
  moveIntoPlace(temporary, join(root, name))
}

function writeWhole(path: string, bytes: Uint8Array): void {
  const file = createOutputFile(path)
  try {
    file.write(bytes)
    file.sync()
  } finally {
    file.close()
  }
}
