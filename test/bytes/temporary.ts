/** A fresh directory for each test, removed after it. */
import { mkdtempSync, readdirSync, readlinkSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Called in a `describe`; the function it returns gives a path below the directory. */
export function useTemporaryDirectory(): (...names: string[]) => string {
  let directory = ''
  beforeEach(() => {
    directory = realpathSync(mkdtempSync(join(tmpdir(), 'kmend-test-')))
  })
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true })
  })
  return (...names) => join(directory, ...names)
}

/** How many descriptors of this process are open on files below a path; null where the system does not tell. */
export function openDescriptors(path: string): number | null {
  try {
    const targets = readdirSync('/proc/self/fd').map((name) => {
      try {
        return readlinkSync(`/proc/self/fd/${name}`)
      } catch {
        return '' // the one that listed the directory
      }
    })
    return targets.filter((target) => target.startsWith(path)).length
  } catch {
    return null
  }
}
