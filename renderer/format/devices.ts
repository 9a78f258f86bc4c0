const names: Record<string, string> = { cpu: 'CPU', webgpu: 'WebGPU', reference: 'the reference' }

/** A device as it is written for people. */
export const deviceName = (device: string): string => names[device] ?? device
