import type { Call, Party, Quality } from '../src/ims-phone.ts';
import { element, show, write } from './elements.ts';
import { durationWords } from './words.ts';

export interface CallView {
  /** Shows the call that is on, or the dialling field when there is none. */
  show(call: Call | undefined): void;
}

export interface CallViewOptions {
  readonly onChange: () => void;
  readonly onAlert: (words: string) => void;
}

const LOST = 'You may not hear the other side: the audio connection is lost.';

/** The part of the page that belongs to one call. */
export function createCallView({ onChange, onAlert }: CallViewOptions): CallView {
  const mute = element('mute', HTMLButtonElement);
  const digits = element('digits', HTMLElement);
  let current: Call | undefined;

  const listenTo = (call: Call): void => {
    call.on('phase', () => {
      onChange();
    });
    call.on('quality', showQuality);
    let isLost = false;
    call.on('media', (media) => {
      if (media === 'lost') onAlert(LOST);
      else if (isLost) onAlert('');
      isLost = media === 'lost';
    });
    call.on('error', ({ message }) => {
      onAlert(message);
    });
  };
  element('answer', HTMLButtonElement).onclick = () => current?.accept();
  element('decline', HTMLButtonElement).onclick = () => current?.decline();
  element('hang-up', HTMLButtonElement).onclick = () => current?.hangUp();
  mute.onclick = () => {
    current?.mute(!current.muted);
    mute.ariaPressed = String(current?.muted ?? false);
  };
  element('dial-pad', HTMLElement).onclick = ({ target }) => {
    const digit = target instanceof Element ? digitOf(target) : undefined;
    if (digit === undefined) return;
    if (!current) typeInto(element('target', HTMLInputElement), digit);
    else if (current.sendDtmf(digit)) {
      write(digits, digits.textContent + digit);
      show(digits, true);
    }
  };
  startClock(() => current);
  return {
    show(call) {
      if (call && call !== current) {
        listenTo(call);
        mute.ariaPressed = 'false';
        write(digits, '');
        show(digits, false);
        show(element('quality', HTMLElement), false);
        showParty(call.remote);
      }
      current = call;
      arrange(call);
    },
  };
}

/** What is not needed now is hidden; the focus follows what is. */
function arrange(call: Call | undefined): void {
  const phase = call?.phase;
  const isOn = call !== undefined;
  const isRinging = phase === 'incoming';
  show(element('dial-form', HTMLElement), !isOn);
  show(element('call', HTMLElement), isOn);
  show(element('dial-pad', HTMLElement), !isOn || phase === 'active');
  show(element('call-button', HTMLElement), !isOn);
  show(element('answer', HTMLElement), isRinging);
  show(element('decline', HTMLElement), isRinging);
  show(element('mute', HTMLElement), phase === 'active');
  show(element('hang-up', HTMLElement), isOn && !isRinging);
  if (phase !== 'active') {
    show(element('duration', HTMLElement), false);
    show(element('quality', HTMLElement), false);
  }
  const isLost =
    !document.activeElement?.checkVisibility() || document.activeElement === document.body;
  if (isRinging) element('answer', HTMLElement).focus();
  else if (isLost) element(isOn ? 'hang-up' : 'target', HTMLElement).focus();
}

function showParty({ uri, displayName = '' }: Party): void {
  const address = element('address', HTMLElement);
  write(element('party', HTMLElement), displayName === '' ? uri : displayName);
  write(address, uri);
  show(address, displayName !== '');
}

function showQuality({ words, roundTripMs, lossRatio }: Quality): void {
  const line = element('quality', HTMLElement);
  line.dataset['words'] = words;
  write(element('quality-words', HTMLElement), words);
  const loss = `${(lossRatio * 100).toFixed(lossRatio > 0 && lossRatio < 0.1 ? 1 : 0)} % lost`;
  write(
    element('quality-numbers', HTMLElement),
    `${String(Math.round(roundTripMs))} ms round trip · ${loss}`,
  );
  show(line, true);
}

function startClock(callNow: () => Call | undefined): void {
  const duration = element('duration', HTMLElement);
  let since: { readonly call: Call; readonly atMs: number } | undefined;
  setInterval(() => {
    const call = callNow();
    if (call?.phase !== 'active') return;
    if (since?.call !== call) since = { call, atMs: performance.now() };
    write(duration, durationWords(performance.now() - since.atMs));
    show(duration, true);
  }, 500);
}

const digitOf = (target: Element): string | undefined =>
  target.closest<HTMLElement>('[data-digit]')?.dataset['digit'];

function typeInto(field: HTMLInputElement, digit: string): void {
  const at = field.selectionStart ?? field.value.length;
  field.setRangeText(digit, at, field.selectionEnd ?? at, 'end');
}
