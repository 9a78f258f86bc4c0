// The part of the engine's WebAssembly interface used here: TypeScript declares it only along with all of the DOM.
export interface Memory {
  readonly buffer: SharedArrayBuffer
  grow(pages: number): number
}
export interface Module {
  readonly [Symbol.toStringTag]: string
}
interface Api {
  Memory: new (descriptor: { initial: number; maximum: number; shared: true }) => Memory
  Instance: new (module: Module, imports: { env: { memory: Memory } }) => { readonly exports: Record<string, unknown> }
  compile(bytes: Uint8Array): Promise<Module>
  validate(bytes: Uint8Array): boolean
}
export const { Memory, Instance, compile, validate } = (globalThis as unknown as { WebAssembly: Api }).WebAssembly
