/** Reads errors of the operating system and of libraries: their codes, and words for them that a reader understands. */

/** Gives the code of an error of the operating system, such as `ENOENT`. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}

/** Does it say that nothing is there under a path? */
export function saysAbsent(error: unknown): boolean {
  const code = systemCode(error)
  return code === 'ENOENT' || code === 'ENOTDIR'
}

/** Gives the words of a thrown value. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const SYSTEM_CODES: Readonly<Record<string, string>> = {
  ENOSPC: 'no space left on the device',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'permission denied',
  EPERM: 'the operation is not permitted',
  EROFS: 'the file system is read-only',
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of the path is no folder',
  EEXIST: 'a file is in the way of a folder',
  EISDIR: 'it is a folder',
  EMFILE: 'too many open files',
  EADDRINUSE: 'something listens there already',
}

/** Gives words for an error of the operating system, or its own message when its code is unknown. */
export function systemErrorText(error: unknown): string {
  return SYSTEM_CODES[systemCode(error) ?? ''] ?? messageOf(error)
}
