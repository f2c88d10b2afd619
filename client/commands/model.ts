/** `daybreak model` says what an ONNX file is, and whether it can be used. */
import { command, does } from './command.js'

export const modelCommand = command('model')
  .description('what a model is: inputs, outputs, classes, producer, repairs, whether and how it can be used')
  .argument('<file>', 'an ONNX file')
  .action(does(() => import('../actions/model.js').then(({ model }) => model)))
