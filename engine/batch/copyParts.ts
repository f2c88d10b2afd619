/** Parts into their place in the file of all of them. Their sizes are known, so that several threads can do it side by side. */
import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { DaybreakError } from '../protocol/errors.js'

/** Plain data: travels to threads. */
export interface CopyRequest {
  readonly target: string
  /** Of the first part in the target. */
  readonly offset: number
  readonly parts: readonly { readonly file: string; readonly bytes: number }[]
}

/** Used for all that a thread copies. */
let memory: Buffer | undefined
const CHUNK_BYTES = 1 << 19

/** Copies parts behind each other. @throws StorageDamaged when one is not as large as its summary says */
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
