/**
 * A module that is loaded into a worker before anything else. Every durable step of the product ends in a rename or a link: the module
 * writes down each of them, or kills the process just before or after one. Threads load it too.
 */

/** `TORTURE_LOG`: file to write the names to. `TORTURE_KILL`: `before|after <how often> <name below the home>`. */
export const KILLER = `
import fs, { appendFileSync, promises } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { relative } from 'node:path'
const { TORTURE_HOME: home, TORTURE_LOG: log, TORTURE_KILL: kill } = process.env
const [when, times, name] = kill?.split(' ') ?? []
const seen = new Map()
const moved = (moment, path) => {
  const below = relative(home, String(path))
  if (below.startsWith('..')) return
  if (moment === 'before') {
    seen.set(below, (seen.get(below) ?? 0) + 1)
    if (log) appendFileSync(log, below + '\\n')
  }
  if (moment === when && below === name && seen.get(below) === Number(times)) process.kill(process.pid, 'SIGKILL')
}
const { renameSync } = fs
fs.renameSync = (from, to) => (moved('before', to), renameSync(from, to), moved('after', to))
for (const call of ['rename', 'link']) {
  const original = promises[call]
  promises[call] = async (from, to) => (moved('before', to), await original(from, to), moved('after', to))
}
syncBuiltinESMExports()
`

/** A durable step: the n-th time that something gets a name. */
export interface Boundary {
  readonly when: 'before' | 'after'
  readonly times: number
  /** Relative to the home. */
  readonly name: string
}

/** Both sides of every durable step of a run, from what the killer wrote down. */
export function boundariesOf(log: string): readonly Boundary[] {
  const seen = new Map<string, number>()
  return log
    .split('\n')
    .filter((name) => name !== '')
    .flatMap((name) => {
      const times = (seen.get(name) ?? 0) + 1
      seen.set(name, times)
      return [{ when: 'before', times, name } as const, { when: 'after', times, name } as const]
    })
}
