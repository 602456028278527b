/** Numbers, times and commands as people are shown them, printed or on a page. */

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
const LATEST_DATE = 8_640_000_000_000_000n

export function formatBytes(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10))
  const value = bytes / 1024 ** power
  return `${power === 0 ? value : value.toFixed(1)} ${UNITS[power] ?? ''}`
}

/** With commas; not for what is copied into a command. */
export const grouped = (value: number | bigint): string => value.toLocaleString('en-US')

/** The plain number, with the word that fits it: `1 byte`, `1024 bytes`. */
export const counted = (count: number | bigint, noun: string, many = `${noun}s`): string =>
  `${count} ${Number(count) === 1 ? noun : many}`

/** The same with commas. */
export const plural = (count: number | bigint, noun: string, many = `${noun}s`): string =>
  `${grouped(count)} ${Number(count) === 1 ? noun : many}`

export const isTime = (time: bigint | null): time is bigint =>
  time !== null && time >= 0n && time <= LATEST_DATE

/** UTC; `unknown` where there is none. */
export const timeText = (time: bigint | null): string =>
  isTime(time)
    ? new Date(Number(time))
        .toISOString()
        .replace('T', ' ')
        .replace(/(\.000)?Z$/, ' UTC')
    : 'unknown'

export const offsetsText = (first: bigint | null, last: bigint | null): string =>
  first === null ? 'none' : last === null ? `from ${first} on` : `${first} to ${last}`

const PLAIN_WORD = /^[\w@%+=:,./-]+$/
// eslint-disable-next-line no-control-regex -- what a shell's quotes do not show
const CONTROL = /[\u0000-\u001f\u007f]/
// eslint-disable-next-line no-control-regex -- the same, with the second set of them
const CONTROLS = /[\u0000-\u001f\u007f-\u009f]/g
// eslint-disable-next-line no-control-regex -- the same, and what ends or escapes within $'…'
const TO_ESCAPE = /[\u0000-\u001f\u007f'\\]/g

/** A name in one line of text: what a terminal would obey is shown instead. */
export const printable = (text: string): string =>
  text.replaceAll(CONTROLS, (character) =>
    character === '\n' ? '\\n' : `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )

/** One word for a POSIX shell; with control characters in the form of bash and zsh. */
export function shellWord(text: string): string {
  if (PLAIN_WORD.test(text)) return text
  if (!CONTROL.test(text)) return `'${text.replaceAll("'", `'\\''`)}'`
  const escape = (character: string): string =>
    `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
  return `$'${text.replaceAll(TO_ESCAPE, escape)}'`
}

/** TransactionsCommand's abort, which finds the producer by where its transaction began (brokers from 3.0 on). */
export function abortCommand(
  topic: string | null,
  partition: number | string | null,
  startOffset: bigint | number,
): string {
  const where = `--topic ${topic === null ? '<topic>' : shellWord(topic)} --partition ${partition ?? '<partition>'}`
  return `kafka-transactions.sh --bootstrap-server <host:port> abort ${where} --start-offset ${startOffset}`
}
