/** The forms a dump of a log comes in. Each returns whole lines, or an empty string for what the form does not show. */
import type { BatchHeader } from '../segment/record-batch.ts'
import type { Record } from '../segment/record.ts'
import type { DumpFile } from './dump-file.ts'
import type { DumpOptions } from './dump-options.ts'
import { csvRows } from './csv-rows.ts'
import { jsonRows } from './json-rows.ts'
import type { ParquetTable } from './parquet-rows.ts'
import type { RecordPlace } from './text-lines.ts'
import { batchLine, damageLine, recordLine } from './text-lines.ts'
import type { DamageItem } from './walk-log.ts'

export interface Rows {
  batch(header: BatchHeader, isValid: boolean): string
  record(record: Record, place: RecordPlace): string
  damage(item: DamageItem): string
}

const textRows = (options: DumpOptions): Rows => ({
  batch: batchLine,
  record: (record, place) => recordLine(record, place, options),
  damage: damageLine,
})

/** Rows of parquet go into `table`, which is there for that format alone. */
export function rowsFor(options: DumpOptions, file: DumpFile, table: ParquetTable | null): Rows {
  if (table !== null) return table.rowsFor(file)
  if (options.format === 'ndjson') return jsonRows(options, file)
  return options.format === 'csv' ? csvRows(options, file) : textRows(options)
}

const nothing = (): string => ''
/** For a pass that only counts. */
export const NO_ROWS: Rows = { batch: nothing, record: nothing, damage: nothing }
