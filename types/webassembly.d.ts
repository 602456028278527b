/** The part of the WebAssembly API that kmend uses; the libraries of the language leave it to those of browsers. */
declare namespace WebAssembly {
  function validate(bytes: Uint8Array): boolean
  class Memory {
    constructor(descriptor: { initial: number; maximum: number })
    readonly buffer: ArrayBuffer
  }
  // eslint-disable-next-line @typescript-eslint/no-extraneous-class -- the platform has it so
  class Module {
    constructor(bytes: Uint8Array)
  }
  class Instance {
    constructor(module: Module, imports: Record<string, Record<string, unknown>>)
    readonly exports: unknown
  }
}
