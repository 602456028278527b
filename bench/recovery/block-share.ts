/** A share of the blocks, in a process of its own: `argv[2]` says which; each tally goes to the parent. */
import { runShare } from './block-jobs.ts'
import type { BlockShare } from './block-jobs.ts'

await runShare(JSON.parse(process.argv[2] ?? '') as BlockShare, (tally) => process.send?.(tally))
