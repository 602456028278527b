/** Whether a folder may be written to: new or empty, or our own and --force; never a broker's, never the source's. */
import { basename, dirname, join, resolve, sep } from 'node:path'
import {
  isLink,
  listDirectory,
  pathKind,
  readSmallFile,
  realPath,
} from '../bytes/file-directory.ts'
import { removeTree } from '../bytes/file-output.ts'
import { InvalidArgumentError, OutputExistsError } from '../errors.ts'
import type { PartitionInput } from './inputs.ts'

const OUR_NAMES: ReadonlySet<string> = new Set([
  'data',
  'quarantine',
  'salvaged',
  'reports',
  'report.json',
  '.tmp',
])
/** What a run that was ended early leaves, and nobody else's files are called. */
const OUR_FILES: readonly (readonly [folder: string, name: RegExp])[] = [
  ['reports', /^\d{20}\.json$/],
  ['quarantine', /^\d{20}-\d+(-\d+)?\.bin$/],
]
/** What a broker keeps in the root of a log dir. A file of ours in there can stop it from starting. */
const BROKER_FILES = ['meta.properties', '.lock']

/** The path with every link resolved, also where its last parts do not exist yet. */
export function canonicalPath(path: string): string {
  const absolute = resolve(path)
  if (pathKind(absolute) !== 'missing') return realPath(absolute)
  const parent = dirname(absolute)
  return parent === absolute ? absolute : join(canonicalPath(parent), basename(absolute))
}

/** Removes what an earlier run left in a folder that checkOutputFolder has found to be ours. */
export function clearOutputFolder(path: string): void {
  for (const name of OUR_NAMES) removeTree(join(path, name))
}

const isInside = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder + sep)

/**
 * Throws InvalidArgumentError for a place where nothing may ever be written, OutputExistsError for a folder that is
 * not empty. Returns the canonical path, and whether an earlier output of ours is to be removed.
 */
export function checkOutputFolder(
  out: string,
  inputs: readonly PartitionInput[],
  force: boolean,
): { readonly path: string; readonly replaces: boolean } {
  if (out === '') throw new InvalidArgumentError('--out is empty; name a new folder for the output')
  const path = checkOutputPlace(out, inputs)
  for (const input of inputs) refuseAroundSource(path, out, input)
  switch (pathKind(path)) {
    case 'missing':
      checkCanBeMade(path, out)
      return { path, replaces: false }
    case 'file':
      throw new OutputExistsError(`${out} is a file; --out wants a new or empty folder`)
    case 'directory':
      return { path, replaces: checkContent(path, out, force) }
  }
}

/** Throws InvalidArgumentError for a folder that nobody can make: what is on the way to it is no folder. */
function checkCanBeMade(path: string, out: string): void {
  let parent = dirname(path)
  while (pathKind(parent) === 'missing') parent = dirname(parent)
  if (pathKind(parent) === 'file')
    throw new InvalidArgumentError(`${out} cannot be made, because ${parent} is a file`)
  if (isLink(path))
    throw new InvalidArgumentError(`${out} is a link that leads nowhere; --out wants a new folder`)
}

/**
 * Throws InvalidArgumentError for a place inside the source or in a broker's log dir, where nothing may ever be
 * written: not the output folder, nor a single file. Returns the canonical path.
 */
export function checkOutputPlace(out: string, inputs: readonly PartitionInput[]): string {
  const path = canonicalPath(out)
  for (const input of inputs) {
    const source = sourcePlace(input)
    if (isInside(path, source))
      throw new InvalidArgumentError(
        `${out} ${path === source ? 'is the source' : `lies inside the source ${sourceName(input)}`}; the source is never written to`,
      )
  }
  for (let folder = path; ; folder = dirname(folder)) {
    const found = BROKER_FILES.find((name) => pathKind(join(folder, name)) !== 'missing')
    if (found !== undefined) {
      throw new InvalidArgumentError(
        `${out}: ${folder} is a broker's log dir (it holds ${found}); choose a folder outside of it`,
      )
    }
    if (dirname(folder) === folder) return path
  }
}

/** A lone file is its own place; any other input takes up its folder. */
function sourcePlace(input: PartitionInput): string {
  // Where nobody may look, no link can be followed either.
  if (input.failure !== null) return resolve(input.root)
  const lone = !input.whole && input.topicPartition === null
  return canonicalPath(lone ? input.source : input.whole ? input.root : input.directory)
}

const sourceName = (input: PartitionInput): string =>
  input.whole || input.topicPartition === null ? input.source : input.directory

function refuseAroundSource(path: string, out: string, input: PartitionInput): void {
  if (isInside(sourcePlace(input), path) && pathKind(path) === 'directory') {
    throw new InvalidArgumentError(
      `${out} contains the source ${input.source}; the source is never written to`,
    )
  }
}

function checkContent(path: string, out: string, force: boolean): boolean {
  const names = listDirectory(path).map(({ name }) => name)
  if (names.length === 0) return false
  if (!force)
    throw new OutputExistsError(
      `${out} is not empty; choose a new folder, or --force to replace an earlier output of kmend`,
    )
  const foreign = names.find((name) => !OUR_NAMES.has(name))
  const ours =
    names.includes('.tmp') ||
    isOurReport(join(path, 'report.json')) ||
    OUR_FILES.some(([folder, pattern]) => holdsOnly(join(path, folder), pattern))
  if (foreign !== undefined || !ours) {
    throw new OutputExistsError(
      `${out} holds ${foreign ?? 'no report of kmend'}: --force replaces only an output of kmend and nothing else`,
    )
  }
  return true
}

/** Others call a folder so too: it is ours only where nothing but files of such names is in it. */
function holdsOnly(path: string, pattern: RegExp): boolean {
  if (pathKind(path) !== 'directory') return false
  const entries = listDirectory(path).flatMap(({ name, isDirectory }) =>
    isDirectory ? listDirectory(join(path, name)) : [{ name, isDirectory }],
  )
  return (
    entries.length > 0 &&
    entries.every(({ name, isDirectory }) => !isDirectory && pattern.test(name))
  )
}

function isOurReport(path: string): boolean {
  try {
    const text = new TextDecoder().decode(readSmallFile(path) ?? new Uint8Array())
    return (JSON.parse(text) as { tool?: unknown }).tool === 'kmend'
  } catch {
    // Not JSON: not ours.
    return false
  }
}
