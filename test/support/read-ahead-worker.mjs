/** The worker of recover/read-ahead.ts from its source: a thread does not inherit the loader that the tests run with. */
import { stopCoverage } from 'node:v8'
import { register } from 'tsx/esm/api'

// The loader compiles differently here; merged with the main thread's, the counts of both would mean nothing.
stopCoverage()
register()
await import('../../src/recover/read-ahead-worker.ts')
