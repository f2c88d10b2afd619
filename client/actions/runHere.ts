/** A date is run in this process, without a server. Each part is loaded when it is needed, because most of a short run is its start. */
import { statSync } from 'node:fs'
import { ScoringPool } from '../../engine/batch/scoringPool.js'
import type { Settings } from '../../engine/loader/settings.js'
import type { DayRequest, DayResult } from '../../engine/protocol/steps.js'
import { onInterrupt } from '../terminal/interrupt.js'
import { makeProgress } from '../terminal/progress.js'

export async function runHere(request: DayRequest, settings: Settings): Promise<DayResult> {
  const progress = makeProgress(process.stderr)
  const stop = new AbortController()
  const release = onInterrupt(() => stop.abort())
  try {
    // While the rest is loaded, scoring threads load the ONNX runtime, and the bundler looks at the definition: what it finds wrong is
    // told when the day opens.
    const pool = new ScoringPool(settings.threads)
    pool.warm(request.input === undefined ? 0 : statSync(request.input, { throwIfNoEntry: false })?.size)
    const { loadPipeline } = await import('../../engine/loader/loadPipeline.js')
    void loadPipeline(settings.pipelines, request.pipeline).catch(() => undefined)
    const { runLocally } = await import('../../worker/localRun.js')
    return await runLocally(request, { settings, pool, signal: stop.signal, onProgress: (step) => progress.show(step) })
  } finally {
    release()
    progress.end()
  }
}
