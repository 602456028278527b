/** Zeros in front of a batch, which may reach into its first fields. */
import type { Window } from '../bytes/window.ts'
import { isZero } from './classify-bytes.ts'

/** More zeros than a batch may end with. */
const MANY_ZEROS = 16

/** Whether more zero bytes lie right before this position than a batch may end with. */
export const followsZeros = (window: Window, position: number): boolean =>
  position >= MANY_ZEROS && isZero(window, position - MANY_ZEROS, position)
