/**
 * Keeps the ONNX runtime from reporting its use to its maker, and from keeping a database of it in the user's cache folder and a log in
 * /tmp: it looks at this variable when it is loaded. To be imported before the runtime, and by the thread that starts other threads: a
 * library does not see what a thread puts into its own environment.
 */
process.env.ORT_DISABLE_TELEMETRY = '1'
