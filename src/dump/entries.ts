/** Entries of the small files, as names and values: the text form prints them in kafka-dump-log's words. */
import { jsonString } from '../topics/message-value.ts'

/** `null` prints as an empty value in text and null in JSON. */
export type EntryValue = string | number | bigint | null

export interface Entry {
  readonly type: 'entry'
  /** In the order in which they print. */
  readonly fields: readonly (readonly [name: string, value: EntryValue])[]
  /** After the last field, where the tool prints something odd. */
  readonly tail?: string
}

/** What is wrong at this place of the file. */
export interface EntryProblem {
  readonly type: 'problem'
  readonly position: number
  readonly message: string
}

/** A line of its own kind, in the text form only. */
export interface Remark {
  readonly type: 'remark'
  readonly text: string
}

export type FileItem = Entry | EntryProblem | Remark

/** Kafka's OptionalLong.toString; -1 stands for none. */
export const optionalLong = (value: bigint): string =>
  value < 0n ? 'OptionalLong.empty' : `OptionalLong[${value}]`

export function entryText(item: FileItem): string {
  switch (item.type) {
    case 'entry': {
      const fields = item.fields.map(([name, value]) => `${name}: ${value ?? ''}`)
      return `${fields.join(' ')}${item.tail ?? ''}\n`
    }
    case 'problem':
      return `! damage: position: ${item.position}: ${item.message}\n`
    case 'remark':
      return `${item.text}\n`
  }
}

const jsonValue = (value: EntryValue): string =>
  value === null ? 'null' : typeof value === 'string' ? jsonString(value) : value.toString()

/** One JSON object a line; empty for what is only a remark. */
export function entryJson(item: FileItem, source: string): string {
  const start = `{"source":${jsonString(source)}`
  switch (item.type) {
    case 'entry': {
      const fields = item.fields.map(([name, value]) => `${jsonString(name)}:${jsonValue(value)}`)
      return `${start},"type":"entry",${fields.join(',')}}\n`
    }
    case 'problem':
      return `${start},"type":"damage","position":${item.position},"message":${jsonString(item.message)}}\n`
    case 'remark':
      return ''
  }
}
