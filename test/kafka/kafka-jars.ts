/* Kafka's jars and the compiled client, by Maven; what is fetched once stays in Maven's own cache. */
import { readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { run } from './processes.ts'

const here = import.meta.dirname
const MAVEN_TIMEOUT_MS = 600_000

/** The class path of broker and client. */
export async function buildClassPath(): Promise<string[]> {
  const args = ['-q', '-B', '-f', join(here, 'pom.xml'), 'compile']
  const { exitCode, stdout, stderr } = await run('mvn', args, MAVEN_TIMEOUT_MS)
  if (exitCode !== 0) {
    throw new Error(`mvn failed (exit ${exitCode ?? 'by signal'})\n${stdout}\n${stderr}`)
  }
  const jars = readFileSync(join(here, 'target', 'classpath.txt'), 'utf8')
    .trim()
    .split(delimiter)
  return [join(here, 'target', 'classes'), ...jars]
}
