/**
 * Field tables of Kafka's own messages, in a compact notation: one line a field, in the order on the wire.
 *
 *   name type [versions] [null] [tag N] [default X] [secret]
 *
 * `type` is a primitive, `[]primitive`, `{}` for a struct or `[]` for an array of structs; the fields of a struct
 * follow it, indented by two spaces. `versions` is `3+` or `1-2`, all versions when left out. `null` allows null in
 * every version the field has, `null 2+` from a version on. A field with a tag is in the tag section.
 */

export const PRIMITIVES = [
  'bool',
  'int8',
  'int16',
  'uint16',
  'int32',
  'int64',
  'float64',
  'uuid',
  'string',
  'bytes',
] as const
export type Primitive = (typeof PRIMITIVES)[number]

/** First and last version, both included. */
export interface VersionRange {
  readonly first: number
  readonly last: number
}

export interface FieldSchema {
  readonly name: string
  readonly type: Primitive | 'struct'
  readonly isArray: boolean
  /** Of a struct; empty for primitives. */
  readonly fields: readonly FieldSchema[]
  readonly versions: VersionRange
  readonly nullable: VersionRange | null
  readonly tag: number | null
  /** As it would print: a tagged field with this value is left out, as its writer leaves it out. */
  readonly defaultText: string | null
  /** Not to be shown unless asked for. */
  readonly isSecret: boolean
}

export interface MessageSchema {
  readonly name: string
  readonly versions: VersionRange
  /** The first version with compact lengths and tag sections; null when there is none. */
  readonly flexibleFrom: number | null
  readonly fields: readonly FieldSchema[]
}

export const isIn = (range: VersionRange, version: number): boolean =>
  version >= range.first && version <= range.last

const isPrimitive = (word: string): word is Primitive =>
  (PRIMITIVES as readonly string[]).includes(word)

const RANGE = /^(\d+)(?:(\+)|-(\d+))?$/

function parseRange(text: string): VersionRange | null {
  const match = RANGE.exec(text)
  if (match === null) return null
  const first = Number(match[1])
  const last = match[2] === '+' ? Infinity : match[3] === undefined ? first : Number(match[3])
  return { first, last }
}

interface Line {
  readonly depth: number
  readonly words: readonly string[]
}

const ALL_VERSIONS: VersionRange = { first: 0, last: Infinity }

/** The words after name and type, in any order. */
function parseModifiers(
  words: readonly string[],
): Pick<FieldSchema, 'versions' | 'nullable' | 'tag' | 'defaultText' | 'isSecret'> {
  let versions = ALL_VERSIONS
  let nullable: VersionRange | null = null
  let tag: number | null = null
  let defaultText: string | null = null
  let isSecret = false
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    const next = words[at + 1] ?? ''
    const range = parseRange(word)
    if (range !== null) versions = range
    else if (word === 'secret') isSecret = true
    else if (word === 'null') {
      const from = parseRange(next)
      nullable = from ?? ALL_VERSIONS
      if (from !== null) at++
    } else if (word === 'tag' || word === 'default') {
      if (word === 'tag') tag = Number(next)
      else defaultText = next
      at++
    } else throw new Error(`field table: ${word} in "${words.join(' ')}"`)
  }
  return { versions, nullable, tag, defaultText, isSecret }
}

function parseFields(lines: readonly Line[], depth: number): FieldSchema[] {
  const fields: FieldSchema[] = []
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]
    if (line?.depth !== depth) continue
    let end = at + 1
    while ((lines[end]?.depth ?? -1) > depth) end++
    const [name = '', typeWord = '', ...rest] = line.words
    const isArray = typeWord.startsWith('[]')
    const element = isArray ? typeWord.slice(2) : typeWord
    const isStruct = element === (isArray ? '' : '{}')
    if (!isStruct && !isPrimitive(element)) throw new Error(`field table: no type ${typeWord}`)
    fields.push({
      name,
      type: isPrimitive(element) ? element : 'struct',
      isArray,
      fields: isStruct ? parseFields(lines.slice(at + 1, end), depth + 1) : [],
      ...parseModifiers(rest),
    })
    at = end - 1
  }
  return fields
}

/** Reads a field table; throws for a table that is wrong, which is a bug of this program. */
export function defineMessage(
  name: string,
  versions: string,
  flexibleFrom: number | null,
  notation: string,
): MessageSchema {
  const range = parseRange(versions)
  if (range === null) throw new Error(`field table of ${name}: versions ${versions}`)
  const rows = notation.split('\n').filter((row) => row.trim() !== '')
  const indents = rows.map((row) => row.length - row.trimStart().length)
  const least = Math.min(...indents)
  const lines = rows.map((row, at) => ({
    depth: ((indents[at] ?? 0) - least) / 2,
    words: row.trim().split(/\s+/),
  }))
  return { name, versions: range, flexibleFrom, fields: parseFields(lines, 0) }
}
