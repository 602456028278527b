/** Columns for people, as the tools of Kafka print them. */
import { isTime } from '../words/words.ts'

/** Names and metadata that any client may have written: what a terminal would obey is spelled out. */
export const printable = (text: string): string =>
  text.replace(
    /\p{Cc}/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`,
  )

/** Rows of cells, padded to columns and indented; the first row is the heading. */
export function table(given: readonly (readonly string[])[]): string {
  const rows = given.map((row) => row.map(printable))
  const widths: number[] = []
  for (const row of rows)
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length)
    })
  return rows
    .map((row) => {
      const cells = row.map((cell, column) => cell.padEnd(widths[column] ?? 0))
      return `  ${cells.join('  ').trimEnd()}\n`
    })
    .join('')
}

/** A time in milliseconds as ISO 8601; `-` where there is none. */
export const isoTime = (time: bigint): string =>
  isTime(time) ? new Date(Number(time)).toISOString() : '-'
