/**
 * This process downloads the Temporal CLI by the SDK: `node downloadCliProcess.js <version> <folder>`. The SDK offers no download alone,
 * so the server that it starts is stopped again. A failure is one line on standard error.
 */
import { TestWorkflowEnvironment } from '@temporalio/testing'
import { messageOf } from '../../engine/protocol/systemErrors.js'

const [version, downloadDir] = process.argv.slice(2)
if (!version || !downloadDir) throw new Error('usage: downloadCliProcess.js <version> <folder>')
try {
  const server = { executable: { type: 'cached-download', version, downloadDir } } as const
  const environment = await TestWorkflowEnvironment.createLocal({ server })
  await environment.teardown()
} catch (error) {
  // Each layer repeats the address and adds its own reason; the innermost stands last.
  const reason = messageOf(error).split('): ').at(-1) ?? ''
  process.stderr.write(`${reason.replaceAll('\n', ' ')}\n`)
  process.exitCode = 1
}
