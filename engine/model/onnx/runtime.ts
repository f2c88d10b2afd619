/** The ONNX runtime, as all of this room has it. */
import './noTelemetry.js'

import { InferenceSession } from 'onnxruntime-node'

export { InferenceSession, Tensor } from 'onnxruntime-node'

/** One thread and one order: the same bits on every machine of a kind. Threads are Daybreak's own. */
const SESSION_OPTIONS: InferenceSession.SessionOptions = {
  executionProviders: ['cpu'],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  logSeverityLevel: 4,
}

/** Opens a model: the path of its file, or its bytes. @throws what the runtime throws */
export async function openSession(model: string | Uint8Array): Promise<InferenceSession> {
  // It is declared for one and for the other, and takes both.
  return await InferenceSession.create(model as string, SESSION_OPTIONS)
}

/** Starts the runtime, 15 ms, while nobody waits: else the first model does. A model of no bytes is refused, but only then. */
export function startRuntime(): void {
  InferenceSession.create(new Uint8Array()).catch(() => undefined)
}
