/** Walks 16-bit numbers in a process of its own, so that a test can end a walk that does not end. */
import { memorySource } from '../../src/bytes/byte-source.ts'
import { Window } from '../../src/bytes/window.ts'
import { walkProvenBatches } from '../../src/segment/walk.ts'

const numbers = Uint8Array.from({ length: 1024 * 1024 }, (_, index) => (index % 2) * 3)
let count = 0
for (const header of walkProvenBatches(new Window(memorySource(numbers))))
  if (header !== null) count++
process.stdout.write(String(count))
