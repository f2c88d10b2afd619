/** Each test of a file has an installation, and runs its day in a process of its own, without a server. */
import { afterEach, beforeEach } from 'vitest'
import { type CommandResult, DATE, Installation } from '../setup/installation.js'

export function localDay() {
  let installation: Installation

  beforeEach(async () => {
    installation = await Installation.make()
    await installation.define('notify: {}')
  })

  afterEach(() => installation.remove())

  return {
    here: () => installation,
    local: (...words: string[]): Promise<CommandResult> => installation.command('run', 'churn', '--local', '--date', DATE, ...words),
  }
}
