/**
 * The errors kmend throws. Damage in a file is not among them: that is data, see segment/events.ts.
 * Thrown is what the caller did wrong or what the machine could not do. Each has a literal `code`
 * to switch on and keeps the underlying error as `cause`.
 */

/** Base of every error that kmend throws on purpose; anything else that escapes is a bug. */
export abstract class KmendError extends Error {
  abstract readonly code: string
  override get name(): string {
    return this.constructor.name
  }
}

/** The caller asked for something that cannot be: an option out of range, a path that is not there. */
export class InvalidArgumentError extends KmendError {
  readonly code = 'INVALID_ARGUMENT'
}

/** The operating system refused to read or write. `cause` is its error; `path` is the file. */
export class SegmentIoError extends KmendError {
  readonly code = 'SEGMENT_IO'
  readonly path: string
  constructor(message: string, path: string, cause?: unknown) {
    super(message, { cause })
    this.path = path
  }
}

/** What the operating system says, in words before its code: `permission denied (EACCES)`. */
export function systemReason(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause)
  // Node puts its own call and the path behind it, which the message around this one has already.
  const [, code, words] = /^([A-Z][A-Z0-9]+): ([^,]+), [a-z]+/.exec(text) ?? []
  return words === undefined ? text : `${words} (${code})`
}

/** `what` completes "cannot …": `open`, `copy the mode and times to`. */
export const ioError = (what: string, path: string, cause: unknown): SegmentIoError =>
  new SegmentIoError(`cannot ${what} ${path}: ${systemReason(cause)}`, path, cause)

/** The output folder holds something that must not be overwritten, or lies where nothing may be written. */
export class OutputExistsError extends KmendError {
  readonly code = 'OUTPUT_EXISTS'
}

/** Everything in the output was written, but reading it back did not find it clean. */
export class OutputNotCleanError extends KmendError {
  readonly code = 'OUTPUT_NOT_CLEAN'
}
