/** What `--version` prints and every report names. */
export const TOOL_VERSION = '0.1.0'
