/**
 * A process for the pool's tests, of which one thread is held by native code: it says what became of its task, and exits. Arguments: the
 * folder of the pipelines, what ends the wait (`silence` or `stop`), and the exit code.
 */
import { ScoringPool } from '../../../engine/batch/scoringPool.js'
import { loadPipeline } from '../../../engine/loader/loadPipeline.js'
import { asDaybreakError } from '../../../engine/protocol/errors.js'

const [pipelines = '', end, exitCode] = process.argv.slice(2)
const pool = new ScoringPool(1, {
  silentMs: end === 'silence' ? 1_500 : 60_000,
  graceMs: 300,
  onGivenUp: (why) => process.stdout.write(`given up: ${why}\n`),
})
const { compiled, modelFile, modelVersion, preprocessingFiles } = await loadPipeline(pipelines, 'small')
process.exitCode = Number(exitCode)
const trial = pool.try({ compiled, modelFile, modelVersion, preprocessingFiles })
if (end === 'stop') setTimeout(() => void pool.close(), 1_500)
await trial.catch((error: unknown) => process.stdout.write(`task: ${asDaybreakError(error).code}\n`))
await pool.close()
process.stdout.write('closed\n')
process.exit()
