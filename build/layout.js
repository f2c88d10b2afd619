/** Says where things lie: the build takes its paths from here alone. What moves must be moved here too, or the build fails and names it. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The root of the repository, and the folder of what is compiled. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url))
export const DIST = fileURLToPath(new URL('../dist', import.meta.url))

/** Folders that TypeScript compiles, as tsconfig.json has them. */
export const SOURCES = JSON.parse(readFileSync(new URL('../tsconfig.json', import.meta.url), 'utf8')).include

/** Files below `dist` that a process or a thread starts from, by the name that each has in `dist/bin`. */
export const ENTRIES = {
  daybreak: 'client/main.js',
  thread: 'engine/batch/scoringThread.js',
  trial: 'engine/batch/trialProcess.js',
  trialThread: 'engine/batch/trialThread.js',
}

/** Folders that AssemblyScript compiles, each to a `.wasm` beside it. */
export const KERNELS = ['engine/table/fast/kernel', 'engine/model/trees/kernel']

/** The ONNX runtime, as it ships, below `dist`. One module loads it: `engine/model/onnx/runtime.ts`. */
export const RUNTIME = 'onnxruntime'

/** Files below `dist` that decide, with all they import, what a prediction, a result or a verdict is. The code fingerprint covers them. */
export const SCORING = [
  ENTRIES.thread,
  'engine/input/prepareInput.js',
  'engine/input/headerPlace.js',
  'engine/input/inputFiles.js',
  'engine/input/replaceRecords.js',
  'engine/batch/planPartitions.js',
  'engine/batch/trialThread.js',
  'engine/scoring/scoreRecords.js',
  'engine/batch/assemble.js',
  'engine/batch/checkContract.js',
  'engine/quality/anomalies.js',
  'engine/quality/contract.js',
  'engine/quality/metrics.js',
  'engine/quality/resultChecks.js',
]
