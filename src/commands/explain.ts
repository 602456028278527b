/** `kmend explain`: one batch, or one damaged place, on one screen. */
import { openFileSource } from '../bytes/file-source.ts'
import { Window } from '../bytes/window.ts'
import { defaultCodecs } from '../codec/default-codecs.ts'
import { pathKind } from '../bytes/file-directory.ts'
import { resolveDumpFiles } from '../dump/dump-file.ts'
import type { DumpFile } from '../dump/dump-file.ts'
import { computedCrc, explainHeader, hexDump } from '../dump/explain-header.ts'
import type { Found, Target } from '../dump/find-batch.ts'
import { findBatch } from '../dump/find-batch.ts'
import { recordDigest } from '../dump/record-digest.ts'
import { InvalidArgumentError } from '../errors.ts'
import { checkpointFor, resolveOptions } from '../recover/options.ts'
import { toJson } from '../recover/report-json.ts'
import type { DecodeResult } from '../segment/decode-batch.ts'
import { decodeBatch } from '../segment/decode-batch.ts'
import type { BatchHeader } from '../segment/record-batch.ts'
import type { CommonArguments, Terminal } from './common.ts'
import { parseSize } from './common.ts'
import type { Explanation } from './explain-text.ts'
import { renderExplanation } from './explain-text.ts'
import { judge } from './explain-verdict.ts'

export interface ExplainArguments extends CommonArguments {
  readonly position?: string | undefined
  readonly offset?: string | undefined
  readonly maxFalseMatch?: number | undefined
  readonly repairEffort?: number | undefined
}

const WHOLE_NUMBER = /^\d{1,19}$/

function targetOf({ position, offset }: ExplainArguments): Target {
  const given = position ?? offset
  if (given === undefined || (position !== undefined && offset !== undefined))
    throw new InvalidArgumentError('explain needs either --position N or --offset N')
  if (!WHOLE_NUMBER.test(given))
    throw new InvalidArgumentError(
      `--${position === undefined ? 'offset' : 'position'} wants a whole number from 0 on, not ${given}`,
    )
  return position === undefined ? { offset: BigInt(given) } : { position: Number(given) }
}

/** The one log file to look into. */
function fileOf(paths: readonly string[]): DumpFile {
  const [path = ''] = paths
  if (paths.length !== 1) throw new InvalidArgumentError('explain looks into one file at a time')
  if (pathKind(path) === 'directory')
    throw new InvalidArgumentError(`${path} is a directory; explain looks into one .log file`)
  const file = resolveDumpFiles(path)[0]
  if (file === undefined || (file.kind !== 'log' && file.kind !== 'kraft-snapshot'))
    throw new InvalidArgumentError(`${path} is no log`)
  return file
}

/** Returns the exit code. */
export async function explain(args: ExplainArguments, terminal: Terminal): Promise<number> {
  const target = targetOf(args)
  const file = fileOf(args.paths)
  const maxDecompressedBytes = parseSize(args.maxDecompressed)
  const { maxFalseMatch, repairEffort } = args
  const settings = resolveOptions(
    {
      signal: terminal.signal,
      maxDecompressedBytes,
      ...(maxFalseMatch === undefined ? {} : { maxFalseMatch }),
      ...(repairEffort === undefined ? {} : { repairEffort }),
    },
    true,
  )
  const checkpoint = checkpointFor(settings, file.path, 0)
  const source = openFileSource(file.path)
  const window = new Window(source)
  try {
    const found = await find(window, file, target, checkpoint)
    const decode = (header: BatchHeader): DecodeResult =>
      decodeBatch(window.copy(header.position, header.sizeInBytes), header, {
        codecs: defaultCodecs,
        maxDecompressedBytes,
      })
    const explanation = assemble(window, file.path, found, decode)
    const verdict =
      file.kind === 'log' && (explanation.reason !== null || !joins(found, file.baseOffset))
        ? await judge(window, file.path, explanation.position, settings)
        : null
    terminal.stdout.write(
      args.json
        ? `${toJson({ ...explanation, verdict }, 2)}\n`
        : renderExplanation(explanation, verdict),
    )
    return 0
  } finally {
    window.release()
    source.close()
  }
}

/** A batch whose CRC holds can stand in the wrong place: where its offset is not the next one, the whole log is asked. */
function joins({ item, offsetBefore }: Found, segmentBaseOffset: bigint | null): boolean {
  const before = offsetBefore ?? (segmentBaseOffset === null ? null : segmentBaseOffset - 1n)
  return (
    item.type !== 'batch' ||
    !item.header.baseOffsetKnown ||
    before === null ||
    item.header.baseOffset === before + 1n
  )
}

async function find(
  window: Window,
  file: DumpFile,
  target: Target,
  checkpoint: (position: number) => Promise<void>,
): Promise<Found> {
  const search = findBatch(window, file.kind === 'log' ? file.baseOffset : null, target)
  for (;;) {
    const next = search.next()
    if (next.done !== true) await checkpoint(0)
    else if (next.value !== null) return next.value
    else {
      const what = 'position' in target ? `position ${target.position}` : `offset ${target.offset}`
      throw new InvalidArgumentError(`${file.path}: there is no ${what} in it`)
    }
  }
}

const DUMPED_BYTES = 256
/** Damaged bytes are decoded only up to this size: what they claim must not cost memory. */
const LARGEST_TRIED_BYTES = 64 * 1024 * 1024
const FIRST_RECORDS = 12
const LAST_RECORDS = 3

function inShort(lines: readonly string[]): string[] {
  const left = lines.length - FIRST_RECORDS - LAST_RECORDS
  return left <= 0
    ? [...lines]
    : [...lines.slice(0, FIRST_RECORDS), `… ${left} more …`, ...lines.slice(-LAST_RECORDS)]
}

function assemble(
  window: Window,
  source: string,
  { item, offsetBefore }: Found,
  decode: (header: BatchHeader) => DecodeResult,
): Explanation {
  const header = item.type === 'batch' ? item.header : item.claim
  const { position, sizeInBytes } = item.type === 'batch' ? item.header : item
  const computed = header === null ? null : computedCrc(window, header)
  const isTried = item.type === 'batch' || sizeInBytes <= LARGEST_TRIED_BYTES
  const decoded = header === null || computed === null || !isTried ? null : decode(header)
  const failure = decoded?.ok === false ? decoded : null
  const damage = item.type === 'damage' ? item : failure
  const records = decoded?.ok === true && header !== null ? decoded.records : []
  return {
    source,
    position,
    sizeInBytes,
    reason: damage?.reason ?? null,
    message: damage?.message ?? null,
    offsetBefore,
    offsetAfter: item.type === 'damage' ? item.offsetAfter : null,
    fields: header === null ? [] : explainHeader(header, { window, offsetBefore }),
    storedCrc: header?.crc ?? null,
    computedCrc: computed,
    hexDump:
      item.type === 'batch'
        ? []
        : hexDump(window.copy(position, Math.min(sizeInBytes, DUMPED_BYTES)), position),
    records: header === null ? [] : inShort(records.map((record) => recordDigest(record, header))),
    recordsAreVerified: item.type === 'batch',
  }
}
