/** The part of the WebAssembly API that kmend uses; the libraries of the language leave it to those of browsers. */
declare namespace WebAssembly {
  function validate(bytes: Uint8Array): boolean
  class Memory {
    constructor(descriptor: { initial: number; maximum: number })
    readonly buffer: ArrayBuffer
  }
  class Module {
    constructor(bytes: Uint8Array)
  }
  class Instance {
    constructor(module: Module, imports: Record<string, Record<string, unknown>>)
    readonly exports: unknown
  }
}
