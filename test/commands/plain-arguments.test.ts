import { expect } from 'chai'
import fc from 'fast-check'
import { createCommandLine } from '../../src/commands/command-line.ts'
import { COMMANDS } from '../../src/commands/command-table.ts'
import { COMMON_OPTIONS } from '../../src/commands/common.ts'
import { parsePlainArguments } from '../../src/commands/plain-arguments.ts'
import { UsageError } from '../../src/commands/usage-error.ts'

const plain = async (name: string, words: readonly string[]): Promise<object | null> => {
  const command = COMMANDS.find((each) => each.name === name)
  return parsePlainArguments(words, { ...COMMON_OPTIONS, ...(await command?.options()) })
}

/** What yargs makes of it, in the names that commands know; null for wrong usage. */
async function byYargs(name: string, words: readonly string[]): Promise<object | null> {
  let found: object | null = null
  try {
    const parser = await createCommandLine([name, ...words], 80, (_, parsed) => {
      found = Object.fromEntries(
        Object.entries(parsed).filter(
          ([key, value]) => value !== undefined && !/^_$|^\$0$|-/.test(key),
        ),
      )
    })
    await parser.parseAsync()
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
  }
  return found
}

describe('parsePlainArguments', () => {
  const understood: readonly (readonly string[])[] = [
    ['scan', 'a.log'],
    ['scan', '--quiet', '--deep', '007', 'b/c-0', '--jobs', '3'],
    ['repair', 'a b', '--out', 'new folder', '--no-undo', '--salvage', 'none', '--no-color'],
    ['reindex', '--out', 'x', 'a'],
    ['dump', 'a', '--format', 'csv', '--key', '5', '--limit', '10'],
    ['explain', 'a', '--offset', '12'],
  ]
  for (const [name = '', ...words] of understood)
    it(`reads ${name} ${words.join(' ')} as yargs does`, async () => {
      const parsed = await plain(name, words)
      expect(parsed).to.not.equal(null)
      expect(parsed).to.deep.equal(await byYargs(name, words))
    })

  for (const [name = '', ...words] of [
    ['scan'],
    ['scan', ''],
    ['scan', 'a', '--help'],
    ['scan', 'a', '--json=true'],
    ['scan', 'a', '--json', 'false'],
    ['scan', 'a', '--json', '--json'],
    ['scan', 'a', '--jobs', '0'],
    ['scan', 'a', '--jobs'],
    ['scan', 'a', '--', '-b'],
    ['scan', '-q', 'a'],
    ['scan', 'a', '--constructor'],
    ['repair', 'a', '--out', ''],
    ['repair', 'a', '--out', '--json'],
    ['repair', 'a', '--no-out', 'b'],
    ['repair', 'a', '--fill', 'zeros'],
    ['repair', 'a', '--max-false-match', '1e-3'],
    ['reindex', 'a'],
    ['dump', 'a', '--header', 'x', '--header', 'y'],
  ])
    it(`leaves to yargs: ${name} ${words.join(' ')}`, async () => {
      expect(await plain(name, words)).to.equal(null)
    })

  it('never answers anything but what yargs would', async () => {
    const names = COMMANDS.filter(({ operand }) => operand === undefined).map(({ name }) => name)
    const tables: object[] = [COMMON_OPTIONS]
    for (const { options } of COMMANDS) tables.push(await options())
    const options = tables.flatMap((table) => Object.keys(table))
    const word = fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...options).map((name) => `--${name}`) },
      fc.constantFrom(...options).map((name) => `--no-${name}`),
      fc.constantFrom('a', '12', '1e3', '0x1', 'true', 'none', 'csv', 'text', '-', '--', '-5', ' '),
      fc.string({ maxLength: 4 }),
    )
    let answered = 0
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), fc.array(word), async (name, words) => {
        const parsed = await plain(name, ['a', ...words])
        if (parsed === null) return
        answered++
        expect(parsed).to.deep.equal(await byYargs(name, ['a', ...words]))
      }),
      { numRuns: 400 },
    )
    expect(answered).to.be.above(20)
  })
})
