import { systemCode } from '../protocol/systemErrors.js'

/** Is a process of this host alive? One that we may not signal is. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return systemCode(error) === 'EPERM'
  }
}
