/** What a disk reads, writes and loses at once, in bytes: the smallest in use. Larger ones, and pages, are a multiple of it. */
export const SECTOR_BYTES = 512
