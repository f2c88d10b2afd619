/**
 * Events: what became of an attempt after it was sealed, a line each. Every line carries the hash of the line before it, the first one
 * that of `attempt.json`, so that a line that was changed, taken out or put in shows.
 */
import { dirname, join } from 'node:path'
import { readIfThere, sha256, writeWhole } from '../files/fileSystem.js'
import { locked } from '../files/lock.js'
import type { AttemptRef } from '../protocol/documents/attempt.js'
import type { AttemptEvent } from '../protocol/documents/events.js'
import { FILES, layout } from './layout.js'

export async function appendEvent(home: string, ref: AttemptRef, event: AttemptEvent): Promise<void> {
  await appendEventTo(layout.events(home, ref), event)
}

/** Adds a line to a file of events. Read, add, replace, one writer at a time: a reader never sees half a line, and no line is lost. */
export async function appendEventTo(path: string, event: AttemptEvent): Promise<void> {
  await locked(path, async () => {
    const text = (await readIfThere(path)) ?? ''
    const { at, ...rest } = event
    const previous = await hashBefore(path, linesOf(text).at(-1))
    await writeWhole(path, `${text}${JSON.stringify({ at, previous, ...rest })}\n`)
  })
}

export async function readEvents(home: string, ref: AttemptRef): Promise<readonly AttemptEvent[]> {
  return await readEventsOf(layout.events(home, ref))
}

export async function readEventsOf(path: string): Promise<readonly AttemptEvent[]> {
  return linesOf((await readIfThere(path)) ?? '').map((line) => JSON.parse(line) as AttemptEvent)
}

/** Lists the numbers, from 1, of the lines whose hash of the line before is not right. */
export async function brokenLinks(path: string): Promise<readonly number[]> {
  const lines = linesOf((await readIfThere(path)) ?? '')
  const broken: number[] = []
  for (const [index, line] of lines.entries()) {
    if (previousOf(line) !== (await hashBefore(path, lines[index - 1]))) broken.push(index + 1)
  }
  return broken
}

function previousOf(line: string): unknown {
  try {
    return (JSON.parse(line) as AttemptEvent).previous
  } catch {
    return undefined
  }
}

/** Takes the hash that the next line carries: that of the last line, or of the record of the attempt, where there is one. */
async function hashBefore(path: string, last: string | undefined): Promise<string> {
  return sha256(last ?? (await readIfThere(join(dirname(path), FILES.attempt))) ?? '')
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '')
}
