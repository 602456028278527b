import { expect } from 'chai'
import { createCommandLine } from '../../src/commands/command-line.ts'
import { COMMANDS } from '../../src/commands/command-table.ts'
import { withoutDashes } from '../../src/commands/plain-arguments.ts'
import { UsageError } from '../../src/commands/usage-error.ts'
import { usageMessage } from '../../src/commands/usage-words.ts'

/** What is said of a command line; null where nothing is wrong with it. */
async function complaint(...args: readonly string[]): Promise<string | null> {
  try {
    const parser = await createCommandLine(args, 80, () => undefined)
    await parser.parseAsync()
    return null
  } catch (error) {
    expect(error).to.be.instanceOf(UsageError)
    return (error as UsageError).message
  }
}

describe('wrong usage is told in the words that were typed:', () => {
  const all = 'scan, repair, reindex, dump, explain, groups, transactions, metadata and completion'
  const cases: readonly (readonly [words: string, says: string])[] = [
    ['frob a b', `there is no command frob; there are ${all}`],
    ['--jobs 2 frob', `there is no command frob; there are ${all}`],
    ['merge a b --out c', `there is no command merge; there are ${all}`],
    ['scan', 'name what to scan: kmend scan PATH…'],
    ['reindex --out x', 'name what to reindex: kmend reindex PATH…'],
    ['completion', 'name the shell: kmend completion bash|zsh|fish'],
    ['completion bash zsh', 'zsh is one word too many'],
    ['completion tcsh', 'the shell is bash, zsh or fish, not "tcsh"'],
    ['scan x --shalow', 'there is no option --shalow here'],
    ['scan --shalow x', 'there is no option --shalow here'],
    ['scan x --dry-run', 'there is no option --dry-run here'],
    ['scan x --no-frob', 'there is no option --no-frob here'],
    ['scan x --frob=3', 'there is no option --frob here'],
    ['scan x -abc', 'there is no option -abc here'],
    [
      'repair x --fill y --salvage z',
      '--fill is empty-batch or none, not "y"; --salvage is none, side or data, not "z"',
    ],
    ['dump x --where y', '--where is damaged, not "y"'],
    ['reindex x', '--out is needed, with a value'],
    ['scan x --html', '--html needs a value'],
    ['scan x --jobs', '--jobs needs a value'],
    ['repair x --lost-marker', '--lost-marker needs a value'],
    ['scan x --jobs 1.5', '--jobs wants a whole number above 0'],
    [
      'repair x --max-false-match 2',
      '--max-false-match wants a chance above 0 and up to 1, like 1e-4',
    ],
    [
      'explain x --max-false-match y',
      '--max-false-match wants a chance above 0 and up to 1, like 1e-4',
    ],
    ['repair x --repair-effort -1', '--repair-effort wants a whole number of steps from 0 on'],
  ]
  for (const [words, says] of cases)
    it(words, async () => {
      expect(await complaint(...words.split(' '))).to.equal(says)
    })

  it('the bounds themselves are fine', async () => {
    const words = ['repair', 'x', '--max-false-match', '1', '--repair-effort', '0', '--jobs', '1']
    expect(await complaint(...words)).to.equal(null)
  })

  it('what yargs says else is told as it is', () => {
    const usage = { args: ['x'], commands: COMMANDS, known: new Set<string>() }
    for (const message of ['', 'Too many cooks', 'Not enough non-option arguments: got 0'])
      expect(usageMessage(message, usage)).to.equal(message)
    expect(usageMessage('Unknown argument: y', usage)).to.equal('there is no option y here')
  })
})

describe('withoutDashes', () => {
  it('makes paths of all words behind --', () => {
    const args = ['scan', '--deep', '--', '-x.log', 'a', '--json']
    expect(withoutDashes(args)).to.deep.equal(['scan', '--deep', './-x.log', 'a', './--json'])
    expect(withoutDashes(['scan', '-x'])).to.deep.equal(['scan', '-x'])
  })
})
