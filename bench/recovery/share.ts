/** One job of several: runs its share of the cases and sends each verdict home. */
import { runShare } from './run-cases.ts'
import type { RunOptions } from './run-cases.ts'

const { options, share } = JSON.parse(process.argv[2]!) as { options: RunOptions; share: number }
await runShare(options, share, (verdict) => {
  process.send?.(verdict)
})
process.disconnect()
