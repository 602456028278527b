/**
 * Writes what a plan says: the repaired segment with fresh indexes, and the quarantine. Each file is written under
 * `.tmp`, synced, read again, and only then moved into its place. The source is only read.
 */
import { join } from 'node:path'
import { readSmallFile } from '../bytes/file-directory.ts'
import { copyAttributes, createOutputFile, moveIntoPlace } from '../bytes/file-output.ts'
import type { Window } from '../bytes/window.ts'
import { createIndexBuilder } from '../index/index-builder.ts'
import type { IndexFiles } from '../index/index-builder.ts'
import { encodeEmptyBatch } from '../segment/record-batch.ts'
import { walkHeaders } from '../segment/walk.ts'
import type { Damage } from './damage.ts'
import type { RepairPlan } from './plan.ts'

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

/** Writes the repaired `.log` under `.tmp` and returns its indexes. */
export async function writeSegment(
  window: Window,
  plan: RepairPlan,
  to: Destination,
  checkpoint: Checkpoint,
): Promise<IndexFiles> {
  const indexes = createIndexBuilder(plan.diagnosis.segmentBaseOffset)
  const file = createOutputFile(temporaryPath(to))
  let outputPosition = 0
  try {
    for (const piece of plan.pieces) {
      if (piece.type === 'fill') {
        const bytes = encodeEmptyBatch(piece.batch)
        file.write(bytes)
        // An empty batch says nothing about time: its maxTimestamp is borrowed from a neighbour.
        indexes.onBatch({ position: outputPosition, sizeInBytes: bytes.length, ...piece.batch })
        outputPosition += bytes.length
        continue
      }
      const end = piece.position + piece.sizeInBytes
      const shift = outputPosition - piece.position
      for (const { position, sizeInBytes, lastOffset, maxTimestamp } of walkHeaders(
        window,
        piece.position,
        end,
      )) {
        indexes.onBatch({ position: position + shift, sizeInBytes, lastOffset, maxTimestamp })
      }
      for (let position = piece.position; position < end;) {
        const bytes = window.view(position, end - position)
        file.write(bytes)
        position += bytes.length
        await checkpoint(position)
      }
      outputPosition += piece.sizeInBytes
    }
    file.sync()
  } finally {
    file.close()
  }
  return indexes.finish()
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
  place('.i', `${stem}.index`)
  place('.t', `${stem}.timeindex`)
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
  for (const entry of damage) {
    const count = (taken.get(entry.position) ?? 0) + 1
    taken.set(entry.position, count)
    const suffix = count === 1 ? '' : `-${count}`
    const name = join('quarantine', to.folder, `${to.segmentBase}-${entry.position}${suffix}.bin`)
    const temporary = temporaryPath(to, '.q')
    const file = createOutputFile(temporary)
    try {
      const end = entry.position + entry.sizeInBytes
      for (let position = entry.position; position < end;) {
        const bytes = window.view(position, end - position)
        file.write(bytes)
        position += bytes.length
        await checkpoint(position)
      }
      file.sync()
    } finally {
      file.close()
    }
    moveIntoPlace(temporary, join(to.root, name))
    names.set(entry, name)
  }
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
