/**
 * HTML out of values: whatever is put into a template is text and is escaped, but for other templates. Names of topics
 * and files may hold anything, so nothing else in src/html makes markup.
 */

/** Text that is HTML already. Made by `html` alone. */
export interface Markup {
  readonly markup: string
}

export type Content = Markup | string | number | bigint | null | readonly Content[]

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Characters that are not seen, or that turn the text around them: shown as what they are. */
const UNSEEN =
  // eslint-disable-next-line no-control-regex -- the control characters are the point
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|\p{Cs}/gu

const codePoint = (character: string): string =>
  `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`

export const escapeText = (text: string): string =>
  text
    .replaceAll(UNSEEN, codePoint)
    .replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character)

const isMarkup = (content: Content): content is Markup =>
  typeof content === 'object' && content !== null && 'markup' in content

function toText(content: Content): string {
  if (content === null) return ''
  if (isMarkup(content)) return content.markup
  return typeof content === 'object' ? content.map(toText).join('') : escapeText(String(content))
}

/** A template of HTML. Values go into text and into attributes in double quotes; null is nothing. */
export const html = (strings: TemplateStringsArray, ...values: readonly Content[]): Markup => ({
  markup: strings
    .map((string, index) => (index === 0 ? string : toText(values[index - 1] ?? null) + string))
    .join(''),
})

/** For constants of our own that are no HTML, such as a style sheet. Never for what comes from outside. */
export const verbatim = (text: string): Markup => ({ markup: text })
