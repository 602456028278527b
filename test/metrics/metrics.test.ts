import { expect } from 'chai'
import { spawnSync } from 'node:child_process'
import { metricsText, METRICS_START } from '../../src/metrics/metrics.ts'
import { damageOf, none, rangeOf, reportOf, segmentOf } from '../commands/sample-report.ts'

const run = {
  command: 'scan',
  paths: ['a\\b', 'c"\n'],
  endedAtMs: 1_700_000_000_500,
  elapsedMs: 1500,
}
const labels = 'command="scan",paths="a\\\\b c\\"\\n"'
const report = reportOf([
  segmentOf({
    batches: { ...none, intact: 8, skipped: 2 },
    records: { kept: null, skipped: 20, salvaged: 3 },
    damage: [damageOf(), damageOf(), damageOf({ reason: 'torn-tail' })],
    skippedOffsetRanges: [rangeOf()],
  }),
  segmentOf(),
])

describe('metrics of a run', () => {
  const text = metricsText(run, report, '')

  it('have what became of batches, records and bytes, by reason too, and leave out what is not known', () => {
    expect(text.startsWith(METRICS_START)).to.equal(true)
    for (const line of [
      `kmend_last_run_timestamp_seconds{${labels}} 1700000000.5`,
      `kmend_last_success_timestamp_seconds{${labels}} 1700000000.5`,
      `kmend_run_success{${labels}} 1`,
      `kmend_run_duration_seconds{${labels}} 1.5`,
      `kmend_run_segments{${labels},state="damaged"} 1`,
      `kmend_run_batches{${labels},outcome="skipped"} 2`,
      `kmend_run_size_bytes{${labels},outcome="intact"} 12000`,
      `kmend_run_records{${labels},outcome="salvaged"} 3`,
      `kmend_run_damages{${labels},reason="crc-mismatch",outcome="skipped"} 2`,
      `kmend_run_damages{${labels},reason="torn-tail",outcome="skipped"} 1`,
      `kmend_run_missing_offsets{${labels}} 10`,
      `kmend_run_errors{${labels}} 0`,
    ])
      expect(text.split('\n')).to.include(line)
    expect(text)
      .not.to.include('outcome="kept"} null')
      .and.not.to.match(/kmend_run_records.*outcome="kept"/)
    const unknown = reportOf([segmentOf({ skippedOffsetRanges: [rangeOf({ offsetCount: null })] })])
    const less = metricsText(run, unknown, '')
    expect(less).not.to.include('missing_offsets').and.not.to.include('kmend_run_damages')
  })

  it('keep the last success of the same job where a run fails', () => {
    const failed = metricsText({ ...run, endedAtMs: 1_800_000_000_000 }, null, text)
    expect(failed).to.include(`kmend_last_success_timestamp_seconds{${labels}} 1700000000.5\n`)
    expect(failed).to.include(`kmend_last_run_timestamp_seconds{${labels}} 1800000000\n`)
    expect(failed).to.include(`kmend_run_success{${labels}} 0\n`)
    const partly = metricsText(run, { ...report, errors: ['no'] }, failed)
    expect(partly).to.include('kmend_run_success{').and.to.include('1700000000.5')
    expect(metricsText({ ...run, paths: ['other'] }, null, text)).not.to.include('last_success')
  })

  it('pass promtool, where it is', function () {
    const { error, status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
      input: text,
      encoding: 'utf8',
    })
    if (error !== undefined) {
      console.error(
        'promtool is not there: the metrics are NOT linted (apt-get install prometheus)',
      )
      this.skip()
    }
    expect([status, stdout, stderr]).to.deep.equal([0, '', ''])
  })
})
