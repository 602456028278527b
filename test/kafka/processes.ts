/*
 * The processes of a run and its one temporary directory. Whatever way the run ends, none of them
 * outlives it: a broker left behind would hold its ports and a CI machine's memory.
 */
import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, openSync, closeSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Finished {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

const running = new Set<ChildProcess>()
const directories = new Set<string>()

process.once('exit', cleanUp)
for (const [signal, exitCode] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  process.once(signal, () => process.exit(exitCode))
}

/** A new directory, removed at exit. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'kmend-kafka-'))
  directories.add(directory)
  return directory
}

/** Whether the command is on this machine; it is asked for its version. */
export function hasCommand(command: string): boolean {
  return spawnSync(command, ['-version'], { stdio: 'ignore' }).status === 0
}

/** Runs a command to its end. Past `timeoutMs` it is killed, and its exit code is null. */
export async function run(
  command: string,
  args: readonly string[],
  timeoutMs: number,
): Promise<Finished> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
  try {
    const exitCode = await ended(child)
    const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString('utf8')
    return { exitCode, stdout: text(stdout), stderr: text(stderr) }
  } finally {
    clearTimeout(timer)
  }
}

/** Starts a command that goes on by itself; both its outputs go to the file. */
export function startInBackground(
  command: string,
  args: readonly string[],
  outputPath: string,
): ChildProcess {
  const output = openSync(outputPath, 'w')
  const child = spawn(command, args, { stdio: ['ignore', output, output] })
  closeSync(output)
  running.add(child)
  child.once('close', () => running.delete(child))
  return child
}

/** SIGKILL: the broker gets no chance to write its clean-shutdown file. */
export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const closed = new Promise((resolve) => child.once('close', resolve))
  child.kill('SIGKILL')
  await closed
}

function ended(child: ChildProcess): Promise<number | null> {
  running.add(child)
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      running.delete(child)
      reject(error)
    })
    child.once('close', (exitCode) => {
      running.delete(child)
      resolve(exitCode)
    })
  })
}

function cleanUp(): void {
  for (const child of running) child.kill('SIGKILL')
  for (const directory of directories) {
    // A killed broker may still be writing into it for a moment.
    rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  }
}
