/**
 * Puts the modules of the command line together into few files, after `tsc` has built the library module by module:
 * dist/cli.js, and what it loads in dist/cli/. Each module that Node loads costs half a millisecond, and a scan needs a
 * hundred of them. What a command does not need is still left out.
 */
import { build } from 'esbuild'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
/** Finds the worker beside itself, so it has to lie in the worker's folder. */
const STARTS_WORKER = 'src/recover/early-threads.ts'

rmSync(join(ROOT, 'dist/cli'), { recursive: true, force: true })
const { metafile } = await build({
  absWorkingDir: ROOT,
  entryPoints: [
    { in: 'cli.ts', out: 'cli' },
    { in: 'src/recover/read-ahead-worker.ts', out: 'cli/read-ahead-worker' },
  ],
  outdir: 'dist',
  chunkNames: 'cli/[name]-[hash]',
  bundle: true,
  splitting: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  sourcemap: true,
  metafile: true,
  logLevel: 'warning',
})

const starting = Object.entries(metafile.outputs).filter(
  ([, { inputs }]) => STARTS_WORKER in inputs,
)
if (starting.length !== 1 || starting[0]?.[0].startsWith('dist/cli/') !== true)
  throw new Error(`${STARTS_WORKER} is not in one file of dist/cli/, where the worker is`)
