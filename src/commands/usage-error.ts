/** Raised for words on the command line that mean nothing. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
