/** Why the offset that a whole batch says is not believed. */
export interface OffsetDoubt {
  /** `contradicted`: by the batch beside it. `zeroed`: its offset field is all that damage left of it. */
  readonly kind: 'contradicted' | 'zeroed'
  /** For people. */
  readonly words: string
}
