/** The ONNX runtime, as all of this room has it. */
import './noTelemetry.js'

import { createRequire } from 'node:module'
import { DaybreakError } from '../../protocol/errors.js'
import { messageOf } from '../../protocol/systemErrors.js'

// The runtime is no ES module, and registers itself with this very copy of it.
import common = require('onnxruntime-common')

export import InferenceSession = common.InferenceSession
export import Tensor = common.Tensor

/** The build puts the runtime there. Its package.json says which version it is: the code fingerprint covers the file that is named here. */
const load = createRequire(new URL('../../../onnxruntime/package.json', import.meta.url))

/** One thread and one order: the same bits on every machine of a kind. Threads are Daybreak's own. */
const SESSION_OPTIONS: InferenceSession.SessionOptions = {
  executionProviders: ['cpu'],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  logSeverityLevel: 4,
}

/** Opens a model: the path of its file, or its bytes. @throws RuntimeUnusable, or what the runtime throws */
export async function openSession(model: string | Uint8Array): Promise<InferenceSession> {
  loadMachineCode()
  // It is declared for one and for the other, and takes both.
  return await InferenceSession.create(model as string, SESSION_OPTIONS)
}

/** Starts the runtime, 15 ms, while nobody waits: else the first model does. A model of no bytes is refused, but only then. */
export function startRuntime(): void {
  openSession(new Uint8Array()).catch(() => undefined)
}

/** Once it is loaded, it is what opens sessions. */
function loadMachineCode(): void {
  try {
    load('./dist/index.js')
  } catch (cause) {
    throw new DaybreakError('RuntimeUnusable', `The ONNX runtime cannot be loaded on ${process.platform} ${process.arch}`, {
      details: [messageOf(cause)],
      cause,
    })
  }
}
