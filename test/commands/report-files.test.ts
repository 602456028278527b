import { expect } from 'chai'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeWhole } from '../../src/commands/report-files.ts'
import { repair } from '../../src/commands/repair.ts'
import { scan } from '../../src/commands/scan.ts'
import { InvalidArgumentError, OutputExistsError, SegmentIoError } from '../../src/errors.ts'
import { repairArguments, scanArguments } from './arguments.ts'
import { newFolder, recordingTerminal, writeDamaged, writeHealthy } from './support.ts'

describe('--html', () => {
  it('writes a page beside what is printed, and replaces its own', async () => {
    const folder = newFolder()
    const html = join(folder, 'report.html')
    const damaged = writeDamaged(folder)
    expect(await scan(scanArguments([damaged], { html }), recordingTerminal())).to.equal(3)
    expect(readFileSync(html, 'utf8')).to.include('1 of 1 segment damaged')
    const out = join(folder, 'out')
    const healthy = writeHealthy(folder, 'other-0')
    expect(await repair(repairArguments([healthy], { out, html }), recordingTerminal())).to.equal(0)
    expect(readFileSync(html, 'utf8')).to.include('Nothing is damaged')
    expect(readdirSync(folder).sort()).to.deep.equal(['orders-0', 'other-0', 'out', 'report.html'])
  })

  it('refuses places and files that are not its own before any work', async () => {
    const folder = newFolder()
    const damaged = writeDamaged(folder)
    const foreign = join(folder, 'notes.html')
    writeFileSync(foreign, '<!doctype html> mine')
    const broker = join(folder, 'broker')
    mkdirSync(broker)
    writeFileSync(join(broker, 'meta.properties'), '')
    for (const [html, type] of [
      ['', InvalidArgumentError],
      [join(damaged, 'report.html'), InvalidArgumentError],
      [join(broker, 'report.html'), InvalidArgumentError],
      [broker, InvalidArgumentError],
      [folder, InvalidArgumentError],
      [foreign, OutputExistsError],
    ] as const) {
      const terminal = recordingTerminal()
      const error: unknown = await scan(scanArguments([damaged], { html }), terminal).catch(
        (thrown: unknown) => thrown,
      )
      expect(error, html).to.be.instanceOf(type)
      expect(terminal.out()).to.equal('')
    }
    expect(readFileSync(foreign, 'utf8')).to.equal('<!doctype html> mine')
  })

  it('leaves nothing half-written', () => {
    const folder = newFolder()
    mkdirSync(join(folder, 'taken', 'x'), { recursive: true })
    expect(() => {
      writeWhole(join(folder, 'taken'), 'text')
    }).to.throw(SegmentIoError)
    expect(readdirSync(folder)).to.deep.equal(['taken'])
  })
})

describe('--metrics', () => {
  it('writes figures, also of a run that found damage, and of one that failed', async () => {
    const folder = newFolder()
    const metrics = join(folder, 'kmend.prom')
    const damaged = writeDamaged(folder)
    expect(await scan(scanArguments([damaged], { metrics }), recordingTerminal())).to.equal(3)
    const first = readFileSync(metrics, 'utf8')
    expect(first).to.match(/kmend_run_batches\{.*outcome="skipped"\} 1\n/)
    const success = /kmend_last_success.*\} .*\n/.exec(first)![0]
    const signal = AbortSignal.abort(new Error('enough'))
    const error: unknown = await scan(
      scanArguments([damaged], { metrics }),
      recordingTerminal({ signal }),
    ).catch((thrown: unknown) => thrown)
    expect((error as Error).message).to.equal('enough')
    const second = readFileSync(metrics, 'utf8')
    expect(second)
      .to.match(/kmend_run_success\{.*\} 0\n/)
      .and.to.include(success)
    writeFileSync(metrics, 'other_metric 1\n')
    const refused: unknown = await scan(
      scanArguments([damaged], { metrics }),
      recordingTerminal(),
    ).catch((thrown: unknown) => thrown)
    expect(refused).to.be.instanceOf(OutputExistsError)
  })
})
