/** Writes man/kmend.1 from the command tables. Run with `npm run build:man`; a test checks that it is in step. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { manPage } from '../src/commands/man-page.ts'
import { TOOL_VERSION } from '../src/recover/tool-version.ts'

const fromHere = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

mkdirSync(fromHere('../man'), { recursive: true })
const changelog = readFileSync(fromHere('../CHANGELOG.md'), 'utf8')
writeFileSync(fromHere('../man/kmend.1'), await manPage(TOOL_VERSION, changelog))
