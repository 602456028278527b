import { expect } from 'chai'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { filesBelow, kmend, newFolder, readReport, writeDamaged, writeHealthy } from './support.ts'

const BASE = '0'.repeat(20)

describe('kmend repair: files beside the segments', () => {
  it('leaves out the damaged files beside the segments that would stop a broker, and scans clean', async () => {
    const folder = newFolder()
    const path = writeHealthy(folder)
    const damaged = {
      'leader-epoch-checkpoint': '0\n2\n0 0\n',
      'partition.metadata': '',
    }
    for (const [name, text] of Object.entries(damaged)) writeFileSync(join(path, name), text)
    const { code, stdout } = await kmend(['repair', 'orders-0', '--out', 'out'], folder)
    expect(code).to.equal(0)
    const { files, restore } = readReport(join(folder, 'out'))
    for (const name of Object.keys(damaged)) {
      const file = files.find(({ source }) => source.endsWith(name))
      expect(file, name).to.include({ action: 'left-out' })
      expect(file?.problems.at(-1)).to.match(/^left out/)
      expect(stdout).to.include(`orders-0/${name}: `)
      expect(filesBelow(join(folder, 'out'))).to.not.include(`data/orders-0/${name}`)
    }
    expect(stdout).to.include('2 files beside the segments damaged')
    expect(restore.join()).to.include('write partition.metadata')
    expect((await kmend(['scan', 'out/data/orders-0', '--quiet'], folder)).code).to.equal(0)
  })

  it('copies a damaged snapshot, since a broker drops it, and would go on from nothing without one', async () => {
    const folder = newFolder()
    const name = `${BASE}.snapshot`
    writeFileSync(join(writeHealthy(folder), name), 'short')
    const { code, stdout } = await kmend(['repair', 'orders-0', '--out', 'out'], folder)
    expect(code).to.equal(0)
    const file = readReport(join(folder, 'out')).files.find(({ source }) => source.endsWith(name))
    expect(file).to.include({ action: 'copied', output: `data/orders-0/${name}` })
    expect(file?.problems.at(-1)).to.match(/^copied all the same/)
    expect(readFileSync(join(folder, 'out', 'data', 'orders-0', name), 'utf8')).to.equal('short')
    expect(stdout).to.include(`orders-0/${name}: `)
  })

  it('puts a part of a partition over the directory, and a whole one in its place', async () => {
    const folder = newFolder()
    writeHealthy(folder)
    writeDamaged(join(folder, 'other'))
    const whole = 'put data/<topic-partition> in its place'
    for (const [args, isWhole] of [
      [['orders-0'], true],
      [[`orders-0/${BASE}.log`], false],
      [['other/orders-0', '--only-changed'], false],
    ] as const) {
      const out = join(folder, args.length === 1 ? `${args[0].length}` : 'changed')
      await kmend(['repair', ...args, '--out', out, '--quiet'], folder)
      const { restore } = readReport(out)
      expect(restore).to.have.length(6)
      expect(restore.join().includes(whole), args.join(' ')).to.equal(isWhole)
      expect(restore.join().includes('stay where they are')).to.equal(!isWhole)
    }
  })
})
