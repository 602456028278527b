/**
 * One value of a decoded index column. Entry numbers come from loops over the column itself;
 * beyond its ends there is 0, so that the first entry can be compared with "the one before it".
 */

export const int32At = (column: Int32Array, entry: number): number => column[entry] ?? 0

export const int64At = (column: BigInt64Array, entry: number): bigint => column[entry] ?? 0n
