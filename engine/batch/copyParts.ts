/** Copies parts into their places in the assembled file. Their sizes are known, so several threads can do it side by side. */
import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { DaybreakError } from '../protocol/errors.js'

/** What to copy. It is sent to threads, so it is data alone. */
export interface CopyRequest {
  /** The assembled file, which must be there already. */
  readonly target: string
  /** Byte of the target at which the first part begins. */
  readonly offset: number
  /** Files that follow each other in the target, with the sizes that their summaries say. */
  readonly parts: readonly { readonly file: string; readonly bytes: number }[]
}

/** A thread uses the same memory for all that it copies. */
let memory: Buffer | undefined
const CHUNK_BYTES = 1 << 19

/** Copies parts one behind the other. @throws StorageDamaged when one has not the size that its summary says */
export function copyParts({ target, offset, parts }: CopyRequest): void {
  memory ??= Buffer.allocUnsafe(CHUNK_BYTES)
  const chunk = memory
  const into = openSync(target, 'r+')
  try {
    let at = offset
    for (const { file, bytes } of parts) {
      const from = openSync(file, 'r')
      try {
        const end = at + bytes
        for (let read = readSync(from, chunk); read > 0; read = readSync(from, chunk)) {
          if (at + read > end) throw damaged(file, bytes)
          for (let written = 0; written < read; ) written += writeSync(into, chunk, written, read - written, at + written)
          at += read
        }
        if (at !== end) throw damaged(file, bytes)
      } finally {
        closeSync(from)
      }
    }
  } finally {
    closeSync(into)
  }
}

const damaged = (file: string, bytes: number) =>
  new DaybreakError('StorageDamaged', `${file} has not the ${bytes} bytes that were written to it`, { place: { file } })
