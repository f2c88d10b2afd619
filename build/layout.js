/** Where things lie: the one place from which the build takes its paths. What is moved is moved here too, or the build fails by name. */
import { fileURLToPath } from 'node:url'

/** The root of the repository, and what is compiled of it. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url))
export const DIST = fileURLToPath(new URL('../dist', import.meta.url))

/** What a process or a thread starts from, by the name that its bundle gets in `dist/bin`. Below `dist`. */
export const ENTRIES = { daybreak: 'client/main.js', thread: 'scoring/thread.js' }

/** Folders that AssemblyScript compiles, each to a `.wasm` beside it. */
export const KERNELS = ['table/kernel', 'model/kernel']

/** The only place that loads the ONNX runtime: a library with machine code stays outside every bundle. */
export const RUNTIME = 'model/runtime.js'

/** Whatever these need decides what a prediction, a result or a verdict is: the code fingerprint covers it. Below `dist`. */
export const SCORING = [
  ENTRIES.thread,
  'table/prepareInput.js',
  'table/records.js',
  'scoring/assemble.js',
  'scoring/checkContract.js',
  'quality/anomalies.js',
  'quality/contract.js',
  'quality/metrics.js',
  'quality/resultChecks.js',
]
