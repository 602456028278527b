/** Which decoder a file beside a segment needs, and what of the segment it is held against. */
import { resolve } from 'node:path'
import type { Window } from '../bytes/window.ts'
import type { DumpFile } from './dump-file.ts'
import type { FileItem } from './entries.ts'
import { dumpOffsetIndex, dumpTimeIndex } from './index-entries.ts'
import type { Findings } from './index-mismatches.ts'
import { offsetIndexListener, timeIndexListener } from './index-mismatches.ts'
import {
  dumpLeaderEpochs,
  dumpOffsetCheckpoint,
  dumpProducerSnapshot,
  dumpTextFile,
  dumpTransactionIndex,
} from './state-entries.ts'

export interface FileDump {
  /** Null now and then so that the caller can look up. */
  readonly items: Iterable<FileItem | null>
  /** Filled while `items` is walked. */
  readonly findings: readonly Findings[]
}

/** `log` is the segment beside an index, null when there is none. `readWhole` reads the file itself, which is small. */
export function dumpFileItems(
  { path, kind, baseOffset }: DumpFile,
  window: Window,
  log: Window | null,
  readWhole: () => Uint8Array | null,
): FileDump {
  const whole = (): Uint8Array => readWhole() ?? new Uint8Array()
  const base = baseOffset ?? 0n
  const absolute = resolve(path)
  switch (kind) {
    case 'offset-index': {
      const [listener, findings] =
        log === null ? [{ onEntry: () => undefined }, []] : offsetIndexListener(log, absolute)
      return { items: dumpOffsetIndex(window, base, path, listener), findings }
    }
    case 'time-index': {
      const [listener, findings] =
        log === null ? [{ onEntry: () => undefined }, []] : timeIndexListener(log, absolute)
      return { items: dumpTimeIndex(window, base, listener), findings }
    }
    case 'transaction-index':
      return { items: dumpTransactionIndex(window), findings: [] }
    case 'producer-snapshot':
      return { items: dumpProducerSnapshot(whole()), findings: [] }
    case 'leader-epoch-checkpoint':
      return { items: dumpLeaderEpochs(whole()), findings: [] }
    case 'offset-checkpoint':
      return { items: dumpOffsetCheckpoint(whole()), findings: [] }
    case 'text':
      return { items: dumpTextFile(whole()), findings: [] }
    case 'log':
    case 'kraft-snapshot':
      throw new Error(`${path} is a log, which has no entries`)
  }
}
