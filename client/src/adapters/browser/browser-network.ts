import type { Network } from '../../ports/network.ts';

/** Network Information API, which not every browser has. */
const information = (): EventTarget | undefined =>
  (navigator as { readonly connection?: EventTarget }).connection;

export const browserNetwork: Network = {
  watch(onChange) {
    const when = (): void => {
      if (navigator.onLine) onChange();
    };
    // It reports new estimates of the same network, too; only another kind of one is a change.
    let type = typeNow();
    const whenInformed = (): void => {
      if (typeNow() === type) return;
      type = typeNow();
      when();
    };
    window.addEventListener('online', when);
    information()?.addEventListener('change', whenInformed);
    return () => {
      window.removeEventListener('online', when);
      information()?.removeEventListener('change', whenInformed);
    };
  },
};

const typeNow = (): string | undefined =>
  (information() as { readonly type?: string } | undefined)?.type;
