import { inject, provide, type InjectionKey } from 'vue'

const chooserKey: InjectionKey<() => void> = Symbol('file chooser')

/** The one file field lives in the frame; any screen may open it. */
export const provideFileChooser = (choose: () => void): void => provide(chooserKey, choose)
export const useFileChooser = (): (() => void) => inject(chooserKey, () => {})
