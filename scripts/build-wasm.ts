/**
 * Assembles src/bytes/crc32c.wat into src/bytes/crc32c-module.ts: the bytes in base64, so that the package needs no
 * file beside its modules. Run with `npm run build:wasm`; a test checks that what is committed is what this gives.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import wabt from 'wabt'

const fromHere = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const SOURCE = fromHere('../src/bytes/crc32c.wat')
const TARGET = fromHere('../src/bytes/crc32c-module.ts')

/** The text of the module that holds the assembled bytes. */
export async function assembleModule(): Promise<string> {
  const assembler = await wabt()
  const parsed = assembler.parseWat('crc32c.wat', readFileSync(SOURCE, 'utf8'), {
    simd: true,
    bulk_memory: true,
  })
  const { buffer } = parsed.toBinary({})
  parsed.destroy()
  const base64 = Buffer.from(buffer).toString('base64')
  return `/** Assembled from crc32c.wat by \`npm run build:wasm\`: not to be edited. */
export const CRC32C_MODULE =
  '${base64}'
`
}

export const committedModule = (): string => readFileSync(TARGET, 'utf8')

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(TARGET, await assembleModule())
