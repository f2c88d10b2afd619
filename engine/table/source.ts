/** Opens the bytes of a table, which are in a file or in memory. Everything that reads records reads both by the same code. */
import { type FileHandle, open } from 'node:fs/promises'
import { DaybreakError } from '../protocol/errors.js'
import { systemErrorText } from '../protocol/systemErrors.js'

/** The path of a file, or bytes in memory, such as the body of a request. */
export type Source = string | MemorySource

export interface MemorySource {
  /** Name of the source in messages. */
  readonly name: string
  readonly bytes: Uint8Array
}

/** Name of a source in messages. */
export const nameOf = (source: Source): string => (typeof source === 'string' ? source : source.name)

/** A source that is open, until `close`. */
export interface OpenSource {
  /** Name of the source in messages. */
  readonly name: string
  /** Gives the number of all bytes. */
  size(): Promise<number>
  /**
   * Fills `target` from its place `from` to its end, with the bytes of the source from `position` on.
   * @throws InputChanged when the source ends before that; InputUnreadable
   */
  fill(target: Buffer, from: number, position: number): Promise<void>
  close(): Promise<void>
}

/** Opens a source. @param name name of the source in messages @throws InputUnreadable */
export async function openSource(source: Source, name = nameOf(source)): Promise<OpenSource> {
  return typeof source === 'string' ? await openFile(source, name) : openMemory(source.bytes, name)
}

async function openFile(path: string, name: string): Promise<OpenSource> {
  const handle = await open(path, 'r').catch((error: unknown) => {
    throw unreadable(name, error)
  })
  return {
    name,
    size: async () => (await handle.stat()).size,
    fill: (target, from, position) => fillFrom(name, handle, target, from, position),
    close: () => handle.close(),
  }
}

async function fillFrom(name: string, handle: FileHandle, target: Buffer, from: number, position: number): Promise<void> {
  for (let at = from; at < target.length; ) {
    const { bytesRead } = await handle.read(target, at, target.length - at, position + at - from).catch((error: unknown) => {
      throw unreadable(name, error)
    })
    if (bytesRead === 0) throw shorter(name)
    at += bytesRead
  }
}

function openMemory(bytes: Uint8Array, name: string): OpenSource {
  return {
    name,
    size: async () => bytes.length,
    fill: async (target, from, position) => {
      if (position + target.length - from > bytes.length) throw shorter(name)
      target.set(bytes.subarray(position, position + target.length - from), from)
    },
    close: async () => {},
  }
}

function shorter(name: string): DaybreakError {
  return new DaybreakError('InputChanged', `${name} became shorter while it was read`, { place: { file: name } })
}

function unreadable(name: string, error: unknown): DaybreakError {
  return new DaybreakError('InputUnreadable', `${name} cannot be read: ${systemErrorText(error)}`, { cause: error, place: { file: name } })
}
