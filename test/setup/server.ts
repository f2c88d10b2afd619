/** Suites that talk to a Temporal server share the dev server of this test run. */
import { inject } from 'vitest'
import { DaybreakError } from '../../engine/protocol/errors.js'
import type { DevServer } from '../../worker/dev/devServer.js'
import type {} from './globalSetup.js'

/**
 * All suites share this server and its namespace: give workflows, schedules and task queues names of your own. `stop` does nothing.
 * @throws why there is no server: a suite that needs one fails then, it is never skipped
 */
export async function testServer(): Promise<Omit<DevServer, 'ended'>> {
  const temporal = inject('temporal')
  if ('problem' in temporal) throw DaybreakError.of(temporal.problem)
  return { address: temporal.address, namespace: 'default', stop: async () => {} }
}
