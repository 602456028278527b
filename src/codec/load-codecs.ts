/** Codecs that are loaded when something is to be decoded: most files are only checked, and their loading takes time. */
import type { Codecs } from './codec.ts'

export type LoadCodecs = () => Promise<Codecs>

/** The codecs themselves, or how to come by them. */
export type CodecSource = Codecs | LoadCodecs

/** What is used when the caller brings none. */
export const loadDefaultCodecs: LoadCodecs = async () =>
  (await import('./default-codecs.ts')).defaultCodecs

/** What uses the running Node where it gives the same; quicker for gzip. */
export const loadNativeCodecs: LoadCodecs = async () =>
  (await import('./native-codecs.ts')).nativeCodecs

export type CodecsName = 'js' | 'native'

/** By what names they are asked for, also of a thread, which no function can be handed to. */
export const CODECS_BY_NAME: Readonly<Record<CodecsName, LoadCodecs>> = {
  js: loadDefaultCodecs,
  native: loadNativeCodecs,
}

/** Null for codecs of somebody else's own. */
export const nameOfCodecs = (source: CodecSource): CodecsName | null =>
  source === loadDefaultCodecs ? 'js' : source === loadNativeCodecs ? 'native' : null

export const codecsOf = async (source: CodecSource): Promise<Codecs> =>
  typeof source === 'function' ? await source() : source
