/** Codecs that are loaded when something is to be decoded: most files are only checked, and their loading takes time. */
import type { Codecs } from './codec.ts'

export type LoadCodecs = () => Promise<Codecs>

/** The codecs themselves, or how to come by them. */
export type CodecSource = Codecs | LoadCodecs

/** What is used when the caller brings none. */
export const loadDefaultCodecs: LoadCodecs = async () =>
  (await import('./default-codecs.ts')).defaultCodecs

export const codecsOf = async (source: CodecSource): Promise<Codecs> =>
  typeof source === 'function' ? await source() : source
