/** The worker of recover/decode-ahead.ts from its source: a thread does not inherit the loader that the tests run with. */
import { register } from 'tsx/esm/api'

register()
await import('../../src/recover/decode-worker.ts')
