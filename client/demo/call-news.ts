import type { Call } from '../src/ims-phone.ts';
import { element, show, write } from './elements.ts';

export interface CallNews {
  /** Of the call in front. */
  show(call: Call | undefined): void;
  follow(call: Call): void;
}

/** Long enough to read them, short enough that nobody takes them for new. */
const KEYS_SHOWN_MS = 4_000;

/** What comes from the other side: by whom it was sent here, and the keys it presses. */
export function createCallNews(): CallNews {
  const sender = element('referred-by', HTMLElement);
  const keys = element('keys-heard', HTMLElement);
  let pressed = '';
  let hiding: ReturnType<typeof setTimeout> | undefined;
  let current: Call | undefined;

  const showKeys = (now: string): void => {
    clearTimeout(hiding);
    pressed = now;
    write(keys, now === '' ? '' : `They pressed ${now}`);
    show(keys, now !== '');
  };
  return {
    follow(call) {
      call.on('digit', ({ digit }) => {
        if (call !== current) return;
        showKeys(pressed + digit);
        hiding = setTimeout(showKeys, KEYS_SHOWN_MS, '');
      });
    },
    show(call) {
      if (call !== current) showKeys('');
      current = call;
      const referredBy = call?.referredBy;
      write(sender, referredBy === undefined ? '' : `Transferred by ${referredBy}`);
      show(sender, referredBy !== undefined);
    },
  };
}
