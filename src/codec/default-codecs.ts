/** The codecs that are used when the caller brings none. */
import type { Codecs } from './codec.ts'
import { gzip } from './gzip.ts'
import { lz4 } from './lz4.ts'
import { snappy } from './snappy.ts'
import { zstd } from './zstd.ts'

export const defaultCodecs: Codecs = { gzip, snappy, lz4, zstd }
