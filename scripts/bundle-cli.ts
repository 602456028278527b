/**
 * Puts the modules of the command line together into few files, after `tsc` has built the library module by module:
 * dist/cli.js, and what it loads in dist/cli/. Each file that Node loads costs half a millisecond, and a scan needs a
 * hundred modules. What a command does not need is still left out. They are CommonJS, which Node loads sooner; the
 * library, in dist/src/, stays ESM.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'rolldown'
import { build } from 'rolldown'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const WORKER = 'src/recover/read-ahead-worker.ts'
/** Finds the worker beside itself, so it has to lie in the worker's folder. */
const STARTS_WORKER = 'src/recover/early-threads.ts'

/**
 * What is loaded together lies together: each file holds these modules and all that they import, but for what is in the
 * files before it. All of a file is run when it is loaded. What is not here is split where it is loaded on demand.
 */
const FILES: readonly { readonly name: string; readonly modules: readonly string[] }[] = [
  { name: 'start', modules: ['cli.ts'] },
  { name: 'thread', modules: [WORKER] },
  {
    name: 'scan',
    modules: ['src/commands/plain-command.ts', 'src/commands/scan.ts', 'src/recover/read-ahead.ts'],
  },
  { name: 'codecs', modules: ['src/codec/default-codecs.ts'] },
  { name: 'repair', modules: ['src/commands/repair.ts', 'src/recover/transactions.ts'] },
  {
    name: 'undo',
    modules: [
      'src/recover/undo/entry-checks.ts',
      'src/recover/undo/undo-holes.ts',
      'src/recover/undo/attempts.ts',
    ],
  },
  {
    name: 'salvage',
    modules: ['src/recover/salvage/salvage-segment.ts', 'src/recover/made-markers.ts'],
  },
]

const absolute = (path: string): string => join(ROOT, path)
const ENTRIES = { cli: absolute('cli.ts'), 'cli/read-ahead-worker': absolute(WORKER) }

/** Into which file a module comes, decided once all imports are known. */
const fileOf = new Map<string, string>()

const assignFiles: Plugin = {
  name: 'assign-files',
  buildEnd() {
    for (const { name, modules } of FILES) {
      const waiting = modules.map(absolute)
      for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
        if (fileOf.has(id)) continue
        const info = this.getModuleInfo(id)
        if (info === null) throw new Error(`${id} is not a module of the command line`)
        fileOf.set(id, name)
        waiting.push(...info.importedIds.filter((imported) => imported.startsWith(ROOT)))
      }
    }
    for (const entry of Object.values(ENTRIES)) fileOf.delete(entry)
  },
}

rmSync(join(ROOT, 'dist/cli'), { recursive: true, force: true })
const { output } = await build({
  cwd: ROOT,
  input: ENTRIES,
  platform: 'node',
  transform: { target: 'node20.19' },
  external: (id) => !id.startsWith('.') && !id.startsWith('/'),
  plugins: [assignFiles],
  output: {
    dir: 'dist',
    format: 'cjs',
    sourcemap: true,
    entryFileNames: '[name].js',
    chunkFileNames: 'cli/[name]-[hash].js',
    codeSplitting: {
      groups: FILES.map(({ name }) => ({ name, test: (id) => fileOf.get(id) === name })),
    },
  },
})

const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  dependencies: Readonly<Record<string, string>>
}
for (const file of output) {
  const imports = file.type === 'chunk' ? [...file.imports, ...file.dynamicImports] : []
  const stranger = imports.find(
    (name) => !/^(?:node:|cli\/)/.test(name) && !Object.hasOwn(dependencies, name),
  )
  if (stranger !== undefined)
    throw new Error(`${file.fileName} wants ${stranger}, which the package does not bring`)
}

const starting = output.filter(
  (file) => file.type === 'chunk' && file.moduleIds.includes(absolute(STARTS_WORKER)),
)
if (starting.length !== 1 || starting[0]?.fileName.startsWith('cli/') !== true)
  throw new Error(`${STARTS_WORKER} is not in one file of dist/cli/, where the worker is`)

const describe = (folder: string, description: object): void => {
  writeFileSync(join(ROOT, folder, 'package.json'), `${JSON.stringify(description)}\n`)
}
describe('dist', { type: 'commonjs' })
describe('dist/src', { type: 'module', sideEffects: false })
