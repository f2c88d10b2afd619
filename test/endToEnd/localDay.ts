/** An installation for each test of a file, and its day run in a process of its own, without a server. Call at the top of a test file. */
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
