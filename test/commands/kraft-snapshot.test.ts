import { expect } from 'chai'
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CORPUS, hasCorpus } from '../support/corpus.ts'
import { filesBelow, kmend, newFolder, readReport } from './support.ts'

/** End offset and epoch of what is in it; its own offsets begin at 0. */
const NAME = '00000000000000000007-0000000001.checkpoint'
const WHOLE = join(CORPUS, 'kafka-4.1.0/bootstrap.checkpoint')

describe('a snapshot of the metadata log (.checkpoint)', () => {
  before(function () {
    if (!hasCorpus) this.skip()
  })

  it('is whole under the name that a controller gives it', async () => {
    const folder = newFolder()
    mkdirSync(join(folder, '__cluster_metadata-0'))
    // Says of the log, not of the snapshot, which epochs its offsets have.
    const epochs = join(folder, '__cluster_metadata-0/leader-epoch-checkpoint')
    writeFileSync(epochs, '0\n2\n1 0\n2 3\n')
    for (const path of [NAME, join('__cluster_metadata-0', NAME)]) {
      copyFileSync(WHOLE, join(folder, path))
      const { code, stdout } = await kmend(['scan', '--deep', path], folder)
      expect(stdout).to.include('offsets 0 to 6, 3 intact batches').and.not.include('.index')
      expect(code).to.equal(0)
    }
  })

  it('is never written with a hole or an empty batch in it, nor with indexes', async () => {
    const folder = newFolder()
    const bytes = readFileSync(WHOLE)
    bytes.fill(7, 150, 190)
    writeFileSync(join(folder, NAME), bytes)
    const refused = await kmend(['repair', NAME, '--out', 'a'], folder)
    expect(refused.code).to.equal(3)
    expect(refused.stdout).to.include('No repaired copy was written')
    expect(refused.stdout).to.include('--allow-metadata-loss').and.not.include('consumer-groups')
    expect(filesBelow(join(folder, 'a/data'))).to.deep.equal([])
    const args = ['repair', NAME, '--out', 'b', '--quiet', '--allow-metadata-loss']
    expect((await kmend(args, folder)).code).to.equal(3)
    expect(filesBelow(join(folder, 'b/data'))).to.deep.equal([NAME])
    const [segment] = readReport(join(folder, 'b')).segments
    expect(segment?.damage.map(({ outputSizeInBytes }) => outputSizeInBytes)).to.deep.equal([0])
    expect(segment?.indexes.offsetIndex).to.include({ output: 'none' })
  })
})
