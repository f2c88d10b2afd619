/** The ONNX runtime, as all of this room has it. */
import './noTelemetry.js'

export { InferenceSession, Tensor } from 'onnxruntime-node'
