/**
 * `daybreak dev` keeps the dev server's database between two starts, in `<home>/.dev`, and beside it who uses it now: two servers on one
 * database would disturb each other.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isAlive } from '../../engine/files/alive.js'
import { jsonText, readJsonIfThere, writeWhole } from '../../engine/files/fileSystem.js'
import { DaybreakError } from '../../engine/protocol/errors.js'
import { listens } from './listens.js'

export interface DevState {
  /** The database file; its folder is there. */
  readonly dbFile: string
  release(): Promise<void>
}

interface User {
  readonly pid: number
  /** Host and port of its server. */
  readonly address: string
}

/** Takes the state of a home for the server that will stand at `address`. @throws UsageInvalid when another `dev` has it */
export async function claimDevState(home: string, address: string): Promise<DevState> {
  const folder = join(home, '.dev')
  const record = join(folder, 'dev.json')
  const other = await readJsonIfThere<User>(record)
  // A killed `dev` leaves its record behind, and its number may be another process's by now: so who listens is asked too.
  if (other && isAlive(other.pid) && (await listens(other.address))) {
    throw new DaybreakError('UsageInvalid', `daybreak dev runs already for ${home}: process ${other.pid}, server ${other.address}`, {
      next: 'Use that one, stop it first, or give this one a home of its own with --home.',
    })
  }
  await writeWhole(record, jsonText({ pid: process.pid, address } satisfies User))
  return { dbFile: join(folder, 'temporal.db'), release: () => rm(record, { force: true }) }
}
