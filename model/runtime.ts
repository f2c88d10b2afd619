/** The ONNX runtime, as all of this room has it. */
import './noTelemetry.js'

import { InferenceSession } from 'onnxruntime-node'

export { InferenceSession, Tensor } from 'onnxruntime-node'

/** Starts the runtime, 15 ms, while nobody waits: else the first model does. A model of no bytes is refused, but only then. */
export function startRuntime(): void {
  InferenceSession.create(new Uint8Array()).catch(() => undefined)
}
